"""The life of a volume with Cinder's own driver on other arrays and behind other Unispheres."""

import pytest

from pmax.simulator.fixtures import HYBRID_ARRAY, LOCAL_ARRAY, V4_ARRAY
from tests.judges.hosts import connector_of
from tests.judges.upstream import UPSTREAM

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.mark.parametrize("protocol", UPSTREAM)
@pytest.mark.parametrize(
    ("version", "array", "path_version"),
    [
        ("V9.2.0.0", LOCAL_ARRAY, "92"),
        ("V9.2.0.0", HYBRID_ARRAY, "92"),
        ("V10.0.0.0", V4_ARRAY, "100"),
        ("V10.4.0.0", V4_ARRAY, "100"),
        ("V10.4.0.0", LOCAL_ARRAY, "100"),
    ],
)
def test_life(make_bench, protocol, version, array, path_version):
    """A volume lives and goes on each family of arrays, and the driver speaks the path version that it knows."""
    bench = make_bench(unisphere_version=version, fixture="families")
    backend = bench.start(UPSTREAM[protocol], protocol, array=array)
    workload = "OLTP" if array == HYBRID_ARRAY else "NONE"
    kind = backend.volume_type(pool=backend.pool("Diamond", workload))
    node = connector_of(protocol)
    volume, stays = backend.create(kind), backend.create(kind)
    assert list(backend.array.storage_groups) == [f"OS-SRP_1-Diamond-{workload}-SG"]
    backend.array.write(backend.device_of(volume).volume_id, "data")
    backend.attach(volume, node)
    assert len(backend.array.masking_views) == 1
    backend.detach(volume, node)
    clone = backend.clone(volume)
    assert backend.array.read(backend.device_of(clone).volume_id) == "data"
    for each in (clone, volume, stays):
        backend.delete(each)
    assert not {**backend.array.storage_groups, **backend.array.hosts, **backend.array.masking_views}
    left = [each for each in backend.array.volumes.values() if not each.is_gatekeeper]
    # On old code the driver does not delete devices: it leaves them free and without a name.
    assert [each.identifier for each in left] == ([None] * 3 if array == HYBRID_ARRAY else [])
    versions = {call.path.removeprefix("/univmax/restapi/").split("/")[0] for call in bench.simulator.requests}
    assert versions == {"version", path_version, "private"}
