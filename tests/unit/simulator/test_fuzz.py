"""Whatever arrives, the answer is proper, and a refused request changes nothing."""

import json
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pmax.simulator.routes import ROUTES

EXAMPLES = int(os.environ.get("PMAX_FUZZ_EXAMPLES", "25"))
"""A longer run is a matter of the environment."""

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**6),
    st.floats(),
    st.sampled_from(
        ["g", "h1", "mv", "00003", "SRP_1", "GB", "1", "-1", "NaN", "None", "Gold", "ASYNCHRONOUS", "true"]
    ),
    st.text(max_size=5),
)
NAMES = st.sampled_from(
    [
        "storageGroupId",
        "srpId",
        "sloBasedStorageGroupParam",
        "sloId",
        "volumeAttributes",
        "num_of_vols",
        "volume_size",
        "capacityUnit",
        "volumeIdentifier",
        "identifier_name",
        "executionOption",
        "editStorageGroupActionParam",
        "expandStorageGroupParam",
        "addVolumeParam",
        "addSpecificVolumeParam",
        "removeVolumeParam",
        "moveVolumeToStorageGroupParam",
        "volumeId",
        "hostId",
        "initiatorId",
        "editHostActionParam",
        "removeInitiatorParam",
        "initiator",
        "maskingViewId",
        "portGroupId",
        "symmetrixPortKey",
        "directorId",
        "portId",
        "editVolumeActionParam",
        "expandVolumeParam",
        "volumeAttribute",
        "force",
        "surprise",
    ]
)
BODIES = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
        max_leaves=8,
    ),
    max_size=4,
)
PARTS = st.sampled_from(
    ["g", "h1", "mv", "OS-fibre-PG", "00003", "FA-1D", "4", "Gold", "SRP_1", "x", "%2e", "a b", "é"]
)
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(
            ["volume_identifier", "storageGroupId", "cap_gb", "cap_gb>1", "wwn", "from", "to", "tdev", "x"]
        ),
        st.one_of(st.sampled_from(["g", "<like>", "<like>g", ">1", "<", "1", "true", ""]), st.text(max_size=4)),
    ),
    max_size=3,
)
EDITS = {
    "storagegroup": "editStorageGroupActionParam",
    "volume": "editVolumeActionParam",
    "host": "editHostActionParam",
    "hostgroup": "editHostGroupActionParam",
    "portgroup": "editPortGroupActionParam",
    "maskingview": "editMaskingViewActionParam",
    "initiator": "editInitiatorActionParam",
}
ACTIONS = st.sampled_from(
    [
        "expandStorageGroupParam",
        "removeVolumeParam",
        "moveVolumeToStorageGroupParam",
        "removeStorageGroupParam",
        "setHostIOLimitsParam",
        "editStorageGroupSRPParam",
        "editStorageGroupSLOParam",
        "editStorageGroupWorkloadParam",
        "editCompressionParam",
        "renameStorageGroupParam",
        "tagManagementParam",
        "mergeStorageGroupParam",
        "splitStorageGroupVolumesParam",
        "expandVolumeParam",
        "modifyVolumeIdentifierParam",
        "freeVolumeParam",
        "addInitiatorParam",
        "removeInitiatorParam",
        "renameHostParam",
        "setHostFlagsParam",
        "addHostParam",
        "addPortParam",
        "removePortParam",
        "renameMaskingViewParam",
        "replaceInitiatorParam",
        "removeMaskingEntry",
    ]
)
GOOD = {200, 201, 202, 204}
REFUSED = {400, 401, 403, 404, 405, 409, 413, 429, 500, 501}


@st.composite
def requests_to(draw):
    """A verb, a path of the route table with its parts filled in, a query and a body."""
    route = draw(st.sampled_from(ROUTES))
    segments = []
    for segment in route.path.split("/"):
        fixed = {"{version}": draw(st.sampled_from(["92", "90", "83", "99", "100"])), "{symmetrix_id}": "000197900999"}
        segments.append(fixed.get(segment) or (draw(PARTS) if segment.startswith("{") else segment))
    body = draw(BODIES)
    if route.verb == "PUT":
        root = EDITS.get(segments[-2], "editSloActionParam")
        body = {root: {draw(ACTIONS): body}, **draw(st.sampled_from([{}, {"executionOption": "ASYNCHRONOUS"}]))}
    return route.verb, "/".join(segments), tuple(draw(QUERIES)), body


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(requests=st.lists(requests_to(), max_size=4))
def test_any_request_is_answered(make_client, requests):
    """Any request gets a proper answer; if it is refused, nothing has changed (`raw` fails on a defect)."""
    client = make_client()
    client.masked("g", volumes=2)
    for verb, path, query, body in requests:
        before = client.picture()
        response = client.raw(verb, path, json.dumps(body).encode(), query=query)
        assert response.status in GOOD | REFUSED
        assert bool(response.body) is (response.status != 204)
        if response.body:
            assert isinstance(json.loads(response.body), dict)
        if response.status in REFUSED or verb == "GET":
            assert client.picture() == before


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(max_size=30), verb=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "X"]), body=st.binary())
def test_any_bytes_are_answered(make_client, path, verb, body):
    """Any path and any bytes get an answer, and never a traceback."""
    client = make_client()
    for prefix in ("/", "/univmax/restapi/92/sloprovisioning/symmetrix/000197900999/"):
        assert client.raw(verb, prefix + path, body).status in GOOD | REFUSED
