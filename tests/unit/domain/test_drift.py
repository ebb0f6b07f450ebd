"""Cinder's list against the array's."""

import attrs
import pytest

from pmax.domain.capacity import Capacity
from pmax.domain.drift import CinderVolume, compare
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.survey import SurveyedPair, SurveyedSnapshot, SurveyedVolume
from pmax.domain.volumes import Volume

ID = "e8c8a5f0-7d1a-4d4c-9e05-1a2b3c4d5e6f"
OTHER = "0f3b6a52-0b5a-4c2f-9c27-8f3d9b3f6f10"
INNER = Volume(
    array_id=ArrayId("000197900999"),
    device_id=DeviceId("00003"),
    identifier=f"OS-{ID}",
    capacity=Capacity.from_gib(10),
    storage_groups=("OS-SRP_1-Diamond-NONE-SG",),
)
THERE = SurveyedVolume(volume=INNER, service_level="Diamond")
KNOWN = CinderVolume(
    volume_id=ID,
    device_id="00003",
    size_gib=10,
    status="available",
    service_level="Diamond",
    attachments=(),
    replication_status="disabled",
    snapshots=(),
)
PAIR = SurveyedPair(
    rdf_group=70, remote_array="000197900998", remote_device="00009", state="Synchronized", mode="Synchronous"
)
SNAPSHOT = SurveyedSnapshot(name="OS-0f3b6ad9b3f6f10", generation=0)


def volume(**changes: object) -> SurveyedVolume:
    """The volume on the array, with changes to itself or to what is surveyed of it."""
    surveyed = {field.name for field in attrs.fields(SurveyedVolume)} & changes.keys()
    inner = attrs.evolve(INNER, **{name: value for name, value in changes.items() if name not in surveyed})
    return attrs.evolve(THERE, volume=inner, **{name: changes[name] for name in surveyed})


CASES = [
    ({}, [THERE], []),
    ({"size_gib": 12}, [THERE], [("size", "12 GiB", "10 GiB")]),
    ({"size_gib": 11}, [volume(capacity=Capacity.from_cylinders(5463))], []),
    ({"service_level": "Gold"}, [THERE], [("service level", "Gold", "Diamond")]),
    ({"service_level": ""}, [volume(service_level=None)], []),
    ({"attachments": ("node1",)}, [THERE], [("attachment", "attached to node1", "no host sees it")]),
    ({}, [volume(front_end_paths=2)], [("attachment", "not attached", "hosts see it")]),
    ({"replication_status": "enabled"}, [THERE], [("replication", "enabled", "no pair")]),
    ({}, [volume(pairs=(PAIR,))], [("replication", "disabled", "Synchronized in SRDF group 70")]),
    ({"replication_status": "enabled"}, [volume(pairs=(PAIR,))], []),
    ({"snapshots": (OTHER,)}, [THERE], [("snapshot", f"snapshot {OTHER}", "no snapshot OS-0f3b6ad9b3f6f10")]),
    ({"snapshots": (OTHER,)}, [volume(snapshots=(SNAPSHOT,))], []),
    ({}, [volume(snapshots=(SNAPSHOT,))], [("snapshot", "no such snapshot", "snapshot OS-0f3b6ad9b3f6f10")]),
    ({}, [volume(snapshots=(attrs.evolve(SNAPSHOT, name="daily"),))], []),
    ({}, [], [("existence", "available", "no such device")]),
    ({"status": "creating"}, [], []),
    (
        {},
        [volume(identifier="somebody-elses")],
        [("existence", "available", "device 00003 is called somebody-elses")],
    ),
    (
        {"device_id": "00004"},
        [THERE],
        [("identifier", "it is device 00004", "it is device 00003")],
    ),
    ({"volume_id": OTHER, "name_id": ID}, [THERE], []),
    (
        {},
        [THERE, volume(device_id=DeviceId("00007"), identifier=f"OS-{OTHER}")],
        [("existence", "no such volume", f"OS-{OTHER} of 10 GiB")],
    ),
    ({}, [THERE, volume(device_id=DeviceId("00007"), identifier="OS-by-hand")], []),
    (
        dict.fromkeys(("device_id", "size_gib", "service_level", "attachments", "replication_status", "snapshots")),
        [volume(front_end_paths=4, service_level="Gold", snapshots=(SNAPSHOT,), pairs=(PAIR,))],
        [],
    ),
]


@pytest.mark.parametrize(("changes", "found", "differences"), CASES)
def test_what_differs(changes, found, differences) -> None:
    """Each aspect is compared both ways, and what Cinder's side does not tell is not compared."""
    told = [(each.aspect, each.cinder, each.array) for each in compare([attrs.evolve(KNOWN, **changes)], found)]
    assert told == differences
