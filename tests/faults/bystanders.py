"""Objects of other people, which nothing that we do may ever change."""

from __future__ import annotations

from tests.stage import ARRAY, Stage

FINANCE_GROUP = "finance-SG"
FINANCE_VIEW = "finance-MV"
FINANCE_HOST = "finance-host"
FINANCE_VOLUME = "finance-db"
FINANCE_SNAPSHOT = "finance-nightly"
INTRUDER = "intruder"
_CYLINDERS = 547


def furnish(stage: Stage) -> None:
    """Put them on the array: a volume that a host sees, a snapshot of it, and a volume that waits for its use."""
    array = stage.array
    answer = stage.session().post(
        f"{stage.rest}/sloprovisioning/symmetrix/{ARRAY}/storagegroup",
        json={"srpId": "None", "storageGroupId": FINANCE_GROUP, "emulation": "FBA"},
    )
    assert answer.ok, answer.text
    for name in (FINANCE_VOLUME, INTRUDER):
        array.write(array.add_volume(_CYLINDERS, name), f"data of {name}")
    add_to_group(stage, FINANCE_GROUP, device_called(stage, FINANCE_VOLUME))
    stage.make_host(FINANCE_HOST, [f"iqn.1994-05.com.example:{FINANCE_HOST}"])
    stage.make_view(FINANCE_VIEW, FINANCE_HOST, "OS-iscsi-PG", FINANCE_GROUP)
    answer = stage.session().post(
        f"{stage.rest}/replication/symmetrix/{ARRAY}/storagegroup/{FINANCE_GROUP}/snapshot",
        json={"snapshotName": FINANCE_SNAPSHOT},
    )
    assert answer.ok, answer.text


def device_called(stage: Stage, identifier: str) -> str:
    """The device of an identifier."""
    (device,) = (name for name, volume in stage.array.volumes.items() if volume.identifier == identifier)
    return device


def add_to_group(stage: Stage, group: str, device: str) -> bool:
    """Put a volume into a group, as an administrator does; whether the array did it."""
    edit = {"expandStorageGroupParam": {"addSpecificVolumeParam": {"volumeId": [device]}}}
    answer = stage.session().put(
        f"{stage.rest}/sloprovisioning/symmetrix/{ARRAY}/storagegroup/{group}",
        json={"editStorageGroupActionParam": edit},
    )
    return answer.ok


def is_foreign(fact: tuple[str, ...]) -> bool:
    """Whether a fact is about one of these objects."""
    return any("finance" in part or INTRUDER in part for part in fact[:3])


def must_stay(fact: tuple[str, ...]) -> bool:
    """Whether what somebody has just added must be there afterwards.

    A host's own groups go with what the host no longer sees, and a group that has been renamed to be deleted goes;
    whoever puts something of his own into them at that very moment loses the membership, and nothing else.
    A volume of ours that somebody shows to a host is still ours.
    """
    return INTRUDER in fact[1] and not any("/OS-host-" in part or part.endswith("-pmax-going") for part in fact)
