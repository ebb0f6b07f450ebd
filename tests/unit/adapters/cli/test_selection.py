"""Which configuration, backend and array are meant."""

import argparse

import pytest

from pmax.adapters.cli.selection import Selection, find_array, is_whole_serial
from pmax.domain.errors import InvalidRequest, NotFound
from pmax.domain.identifiers import ArrayId

KNOWN = (ArrayId("000197900123"), ArrayId("000197900124"), ArrayId("000120000123"))


def options(**given: object) -> argparse.Namespace:
    """Global options as they are parsed when only these are given."""
    return argparse.Namespace(**{"config_files": None, "backend": None, "array": None, **given})


def test_options_go_before_the_environment() -> None:
    """What is on the command line wins, each option for itself."""
    environment = {"PMAX_CONFIG": "a.conf:b.conf", "PMAX_BACKEND": "one", "PMAX_ARRAY": "123"}
    assert Selection.of(options(backend="two"), environment) == Selection(
        config_files=("a.conf", "b.conf"), backend="two", array="123"
    )
    assert Selection.of(options(config_files=["c.conf"]), environment).config_files == ("c.conf",)


def test_nothing_said_is_nothing_chosen() -> None:
    """Empty variables count as not set."""
    assert Selection.of(options(), {"PMAX_CONFIG": "", "PMAX_ARRAY": ""}) == Selection()


def test_the_last_digits_name_an_array() -> None:
    """As many digits as tell the arrays apart are enough."""
    assert find_array("900123", KNOWN) == "000197900123"


def test_digits_of_several_arrays_are_refused() -> None:
    """An ambiguous end is told with the arrays that it could mean."""
    with pytest.raises(InvalidRequest, match="000197900123 or 000120000123"):
        find_array("123", KNOWN)


def test_digits_of_no_array_are_not_found() -> None:
    """An end that no array has is told as not found."""
    with pytest.raises(NotFound):
        find_array("999", KNOWN)


@pytest.mark.parametrize("text", ["abc", "", "0001979001234", "-1"])
def test_what_is_no_serial_is_refused(text) -> None:
    """Letters, nothing, and more than 12 digits cannot be a serial."""
    with pytest.raises(InvalidRequest, match="12 digits"):
        find_array(text, KNOWN)


def test_a_whole_serial_needs_no_look_at_the_others() -> None:
    """Exactly twelve digits are a whole serial."""
    assert is_whole_serial("000197900123")
    assert not is_whole_serial("197900123")
