"""Every class of steps on SRDF: how the arrays are before, and how to see that the step has taken effect."""

import attrs

from pmax.domain import plans
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import PairTerms, Step
from pmax.domain.srdf import RdfLink, SessionAction
from pmax.simulator.state.srdf_records import PairState, RdfPair
from tests.contract.places import ARRAY, GIB, GOLD, Place

REMOTE = ArrayId("000197900998")
LINK = RdfLink(array_id=ARRAY, rdf_group=70, remote_array_id=REMOTE, remote_rdf_group=70, label="23_24_070")
TERMS = PairTerms(mode="Synchronous", establishes=True)
METRO = PairTerms(mode="Active", establishes=True, ends_suspended=True)
SESSION = {"array_id": ARRAY, "storage_group": "gold", "rdf_group": 70}
FAR_SESSION = {"array_id": REMOTE, "storage_group": "gold", "rdf_group": 70}


def pairs(place: Place) -> tuple[RdfPair, ...]:
    """All pairs, past the API."""
    return place.simulator.srdf.pairs


def states(place: Place) -> set[PairState]:
    """The states of all pairs."""
    return {pair.state for pair in pairs(place)}


def far_volumes(place: Place) -> dict:
    """Volumes of the remote array that are not its own, by device."""
    volumes = place.simulator.arrays[REMOTE].volumes
    return {device: volume for device, volume in volumes.items() if not volume.is_gatekeeper}


def paired(place: Place, terms: PairTerms = TERMS, identifier: str = "OS-a") -> tuple[str, str]:
    """A volume in `gold` that is paired, with its other side in `gold` there; gives both devices."""
    if "gold" not in place.array.storage_groups:
        place.group("gold", GOLD)
        place.apply(plans.EnsureStorageGroup(array_id=REMOTE, definition=GOLD))
    device = place.volume("gold", identifier)
    step = plans.CreatePair(link=LINK, device=device, identifier=identifier, terms=terms, storage_group="gold")
    other = place.apply(step).remote_device_id
    place.apply(plans.AddVolume(array_id=REMOTE, device=other, storage_group="gold"))
    return device, other


def create_replicated(place: Place) -> Step:
    """A second volume in a group that is replicated."""
    paired(place)
    return plans.CreateReplicatedVolume(
        link=LINK, storage_group="gold", identifier="OS-new", capacity=GIB, remote_storage_groups=("gold",)
    )


def has_replicated(place: Place, _step: Step) -> bool:
    """The new volume is paired, and its other side is in its group."""
    new = [device for device, volume in place.array.volumes.items() if volume.identifier == "OS-new"]
    if len(new) != 1 or new[0] not in {pair.volumes[0] for pair in pairs(place)}:
        return False
    _, other = place.simulator.srdf.other_side(ARRAY, new[0])
    return far_volumes(place)[other].storage_groups == ("gold",)


def add_replicated(place: Place) -> Step:
    """A volume of another group joins one that is replicated."""
    paired(place)
    device = place.volume(place.group("plain"), "OS-new")
    return plans.AddReplicatedVolume(
        link=LINK, device=device, identifier="OS-new", storage_group="gold", remote_storage_groups=("gold",)
    )


def create_pair(place: Place) -> Step:
    """A volume without another side."""
    device = place.volume(place.group("gold", GOLD), "OS-a")
    return plans.CreatePair(link=LINK, device=device, identifier="OS-a", terms=TERMS, storage_group="gold")


def delete_pair(place: Place) -> Step:
    """One of two pairs."""
    device, other = paired(place)
    volume_of(place, "OS-other")
    return plans.DeletePair(
        link=LINK, device=device, remote_device=other, storage_group="gold", remote_storage_groups=("gold",)
    )


def volume_of(place: Place, identifier: str) -> None:
    """Another replicated volume."""
    place.apply(
        plans.CreateReplicatedVolume(
            link=LINK, storage_group="gold", identifier=identifier, capacity=GIB, remote_storage_groups=("gold",)
        )
    )


def is_unpaired(place: Place, step: Step) -> bool:
    """The device has no pair and has left the group; so has the other one, which stays."""
    return (
        step.device not in {pair.volumes[0] for pair in pairs(place)}
        and place.array.volumes[step.device].storage_groups == ()
        and far_volumes(place)[step.remote_device].storage_groups == ()
    )


def discard(place: Place) -> Step:
    """A volume with its other side."""
    volume_of_pair = create_replicated(place)
    made = place.apply(volume_of_pair)
    # What never changes about an array is read once in the life of a process, and not for each step.
    place.read.arrays.get_array(ARRAY)
    place.read.arrays.get_array(REMOTE)
    back = plans.inverse(volume_of_pair)
    return attrs.evolve(back, device=made.device_id, remote_device=made.remote_device_id)


def discard_other_side(place: Place) -> Step:
    """A pair whose R1 was there before."""
    volume_of_pair = create_pair(place)
    made = place.apply(volume_of_pair)
    place.read.arrays.get_array(REMOTE)
    return attrs.evolve(plans.inverse(volume_of_pair), remote_device=made.remote_device_id)


def discard_only_metro(place: Place) -> Step:
    """The only pair of a Metro group that is active."""
    pairing = attrs.evolve(create_pair(place), terms=METRO)
    made = place.apply(pairing)
    place.read.arrays.get_array(REMOTE)
    return attrs.evolve(plans.inverse(pairing), remote_device=made.remote_device_id)


def is_discarded(place: Place, step: Step) -> bool:
    """No pair and no other side is left, and R1 only if it was there before."""
    local_is_right = (step.device in place.array.volumes) is not step.deletes_local
    other_is_gone = step.remote_device not in far_volumes(place)
    return local_is_right and other_is_gone and step.device not in {pair.volumes[0] for pair in pairs(place)}


def protect(place: Place) -> Step:
    """A storage group with two volumes."""
    place.group("gold", GOLD)
    place.volume("gold", "OS-a")
    place.volume("gold", "OS-b")
    return plans.ProtectStorageGroup(
        link=LINK, storage_group="gold", remote_storage_group="gold", remote_service_level="Gold", terms=TERMS
    )


def suspend(place: Place) -> Step:
    """A storage group that replicates."""
    paired(place)
    return plans.SuspendSession(**SESSION)


def resume(place: Place) -> Step:
    """One that was suspended."""
    place.apply(suspend(place))
    return plans.ResumeSession(**SESSION)


def establish(place: Place) -> Step:
    """A Metro group that was suspended."""
    paired(place, METRO)
    place.apply(plans.SuspendSession(**SESSION))
    return plans.ResumeSession(**SESSION, resume_action=SessionAction.ESTABLISH, has_bias=True)


def fail_over(place: Place) -> Step:
    """A storage group that replicates, asked from the other array."""
    paired(place)
    return plans.FailoverSession(**FAR_SESSION)


def fail_back(place: Place) -> Step:
    """One that was failed over."""
    place.apply(fail_over(place))
    return plans.FailbackSession(**FAR_SESSION)


def unprotect(place: Place) -> Step:
    """A storage group that replicates."""
    place.apply(protect(place))
    return plans.UnprotectStorageGroup(link=LINK, storage_group="gold")
