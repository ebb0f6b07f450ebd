from hypothesis import given
from hypothesis import strategies as st

from pmax.domain.arrays import Microcode
from pmax.domain.errors import InvalidRequest
from pmax.domain.versions import UnisphereVersion, rest_path_version

numbers = st.lists(st.integers(0, 9999), min_size=2, max_size=5).map(tuple)


@given(st.builds(UnisphereVersion, numbers, st.sampled_from("VTX")))
def test_versions_survive_the_round_trip(version):
    """A version reads as it is written."""
    assert UnisphereVersion.parse(str(version)) == version


@given(st.builds(Microcode, numbers))
def test_microcode_survives_the_round_trip(microcode):
    """Microcode reads as it is written."""
    assert Microcode.parse(str(microcode)) == microcode


@given(numbers, numbers)
def test_microcode_is_ordered_by_numbers(one, other):
    """Microcode compares as its numbers do."""
    assert (Microcode(one) < Microcode(other)) == (one < other)


@given(st.integers(8, 11), st.integers(0, 9), st.integers(0, 99))
def test_every_version_has_a_path_or_an_error(major, minor, patch):
    """A server is asked in a version that it has, or refused."""
    version = UnisphereVersion((major, minor, patch, 0))
    try:
        path_version = rest_path_version(version)
    except InvalidRequest:
        assert major not in {9, 10}
    else:
        assert path_version <= major * 10 + minor
