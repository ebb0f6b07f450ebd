"""What every `StorageGroupReader` promises."""

from pmax.domain.plans import EnsureStorageGroup, SetHostIoLimits
from pmax.domain.qos import Distribution, HostIoLimits
from pmax.domain.storage_groups import StorageGroupDefinition
from tests.contract.places import ARRAY, GOLD


def test_a_listed_group_can_be_found(furnished):
    """List and single read agree, and parents and children know each other."""
    reader = furnished.read.storage_groups
    names = reader.list_storage_groups(furnished.array_id)
    assert names
    for name in names[:20]:
        group = reader.find_storage_group(furnished.array_id, name)
        assert (group.array_id, group.name) == (furnished.array_id, name)
        for parent in group.parents:
            assert name in reader.find_storage_group(furnished.array_id, parent).children


def test_a_group_that_does_not_exist_is_absent(furnished):
    """The array says so of that very group."""
    assert furnished.read.storage_groups.find_storage_group(furnished.array_id, "a_group_that_is_not_there") is None


def test_a_group_with_a_service_level(place):
    """What was defined is what is read."""
    place.group("gold", GOLD)
    place.volume("gold")
    group = place.read.storage_groups.find_storage_group(ARRAY, "gold")
    assert (group.srp, group.service_level, group.workload) == ("SRP_1", "Gold", None)
    assert (group.is_fast_managed, group.is_compressed, group.volume_count) == (True, True, 1)
    assert (group.parents, group.children, group.masking_views, group.limits) == ((), (), (), None)


def test_a_group_without_compression(place):
    """Compression can be refused."""
    definition = StorageGroupDefinition(name="x", srp="SRP_1", service_level="Gold", is_compression_disabled=True)
    place.apply(EnsureStorageGroup(array_id=ARRAY, definition=definition))
    assert place.read.storage_groups.find_storage_group(ARRAY, "x").is_compressed is False


def test_a_parent_and_its_child(place):
    """A parent counts the volumes of its children, and both show the view."""
    place.view()
    parent = place.read.storage_groups.find_storage_group(ARRAY, "parent")
    child = place.read.storage_groups.find_storage_group(ARRAY, "child")
    assert (parent.children, parent.volume_count, parent.is_fast_managed) == (("child",), 1, False)
    assert child.parents == ("parent",)
    assert parent.masking_views == child.masking_views == ("view",)


def test_limits(place):
    """Limits are read as they were set."""
    place.group("gold", GOLD)
    limits = HostIoLimits(1000, None, Distribution.ALWAYS)
    place.apply(SetHostIoLimits(array_id=ARRAY, storage_group="gold", before=None, after=limits))
    assert place.read.storage_groups.find_storage_group(ARRAY, "gold").limits == limits
