"""What every `ArrayReader` promises."""

import pytest

from pmax.domain.errors import NotFound
from pmax.domain.identifiers import ArrayId
from pmax.domain.versions import MINIMUM_UNISPHERE
from tests.contract.places import ARRAY, simulated


def test_the_version_is_one_that_pmax_knows(furnished):
    """The server tells its version."""
    assert furnished.read.arrays.unisphere_version() >= MINIMUM_UNISPHERE


def test_the_array_is_among_all(furnished):
    """An array that can be read is listed, and is the one that was meant."""
    assert furnished.array_id in furnished.read.arrays.list_arrays()
    assert furnished.read.arrays.get_array(furnished.array_id).array_id == furnished.array_id


def test_an_unknown_array_is_not_found(furnished):
    """A wrong serial is said to be one, by whatever is asked of it."""
    nowhere = ArrayId("000000000000")
    for ask in (
        lambda: furnished.read.arrays.get_array(nowhere),
        lambda: furnished.read.arrays.get_srp(nowhere, "SRP_1"),
        lambda: furnished.read.volumes.find_volume(nowhere, "00001"),
        lambda: furnished.read.storage_groups.find_storage_group(nowhere, "x"),
        lambda: furnished.read.masking.find_masking_view(nowhere, "x"),
        lambda: furnished.read.masking.find_initiator_group(nowhere, "x"),
        lambda: furnished.read.masking.find_port_group(nowhere, "x"),
        lambda: list(furnished.read.volumes.list_devices(nowhere)),
    ):
        with pytest.raises(NotFound) as raised:
            ask()
        assert raised.value.name == nowhere


def test_an_array_has_service_levels(furnished):
    """Every array offers at least one besides "none"."""
    assert set(furnished.read.arrays.list_service_levels(furnished.array_id)) - {"None", "NONE"}


def test_pools_have_figures(furnished):
    """Each listed pool can be read, holds something, and does not use more than it has."""
    names = furnished.read.arrays.list_srps(furnished.array_id)
    assert names
    for name in names:
        pool = furnished.read.arrays.get_srp(furnished.array_id, name)
        assert (pool.array_id, pool.name) == (furnished.array_id, name)
        assert pool.total_gib > 0
        assert 0 <= pool.used_gib <= pool.total_gib


def test_an_unknown_pool_is_not_found(furnished):
    """A pool that is not there has no figures."""
    with pytest.raises(NotFound) as raised:
        furnished.read.arrays.get_srp(furnished.array_id, "SRP_that_is_not_there")
    assert raised.value.kind == "storage resource pool"


def test_creating_a_volume_moves_the_figures(place):
    """What a volume was promised is subscribed."""
    before = place.read.arrays.get_srp(ARRAY, "SRP_1").subscribed_gib
    place.volume(place.group("gold"))
    after = place.read.arrays.get_srp(ARRAY, "SRP_1").subscribed_gib
    # The service rounds to thousandths of a terabyte.
    assert after - before == pytest.approx(1.0, abs=1.0)
    assert after > before


@pytest.mark.parametrize("version", ["V9.2.0.0", "V10.0.0.0"])
def test_arrays_of_every_family(version):
    """Each generation reports model, microcode, workloads and pools in its own way."""
    with simulated(version, fixture="families") as place:
        arrays = {array_id: place.read.arrays.get_array(array_id) for array_id in place.read.arrays.list_arrays()}
        workloads = {array_id: place.read.arrays.list_workloads(array_id) for array_id in arrays}
        assert {array_id for array_id, names in workloads.items() if names} == {
            array_id for array_id, array in arrays.items() if array.supports_workloads
        }
        assert {str(array.microcode).partition(".")[0] for array in arrays.values()} == {"5977", "5978", "6079"}
        for array_id in arrays:
            assert place.read.arrays.get_srp(array_id, "SRP_1").total_gib > 0
