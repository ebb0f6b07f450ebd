"""Rules of the audit, on values."""

import attrs
import pytest

from pmax.domain.audit import RULES, rule_of
from pmax.domain.capacity import Capacity
from pmax.domain.errors import InUse, InvalidRequest
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import DirectorPort, InitiatorGroup, MaskingView, PortGroup, PortKey
from pmax.domain.plans import Plan
from pmax.domain.qos import HostIoLimits
from pmax.domain.repairs import plan_group_removal, plan_host_removal, plan_limits_removal, plan_view_removal
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.survey import ArraySurvey, SurveyedPair, SurveyedSnapshot, SurveyedVolume
from pmax.domain.volumes import Volume

ARRAY = ArrayId("000197900999")
UUID = "5d0c7e12-93ab-4f6e-8c21-7b44e0a9d153"
PORT = PortKey("FA-1D", "4")
MANAGED = "OS-23_24_070-Asynchronous-rdf-sg"
OTHER = ("000197900998", "00231")


def volume(device: str = "00001", identifier: str | None = None, *groups: str, **changes: object) -> SurveyedVolume:
    """A volume of 1 GiB as a survey sees it; changes are those of the survey or of the volume itself."""
    surveyed = {field.name for field in attrs.fields(SurveyedVolume)} & changes.keys()
    own = {name: value for name, value in changes.items() if name not in surveyed}
    inner = Volume(
        array_id=ARRAY,
        device_id=DeviceId(device),
        identifier=identifier,
        capacity=Capacity.from_gib(1),
        storage_groups=groups,
        **own,
    )
    return SurveyedVolume(volume=inner, **{name: changes[name] for name in surveyed})


def groups(*found: StorageGroup) -> dict[str, StorageGroup]:
    """Details of storage groups by name."""
    return {group.name: group for group in found}


def group(name: str, **changes: object) -> StorageGroup:
    """An empty storage group that stands alone."""
    return StorageGroup(array_id=ARRAY, name=name, **changes)


def host(name: str, *initiators: str, **changes: object) -> InitiatorGroup:
    """An initiator group that nothing uses."""
    return InitiatorGroup(array_id=ARRAY, name=name, initiators=frozenset(initiators), **changes)


def snapshot(**changes: object) -> SurveyedSnapshot:
    """A snapshot through which volume 00001 was cloned."""
    return attrs.evolve(SurveyedSnapshot(name="temp-00001-snapshot_for_clone", generation=0, snap_id=7), **changes)


def pair(state: str, mode: str = "Synchronous") -> SurveyedPair:
    """A pair of RDF group 70."""
    return SurveyedPair(rdf_group=70, remote_array="000197900998", remote_device="00231", state=state, mode=mode)


LIMITS = HostIoLimits(4000, None)
ONE = {"volumes": (volume("00001", f"OS-{UUID}", "gold"),)}

#: A volume that is paired, and in the storage group of its RDF group.
PAIRED = volume("00001", None, MANAGED, pairs=(pair("Active"),))

