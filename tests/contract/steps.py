"""Every class of steps: how the array is before, and how to see, past the API, that the step has taken effect."""

import attrs

from pmax.domain import plans
from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import Step
from pmax.domain.qos import HostIoLimits
from tests.contract import replication_steps as srdf
from tests.contract.case import Case
from tests.contract.group_snapshot_cases import GROUP_SNAPSHOT_CASES
from tests.contract.places import ARRAY, GIB, GOLD, IQN, OTHER_IQN, PORT_GROUP, Place
from tests.contract.snapshot_cases import SNAPSHOT_CASES

INITIATORS = frozenset({IQN})
OTHERS = frozenset({OTHER_IQN})
LIMITS = HostIoLimits(1000, None)
VIEW = plans.EnsureMaskingView(
    array_id=ARRAY, name="view", initiator_group="host", port_group=PORT_GROUP, storage_group="parent"
)


def _groups(place: Place, *names: str) -> None:
    for name in names:
        place.group(name)


def _ensure_group(_place: Place) -> Step:
    return plans.EnsureStorageGroup(array_id=ARRAY, definition=GOLD)


def _delete_group(place: Place) -> Step:
    place.group("gold", GOLD)
    return plans.DeleteStorageGroup(array_id=ARRAY, definition=GOLD)


def _dissolve(place: Place) -> Step:
    place.group("gold", GOLD)
    device = place.volume("gold")
    place.group("gathered")
    place.apply(plans.AddVolume(array_id=ARRAY, device=device, storage_group="gathered"))
    return plans.DissolveStorageGroup(array_id=ARRAY, name="gathered")


def _prune_shared(place: Place) -> Step:
    place.group("gold", GOLD)
    return plans.PruneStorageGroup(array_id=ARRAY, name="gold", when_emptied="gold", is_shared=True)


def _prune_child(place: Place) -> Step:
    _groups(place, "p", "c")
    place.apply(plans.EnsureChildStorageGroup(array_id=ARRAY, parent="p", child="c"))
    return plans.PruneStorageGroup(array_id=ARRAY, name="c", when_emptied="c", parent="p")


def _prune_host_group(place: Place) -> Step:
    _groups(place, "p")
    return plans.PruneStorageGroup(array_id=ARRAY, name="p", when_emptied="p")


def _ensure_child(place: Place) -> Step:
    _groups(place, "p", "c")
    return plans.EnsureChildStorageGroup(array_id=ARRAY, parent="p", child="c")


def _remove_child(place: Place) -> Step:
    place.apply(_ensure_child(place))
    return plans.RemoveChildStorageGroup(array_id=ARRAY, parent="p", child="c")


def _set_limits(place: Place) -> Step:
    _groups(place, "gold")
    return plans.SetHostIoLimits(array_id=ARRAY, storage_group="gold", before=None, after=LIMITS)


def _clear_limits(place: Place) -> Step:
    place.apply(_set_limits(place))
    return plans.SetHostIoLimits(array_id=ARRAY, storage_group="gold", before=LIMITS, after=None)


def _add_tags(place: Place) -> Step:
    _groups(place, "gold")
    return plans.AddTags(array_id=ARRAY, storage_group="gold", tags=("blue", "green"))


def _remove_tags(place: Place) -> Step:
    place.apply(_add_tags(place))
    return plans.RemoveTags(array_id=ARRAY, storage_group="gold", tags=("blue", "green"))


def _create(place: Place) -> Step:
    place.group("gold", GOLD)
    return plans.CreateVolume(array_id=ARRAY, storage_group="gold", identifier="OS-new", capacity=GIB)


def _delete(place: Place) -> Step:
    device = place.volume(place.group("gold"), "OS-a")
    place.apply(plans.RemoveVolume(array_id=ARRAY, device=device, storage_group="gold"))
    # What never changes about an array is read once in the life of a process, and not for each step.
    place.read.arrays.get_array(ARRAY)
    return plans.DeleteVolume(array_id=ARRAY, device=device, identifier="OS-a")


def _take_back_creation(place: Place) -> Step:
    place.group("gold", GOLD)
    device = place.volume("gold")
    place.unisphere.readers.arrays.get_array(ARRAY)
    return plans.DeleteVolume(array_id=ARRAY, device=device, identifier="OS-a", storage_group="gold")


def _rename(place: Place) -> Step:
    device = place.volume(place.group("gold"), "OS-a")
    return plans.RenameVolume(array_id=ARRAY, device=device, before="OS-a", after="OS-b")


def _unname(place: Place) -> Step:
    device = place.volume(place.group("gold"), "OS-a")
    return plans.RenameVolume(array_id=ARRAY, device=device, before="OS-a", after="")


def _expand(place: Place) -> Step:
    device = place.volume(place.group("gold"), "OS-a")
    return plans.ExpandVolume(array_id=ARRAY, device=device, before=GIB, after=Capacity.from_gib(3))


