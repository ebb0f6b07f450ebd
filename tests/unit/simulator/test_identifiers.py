import pytest

from pmax.simulator import identifiers


@pytest.mark.parametrize(
    ("array", "volume", "wwn"),
    [
        ("000197900049", "003E6", "60000970000197900049533030334536"),
        ("000197900999", "0012F", "60000970000197900999533030313246"),
        ("000297901855", "00465", "60000970000297901855533030343635"),
    ],
)
def test_wwn_holds_array_and_volume(array, volume, wwn):
    """The WWN is made of vendor, array, "S" and the id in ASCII (section 5)."""
    assert identifiers.wwn_of(array, volume) == wwn


def test_nguid_is_the_wwn_rearranged():
    """The NGUID follows from the WWN as in the one known sample (section 5)."""
    assert identifiers.nguid_of("60000970000297901855533030343635") == "18555330303436350000976000029790"


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        (["0012F"], "0012F"),
        (["00131", "00130", "0012F"], "0012F:00131"),
        (["0012F", "00140"], "0012F, 00140"),
    ],
)
def test_task_description_of_several_volumes(ids, text):
    """One id stands alone, neighbours are a range, others a list."""
    assert identifiers.device_range(ids) == text