CASES = [
    ("VOL01", {**ONE, "known_identifiers": frozenset()}, ["00001"]),
    ("VOL01", {**ONE, "known_identifiers": frozenset({f"OS-{UUID}"})}, []),
    ("VOL01", {**ONE, "known_identifiers": None}, []),
    ("VOL01", {"volumes": (volume("00001", "OS-by-hand", "gold"),), "known_identifiers": frozenset()}, []),
    ("VOL02", {"volumes": (volume("00001", "OS-a", "g"), volume("00002", "OS-a", "g"))}, ["00001", "00002"]),
    ("VOL02", {"volumes": (volume("00001", "OS-a", "g"), volume("00002", "OS-A", "g"))}, []),
    ("VOL02", {"volumes": (volume("00001", None, "g"), volume("00002", None, "g"))}, []),
    ("VOL02", {"volumes": (volume("00001", "data", "g"), volume("00002", "data", "g"))}, []),
    ("VOL03", {"volumes": (volume("00001"),)}, ["00001"]),
    ("VOL03", {"volumes": (volume("00001", None, "gold"),)}, []),
    ("VOL03", {"volumes": (volume("00001", is_system_resource=True),)}, []),
    ("VOL03", {"volumes": (volume("00001", is_snapshot_target=True),)}, []),
    ("VOL03", {"volumes": (volume("00001", pairs=(pair("Synchronized"),)),)}, []),
    (
        "VOL04",
        {
            "volumes": (volume("00001", None, "a", "b"), volume("00002", None, "a", "c")),
            "storage_groups": groups(
                group("a", service_level="Gold"), group("b", service_level="Gold"), group("c", volume_count=1)
            ),
        },
        ["00001"],
    ),
    ("GRP01", {"storage_groups": groups(group("OS-child", parents=("OS-parent",)))}, ["OS-child"]),
    ("GRP01", {"storage_groups": groups(group("OS-child", parents=("p",), volume_count=1), group("alone"))}, []),
    (
        "GRP01",
        {
            "storage_groups": groups(
                group("OS-c", parents=("OS-p",), masking_views=("OS-v",)),
                group("OS-p", children=("OS-c",), masking_views=("OS-v",)),
            )
        },
        [],
    ),
    ("GRP02", {"storage_groups": groups(group("alone"))}, ["alone"]),
    (
        "GRP02",
        {
            "storage_groups": groups(
                group("a", children=("b",)), group("b", parents=("a",)), group("c", masking_views=("v",))
            )
        },
        [],
    ),
    ("GRP03", {"volumes": tuple(volume(f"{number:05X}", None, "big") for number in range(3277))}, ["big"]),
    ("GRP03", {"volumes": tuple(volume(f"{number:05X}", None, "big") for number in range(3276))}, []),
    ("GRP03", {"storage_groups": groups(group("parent", volume_count=4000, children=("a", "b")))}, ["parent"]),
    (
        "GRP04",
        {"storage_groups": groups(group("d", limits=LIMITS)), "default_storage_groups": frozenset({"d", "e"})},
        ["d"],
    ),
    ("GRP04", {"storage_groups": groups(group("d", limits=LIMITS))}, []),
    (
        "GRP05",
        {
            "volumes": (
                volume("00001", None, "OS-g-pmax-going", "STG-node1-5d0c7e12-SG"),
                volume("00002", None, "OS-23_24_070-temp-rdf-sg"),
            )
        },
        ["OS-23_24_070-temp-rdf-sg", "OS-g-pmax-going", "STG-node1-5d0c7e12-SG"],
    ),
    ("GRP05", {"volumes": (volume("00001", None, "temp-rdf-sg", "gold"),)}, []),
    ("VIEW01", {"storage_groups": groups(group("OS-p", masking_views=("OS-v",)))}, ["OS-v"]),
    ("VIEW01", {"storage_groups": groups(group("OS-c", parents=("OS-p",), masking_views=("OS-v",)))}, []),
    ("HOST01", {"initiator_groups": {"h": host("h"), "i": host("i", "iqn.x")}}, ["h"]),
    ("HOST02", {"initiator_groups": {"OS-h": host("OS-h", "iqn.x"), "other": host("other", "iqn.y")}}, ["OS-h"]),
    ("HOST02", {"initiator_groups": {"OS-h": host("OS-h", "iqn.x", masking_views=("v",))}}, []),
    (
        "SNAP01",
        {"volumes": (volume(snapshots=(snapshot(is_expired=True, targets=(DeviceId("00002"),)),)),)},
        ["00001/temp-00001-snapshot_for_clone/0"],
    ),
    ("SNAP01", {"volumes": (volume(snapshots=(snapshot(), snapshot(name="daily", is_expired=True))),)}, []),
    ("SNAP02", {"volumes": (volume(snapshots=(snapshot(name="daily"),) * 205),)}, ["00001"]),
    ("SNAP02", {"volumes": (volume(snapshots=(snapshot(targets=(DeviceId("00002"),) * 820),)),)}, ["00001"]),
    ("SNAP02", {"volumes": (volume(snapshots=(snapshot(name="daily"),) * 204),)}, []),
    ("RDF01", {"volumes": (volume(pairs=(pair("Suspended"), pair("Partitioned"))),)}, ["70", "70"]),
    ("RDF01", {"volumes": (volume(pairs=(pair("Synchronized"), pair("Failed Over"))),)}, []),
    (
        "RDF02",
        {
            "volumes": (
                volume(pairs=(pair("Consistent", "Asynchronous"),)),
                volume(pairs=(pair("SyncInProg", "Asynchronous"),)),
            )
        },
        ["70"],
    ),
    ("RDF02", {"volumes": (volume(pairs=(pair("Synchronized"),)), volume(pairs=(pair("SyncInProg"),)))}, []),
    ("RDF03", {"volumes": (PAIRED,)}, []),
    ("RDF03", {"volumes": (PAIRED, volume("00002", None, MANAGED))}, [MANAGED]),
    ("RDF03", {"volumes": (PAIRED, volume("00002", pairs=(pair("Active"),)))}, [MANAGED]),
    ("RDF03", {"volumes": (volume("00001", None, "OS-x-temp-rdf-sg"), volume("00002", pairs=(pair("Active"),)))}, []),
    ("RDF04", {"volumes": (PAIRED,), "remote_sizes": {OTHER: Capacity.from_gib(1)}}, []),
    ("RDF04", {"volumes": (PAIRED,), "remote_sizes": {}}, []),
    ("RDF04", {"volumes": (PAIRED,), "remote_sizes": {OTHER: Capacity.from_gib(2)}}, ["00001"]),
    (
        "PORT01",
        {
            "port_groups": {
                name: PortGroup(array_id=ARRAY, name=name, ports=ports)
                for name, ports in {"up": (PORT,), "down": (PORT, PortKey("FA-2D", "4")), "none": ()}.items()
            },
            "ports": {PORT: DirectorPort(key=PORT, identifier=""), PortKey("FA-2D", "4"): None},
        },
        ["down", "none"],
    ),
    ("NAME01", {"storage_group_names": ("Gold", "gold"), "initiator_group_names": ("GOLD", "h")}, ["Gold"]),
]