def _add(place: Place) -> Step:
    device = place.volume(place.group("gold"), "OS-a")
    _groups(place, "other")
    return plans.AddVolume(array_id=ARRAY, device=device, storage_group="other")


def _remove(place: Place) -> Step:
    device = place.volume(place.group("gold"), "OS-a")
    return plans.RemoveVolume(array_id=ARRAY, device=device, storage_group="gold")


def _move(place: Place) -> Step:
    device = place.volume(place.group("gold"), "OS-a")
    _groups(place, "other")
    return plans.MoveVolume(array_id=ARRAY, device=device, source="gold", target="other")


def _rename_group(place: Place) -> Step:
    _groups(place, "old")
    return plans.RenameStorageGroup(array_id=ARRAY, before="old", after="new")


def _two_volumes(place: Place) -> tuple[DeviceId, ...]:
    group = place.group("gold")
    _groups(place, "other")
    return place.volume(group, "OS-a"), place.volume(group, "OS-b")


def _add_several(place: Place) -> Step:
    return plans.AddVolumes(array_id=ARRAY, devices=_two_volumes(place), storage_group="other")


def _remove_several(place: Place) -> Step:
    return plans.RemoveVolumes(array_id=ARRAY, devices=_two_volumes(place), storage_group="gold")


def _ensure_host(_place: Place) -> Step:
    return plans.EnsureInitiatorGroup(array_id=ARRAY, name="host", initiators=INITIATORS)


def _delete_host(place: Place) -> Step:
    place.apply(_ensure_host(place))
    return plans.DeleteInitiatorGroup(array_id=ARRAY, name="host", initiators=INITIATORS)


def _prune_host(place: Place) -> Step:
    place.apply(_ensure_host(place))
    return plans.PruneInitiatorGroup(array_id=ARRAY, name="host")


def _add_initiators(place: Place) -> Step:
    place.apply(_ensure_host(place))
    return plans.AddInitiators(array_id=ARRAY, initiator_group="host", initiators=OTHERS)


def _remove_initiators(place: Place) -> Step:
    place.apply(_add_initiators(place))
    return plans.RemoveInitiators(array_id=ARRAY, initiator_group="host", initiators=OTHERS)


def _fresh_view(place: Place) -> Step:
    place.view()
    place.apply(plans.DeleteMaskingView(**attrs.asdict(VIEW)))
    return VIEW


def _delete_view(place: Place) -> Step:
    place.view()
    return plans.DeleteMaskingView(**attrs.asdict(VIEW))


def _tags(place: Place) -> tuple[str, ...]:
    return tuple(place.array.storage_groups["gold"].tags)


def _groups_of(place: Place, device: str) -> tuple[str, ...]:
    return place.array.volumes[device].storage_groups


