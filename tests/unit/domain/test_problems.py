import pytest

from pmax.domain.errors import InvalidRequest
from pmax.domain.problems import raise_all

SIZE = InvalidRequest("size", 0, "give at least 1")
NAME = InvalidRequest("name", "", "give one")


def test_nothing_wrong_raises_nothing():
    """A request without problems passes."""
    raise_all([], "volume type")


def test_one_problem_is_raised_as_it_is():
    """A single problem keeps its field, so that the caller can point at it."""
    with pytest.raises(InvalidRequest) as caught:
        raise_all([SIZE], "volume type")
    assert caught.value is SIZE


def test_several_problems_are_told_at_once():
    """Several problems become one error that names every field and gives every rule."""
    with pytest.raises(InvalidRequest) as caught:
        raise_all([SIZE, NAME], "volume type")
    assert (caught.value.field, caught.value.value) == ("volume type", ("size", "name"))
    assert caught.value.rule == "size 0 is not valid: give at least 1; name '' is not valid: give one"
