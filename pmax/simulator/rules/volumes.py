"""Volumes come into being, grow and go (rules 21 to 27 and 84)."""

from collections.abc import Sequence

import attrs

from pmax.simulator import capacity
from pmax.simulator.identifiers import MAX_DEVICE_NUMBER, MAX_IDENTIFIER_LENGTH, volume_id_of, wwn_of
from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules import snapvx_facts, srdf_facts
from pmax.simulator.rules.pools import refuse_full
from pmax.simulator.state.records import Volume
from pmax.simulator.state.transaction import ArrayTables


@attrs.frozen(kw_only=True)
class NewVolumes:
    """Volumes that shall come into being.

    Attributes:
        number: how many.
        cylinders: the size of each.
        naming: how they are called.
        may_reuse: unused volumes of that size may be taken instead of new ones (`create_new_volumes` false).
        allocates: all tracks at once.
        has_mobility_id: its WWN is to stay when it moves to another array.
    """

    number: int
    cylinders: int
    naming: "Naming"
    may_reuse: bool = False
    allocates: bool = False
    has_mobility_id: bool = False


@attrs.frozen(kw_only=True)
class Naming:
    """How volumes are called: `volumeIdentifier` of a body.

    Attributes:
        name: None for no identifier.
        appends_volume_id: the id of each volume follows the name.
        first_number: a growing number follows the name; None for none.
    """

    name: str | None = None
    appends_volume_id: bool = False
    first_number: int | None = None

    def identifier(self, volume_id: str, position: int) -> str | None:
        """Return the identifier of one volume of several.

        Raises:
            ArrayRefused: it would be too long (reference section 5).
        """
        if self.name is None:
            return None
        text = self.name
        if self.appends_volume_id:
            text += volume_id
        if self.first_number is not None:
            text += str(self.first_number + position)
        if len(text) > MAX_IDENTIFIER_LENGTH:
            raise ArrayRefused(f"Volume identifier [{text}] is longer than {MAX_IDENTIFIER_LENGTH} characters")
        return text


def make_volumes(array: ArrayTables, wanted: NewVolumes, srp: str | None) -> tuple[str, ...]:
    """Make volumes that are in no group yet and return their ids.

    Ids grow and are not used again (rule 84). With `may_reuse`, unused volumes of the same size come first.

    Args:
        array: where.
        wanted: what.
        srp: the pool of their future group; the array's default pool if it has none.

    Raises:
        ArrayRefused: a size or a name is impossible, no id is left, or the pool is full.
    """
    if not 0 < wanted.cylinders <= capacity.MAX_CYLINDERS:
        raise ArrayRefused(f"A volume cannot have {wanted.cylinders} cylinders")
    reused = _spare_volumes(array, wanted) if wanted.may_reuse else []
    made = [*reused, *_new_ids(array, wanted.number - len(reused))]
    pool = srp or array.record.default_srp
    refuse_full(array, pool, wanted.cylinders * (wanted.number - len(reused)))
    for position, volume_id in enumerate(made):
        fresh = Volume(volume_id=volume_id, wwn=wwn_of(array.symmetrix_id, volume_id), cylinders=wanted.cylinders)
        volume = attrs.evolve(
            array.volumes.find(volume_id) or fresh,
            identifier=wanted.naming.identifier(volume_id, position),
            srp=pool,
            allocated_percent=100 if wanted.allocates else 0,
            has_mobility_id=wanted.has_mobility_id,
        )
        array.volumes.put(volume)
    return tuple(made)


def delete_volume(array: ArrayTables, volume: Volume) -> None:
    """Delete a volume.

    Raises:
        ArrayRefused: it is in a group, in a session or paired (rule 21), or its code wants its tracks freed first
            (rule 22). A masked volume is in a group, always.
    """
    if volume.storage_groups:
        raise ArrayRefused(f"The device is a member of a storage group: {volume.volume_id}")
    snapvx_facts.refuse_delete(array, volume)
    srdf_facts.refuse_delete(array, volume)
    if volume.allocated_percent and not array.record.frees_on_delete:
        raise ArrayRefused(f"A free of all allocations is required before deleting device {volume.volume_id}")
    array.volumes.delete(volume.volume_id)


def free_volume(array: ArrayTables, volume: Volume) -> None:
    """Deallocate all tracks of a volume.

    Raises:
        ArrayRefused: it is masked or in a session (rule 23, assumed).
    """
    if array.lun_addresses.count("volume", volume.volume_id):
        raise ArrayRefused(f"Device {volume.volume_id} is in a masking view and cannot be freed")
    snapvx_facts.refuse_free(array, volume)
    array.volumes.put(attrs.evolve(volume, allocated_percent=0, content=""))


def expand_volume(array: ArrayTables, volume: Volume, cylinders: int, rdf_group_number: int | None) -> None:
    """Let a volume grow to a new size.

    Raises:
        ArrayRefused: the size is not larger (rule 24) or too large, a session or a pair forbids it (rules 25 to 27), or
            the pool is full.
    """
    if cylinders <= volume.cylinders:
        raise ArrayRefused(
            f"The requested capacity of {cylinders} cylinders must be larger than the {volume.cylinders} of device "
            f"{volume.volume_id}"
        )
    if cylinders > capacity.MAX_CYLINDERS:
        raise ArrayRefused(f"A volume cannot have {cylinders} cylinders")
    snapvx_facts.refuse_expand(array, volume)
    refuse_full(array, volume.srp, cylinders - volume.cylinders)
    srdf_facts.expand(array, volume, cylinders, rdf_group_number)
    allocated = volume.allocated_percent * volume.cylinders // cylinders
    array.volumes.put(attrs.evolve(volume, cylinders=cylinders, allocated_percent=allocated))


def _spare_volumes(array: ArrayTables, wanted: NewVolumes) -> Sequence[str]:
    spare: list[str] = []
    for volume in array.volumes.where("spare", wanted.cylinders):
        if len(spare) == wanted.number:
            break
        if volume.allocated_percent or volume.content:
            continue  # assumed: only what was never written, or was freed, counts as unused
        is_in_session = snapvx_facts.is_source(array, volume) or snapvx_facts.is_target(array, volume)
        if not is_in_session and not srdf_facts.group_labels(array, volume):
            spare.append(volume.volume_id)
    return spare


def _new_ids(array: ArrayTables, number: int) -> list[str]:
    first = array.record.next_device_number
    if first + number - 1 > MAX_DEVICE_NUMBER:
        raise ArrayRefused(f"Symmetrix [{array.symmetrix_id}] has no device number left")
    array.transaction.arrays.put(attrs.evolve(array.record, next_device_number=first + number))
    return [volume_id_of(each) for each in range(first, first + number)]