CASES: dict[str, Case] = {
    "EnsureStorageGroup": Case(prepare=_ensure_group, has_effect=lambda place, _: "gold" in place.array.storage_groups),
    "DeleteStorageGroup": Case(
        prepare=_delete_group, has_effect=lambda place, _: not place.array.storage_groups, calls=2
    ),
    "DissolveStorageGroup": Case(
        prepare=_dissolve, has_effect=lambda place, _: set(place.array.storage_groups) == {"gold"}
    ),
    "PruneStorageGroup shared": Case(
        prepare=_prune_shared, has_effect=lambda place, _: not place.array.storage_groups, calls=2
    ),
    "PruneStorageGroup child": Case(
        prepare=_prune_child, has_effect=lambda place, _: "c" not in place.array.storage_groups, calls=2
    ),
    "PruneStorageGroup of a host": Case(
        prepare=_prune_host_group, has_effect=lambda place, _: not place.array.storage_groups
    ),
    "EnsureChildStorageGroup": Case(
        prepare=_ensure_child, has_effect=lambda place, _: place.array.storage_groups["c"].parents == ("p",)
    ),
    "RemoveChildStorageGroup": Case(
        prepare=_remove_child, has_effect=lambda place, _: place.array.storage_groups["c"].parents == ()
    ),
    "SetHostIoLimits": Case(
        prepare=_set_limits,
        has_effect=lambda place, _: place.read.storage_groups.find_storage_group(ARRAY, "gold").limits == LIMITS,
    ),
    "SetHostIoLimits to none": Case(
        prepare=_clear_limits,
        has_effect=lambda place, _: place.read.storage_groups.find_storage_group(ARRAY, "gold").limits is None,
    ),
    "AddTags": Case(
        prepare=_add_tags, has_effect=lambda place, _: set(_tags(place)) == {"blue", "green"}, needs_tags=True
    ),
    "RemoveTags": Case(prepare=_remove_tags, has_effect=lambda place, _: not _tags(place), needs_tags=True),
    "CreateVolume": Case(
        prepare=_create,
        has_effect=lambda place, _: [each.identifier for each in place.array.volumes.values()].count("OS-new") == 1,
        calls=2,
    ),
    "DeleteVolume out of its group": Case(
        prepare=_take_back_creation,
        has_effect=lambda place, step: step.device not in place.array.volumes,
        calls=3,
    ),
    "DeleteVolume": Case(prepare=_delete, has_effect=lambda place, step: step.device not in place.array.volumes),
    "RenameVolume": Case(
        prepare=_rename, has_effect=lambda place, step: place.array.volumes[step.device].identifier == "OS-b"
    ),
    "RenameVolume to none": Case(
        prepare=_unname, has_effect=lambda place, step: place.array.volumes[step.device].identifier is None
    ),
    "ExpandVolume": Case(
        prepare=_expand,
        has_effect=lambda place, step: place.array.volumes[step.device].cylinders == step.after.cylinders,
    ),
    "AddVolume": Case(
        prepare=_add, has_effect=lambda place, step: set(_groups_of(place, step.device)) == {"gold", "other"}
    ),
    "RemoveVolume": Case(prepare=_remove, has_effect=lambda place, step: _groups_of(place, step.device) == ()),
    "MoveVolume": Case(prepare=_move, has_effect=lambda place, step: _groups_of(place, step.device) == ("other",)),
    "RenameStorageGroup": Case(
        prepare=_rename_group, has_effect=lambda place, _: list(place.array.storage_groups) == ["new"]
    ),
    "AddVolumes": Case(
        prepare=_add_several,
        has_effect=lambda place, step: all(
            set(_groups_of(place, device)) == {"gold", "other"} for device in step.devices
        ),
    ),
    "RemoveVolumes": Case(
        prepare=_remove_several,
        has_effect=lambda place, step: not any(_groups_of(place, device) for device in step.devices),
    ),
    "EnsureInitiatorGroup": Case(prepare=_ensure_host, has_effect=lambda place, _: "host" in place.array.hosts),
    "DeleteInitiatorGroup": Case(prepare=_delete_host, has_effect=lambda place, _: not place.array.hosts),
    "PruneInitiatorGroup": Case(prepare=_prune_host, has_effect=lambda place, _: not place.array.hosts),
    "AddInitiators": Case(
        prepare=_add_initiators,
        has_effect=lambda place, _: (
            place.read.masking.find_initiator_group(ARRAY, "host").initiators == INITIATORS | OTHERS
        ),
    ),
    "RemoveInitiators": Case(
        prepare=_remove_initiators,
        has_effect=lambda place, _: place.read.masking.find_initiator_group(ARRAY, "host").initiators == INITIATORS,
    ),
    "EnsureMaskingView": Case(prepare=_fresh_view, has_effect=lambda place, _: "view" in place.array.masking_views),
    "DeleteMaskingView": Case(prepare=_delete_view, has_effect=lambda place, _: not place.array.masking_views),
    **SNAPSHOT_CASES,
    **GROUP_SNAPSHOT_CASES,
    "CreateReplicatedVolume": Case(
        prepare=srdf.create_replicated, has_effect=srdf.has_replicated, calls=3, needs_pairs=True
    ),
    "AddReplicatedVolume": Case(prepare=srdf.add_replicated, has_effect=srdf.has_replicated, calls=2, needs_pairs=True),
    "CreatePair": Case(
        prepare=srdf.create_pair, has_effect=lambda place, _: len(srdf.pairs(place)) == 1, needs_pairs=True
    ),
    "DeletePair": Case(prepare=srdf.delete_pair, has_effect=srdf.is_unpaired, needs_pairs=True),
    "DiscardPair": Case(prepare=srdf.discard, has_effect=srdf.is_discarded, calls=7, needs_pairs=True),
    "DiscardPair of another side": Case(
        prepare=srdf.discard_other_side, has_effect=srdf.is_discarded, calls=4, needs_pairs=True
    ),
    "DiscardPair of the only one of a Metro group": Case(
        prepare=srdf.discard_only_metro, has_effect=srdf.is_discarded, calls=6, needs_pairs=True
    ),
    "ProtectStorageGroup": Case(prepare=srdf.protect, has_effect=lambda place, _: len(srdf.pairs(place)) == 2),
    "UnprotectStorageGroup": Case(prepare=srdf.unprotect, has_effect=lambda place, _: not srdf.pairs(place)),
    "SuspendSession": Case(
        prepare=srdf.suspend, has_effect=lambda place, _: srdf.states(place) == {"Suspended"}, needs_pairs=True
    ),
    "ResumeSession": Case(
        prepare=srdf.resume, has_effect=lambda place, _: srdf.states(place) == {"Synchronized"}, needs_pairs=True
    ),
    "ResumeSession of Metro": Case(
        prepare=srdf.establish, has_effect=lambda place, _: srdf.states(place) == {"ActiveBias"}, needs_pairs=True
    ),
    "FailoverSession": Case(
        prepare=srdf.fail_over, has_effect=lambda place, _: srdf.states(place) == {"Failed Over"}, needs_pairs=True
    ),
    "FailbackSession": Case(
        prepare=srdf.fail_back, has_effect=lambda place, _: srdf.states(place) == {"Synchronized"}, needs_pairs=True
    ),
}
