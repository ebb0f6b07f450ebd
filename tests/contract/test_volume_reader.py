"""What every `VolumeReader` promises."""

import itertools

import pytest

from pmax.domain.errors import NotFound
from pmax.simulator import Behaviour
from tests.contract.places import ARRAY, DIALECTS, GIB, simulated

SOME = 20


def test_a_listed_device_can_be_found(furnished):
    """Device and list agree."""
    devices = list(itertools.islice(furnished.read.volumes.list_devices(furnished.array_id), SOME))
    assert devices
    for device in devices:
        volume = furnished.read.volumes.find_volume(furnished.array_id, device)
        assert (volume.array_id, volume.device_id) == (furnished.array_id, device)
        assert volume.capacity.cylinders >= 1


def test_volumes_in_full_are_those_that_are_found_one_by_one(furnished):
    """The long list says what the single reads say, where it says it."""
    for volume in itertools.islice(furnished.read.volumes.list_volumes(furnished.array_id), SOME):
        found = furnished.read.volumes.find_volume(furnished.array_id, volume.device_id)
        for attribute in ("identifier", "capacity", "emulation", "wwn", "is_snapshot_source", "is_snapshot_target"):
            assert getattr(volume, attribute) == getattr(found, attribute)
        assert set(found.storage_groups) <= set(volume.storage_groups)
        assert bool(volume.front_end_paths) == bool(found.front_end_paths)


def test_a_device_that_does_not_exist_is_absent(furnished):
    """The array says so of that very device."""
    assert furnished.read.volumes.find_volume(furnished.array_id, "FFFFF") is None


def test_members_of_a_group_that_does_not_exist(furnished):
    """An unknown group has no members, and not none."""
    with pytest.raises(NotFound) as raised:
        list(furnished.read.volumes.list_devices(furnished.array_id, storage_group="a_group_that_is_not_there"))
    assert raised.value.kind == "storage group"


def test_an_identifier_that_nobody_carries(furnished):
    """No device is no error."""
    assert furnished.read.volumes.find_devices_by_identifier(furnished.array_id, "an identifier of nobody") == ()


def test_a_volume_as_it_was_made(place):
    """What was asked for is what is read."""
    device = place.volume(place.group("gold"), "OS-a")
    volume = place.read.volumes.find_volume(ARRAY, device)
    assert (volume.identifier, volume.capacity.cylinders, volume.storage_groups) == ("OS-a", GIB.cylinders, ("gold",))
    assert (volume.emulation, volume.configuration, volume.front_end_paths) == ("FBA", "TDEV", 0)
    assert volume.wwn == f"60000970{ARRAY}53{device.encode().hex()}"


def test_an_identifier_may_be_carried_by_several(place):
    """The array does not keep identifiers unique, and all that carry one are given."""
    place.group("gold")
    devices = {place.volume("gold", "OS-a"), place.volume("gold", "OS-a")}
    place.volume("gold", "OS-ab")
    assert set(place.read.volumes.find_devices_by_identifier(ARRAY, "OS-a")) == devices


def test_devices_by_group_and_by_part_of_their_identifier(place):
    """Both filters hold together."""
    first = place.volume(place.group("gold"), "OS-a")
    second = place.volume("gold", "other")
    third = place.volume(place.group("silver"), "OS-b")
    devices = place.read.volumes.list_devices
    assert list(devices(ARRAY, storage_group="gold")) == [first, second]
    assert set(devices(ARRAY, identifier_contains="OS-")) == {first, third}
    assert list(devices(ARRAY, storage_group="gold", identifier_contains="OS-")) == [first]


def test_a_parent_gives_the_volumes_of_its_children(place):
    """A parent has no members of its own."""
    device = place.view()
    assert list(place.read.volumes.list_devices(ARRAY, storage_group="parent")) == [device]
    assert place.read.volumes.find_volume(ARRAY, device).storage_groups == ("child",)


def test_a_masked_volume_has_paths(place):
    """A host sees it over both ports."""
    device = place.view()
    assert place.read.volumes.find_volume(ARRAY, device).front_end_paths > 0


@pytest.mark.parametrize("kind", DIALECTS)
def test_a_long_list_costs_pages_and_one_call(kind):
    """Seven volumes on pages of three are three pages."""
    with simulated(kind, behaviour=Behaviour(page_size=3)) as place:
        place.group("gold")
        for number in range(5):
            place.volume("gold", f"OS-{number}")
        place.forget_calls()
        assert len(list(place.read.volumes.list_volumes(ARRAY))) == 7
        assert len(place.calls) <= 3 + 1
        assert len(set(place.read.volumes.list_devices(ARRAY))) == 7


def test_a_list_that_expires_while_it_is_read_is_whole_all_the_same():
    """The server forgets the list; it is begun again without giving anything twice."""
    with simulated("V9.2.0.0", behaviour=Behaviour(page_size=3, iterator_life_s=600.0), clock="manual") as place:
        place.group("gold")
        for number in range(5):
            place.volume("gold", f"OS-{number}")
        listing = place.read.volumes.list_devices(ARRAY)
        devices = [next(listing)]
        place.simulator.clock.advance(601.0)
        devices += listing
        assert devices == sorted(place.array.volumes)


def test_a_volume_that_is_deleted_while_the_list_is_read():
    """What went is not missed, and nothing else is."""
    with simulated("V9.2.0.0", behaviour=Behaviour(page_size=3)) as place:
        place.group("gold")
        last = [place.volume("gold", f"OS-{number}") for number in range(5)][-1]
        listing = place.read.volumes.list_volumes(ARRAY)
        devices = [next(listing).device_id]
        remove_and_delete(place, last)
        devices += [volume.device_id for volume in listing]
        assert devices == sorted(place.array.volumes)


def remove_and_delete(place, device):
    """Delete a volume by another way."""
    from pmax.domain.plans import DeleteVolume, RemoveVolume

    place.apply(RemoveVolume(array_id=ARRAY, device=device, storage_group="gold"))
    place.apply(DeleteVolume(array_id=ARRAY, device=device, identifier=""))