@pytest.mark.parametrize(("rule_id", "observed", "names"), CASES)
def test_what_each_rule_finds(rule_id, observed, names) -> None:
    """A rule finds what its title says, and nothing that only looks like it."""
    found = list(rule_of(rule_id).check(ArraySurvey(array_id=ARRAY, **observed)))
    assert [each.name for each in found] == names
    assert all(each.rule_id == rule_id and each.evidence and each.proposal for each in found)


def test_each_rule_is_tested_both_ways() -> None:
    """Every rule has a case in which it finds something, and ids are given once."""
    assert len({rule.rule_id for rule in RULES}) == len(RULES)
    assert {rule_id for rule_id, _, names in CASES if names} == {rule.rule_id for rule in RULES}


def test_only_repairable_findings_come_from_rules_that_repair() -> None:
    """What a finding proposes to `pmax repair`, its rule can repair; what is not ours is never offered."""
    for rule_id, observed, _ in CASES:
        for found in rule_of(rule_id).check(ArraySurvey(array_id=ARRAY, **observed)):
            assert found.is_repairable == found.proposal.startswith("pmax repair ")
            assert not found.is_repairable or rule_of(rule_id).repair is not None
            is_ours = found.name.startswith("OS-") or rule_id in {"GRP04", "SNAP01"}
            assert is_ours or not found.is_repairable


def test_an_unknown_rule_is_refused() -> None:
    """The refusal names the rules that there are."""
    with pytest.raises(InvalidRequest, match="VOL01"):
        rule_of("XYZ99")
    assert rule_of("vol01").rule_id == "VOL01"


@pytest.mark.parametrize(
    ("plan", "error"),
    [
        (lambda: plan_group_removal(ARRAY, group("data")), InvalidRequest),
        (lambda: plan_group_removal(ARRAY, group("OS-a", volume_count=1)), InUse),
        (lambda: plan_group_removal(ARRAY, group("OS-a", children=("OS-b",))), InUse),
        (lambda: plan_group_removal(ARRAY, group("OS-a", masking_views=("OS-v",))), InUse),
        (lambda: plan_host_removal(ARRAY, host("h", "iqn.x")), InvalidRequest),
        (lambda: plan_host_removal(ARRAY, host("OS-h", masking_views=("v",))), InUse),
        (lambda: plan_host_removal(ARRAY, host("OS-h", host_groups=1)), InUse),
        (lambda: plan_view_removal(ARRAY, view("v"), None), InvalidRequest),
        (lambda: plan_view_removal(ARRAY, view("OS-v", host_group="hg", initiator_group=None), None), InvalidRequest),
        (lambda: plan_view_removal(ARRAY, view("OS-v"), group("OS-g", volume_count=1)), InUse),
    ],
)
def test_nothing_that_is_used_or_not_ours_is_taken_away(plan, error) -> None:
    """A repair is refused when somebody uses the object, or nobody knows whose it is."""
    with pytest.raises(error):
        plan()


def view(name: str, **changes: object) -> MaskingView:
    """A masking view of host `OS-h`."""
    parts = {"storage_group": "OS-g", "port_group": "pg", "initiator_group": "OS-h", **changes}
    return MaskingView(array_id=ARRAY, name=name, **parts)


def test_what_is_gone_needs_no_repair() -> None:
    """Without the object, or without what is wrong with it, there is nothing to do."""
    assert plan_group_removal(ARRAY, None) == plan_host_removal(ARRAY, None) == Plan()
    assert plan_view_removal(ARRAY, None, None) == plan_limits_removal(ARRAY, group("d")) == Plan()
