"""Choosing by load."""

from __future__ import annotations

import pytest

from pmax.domain.errors import InvalidRequest
from pmax.domain.load_balancing import LoadBalancing, least_loaded, load_balancing


@pytest.mark.parametrize(
    ("loads", "expected"),
    [({"a": 3.0, "b": 1.0}, "b"), ({"b": 1.0, "a": 1.0}, "a"), ({}, None)],
)
def test_the_least_loaded_wins(loads: dict[str, float], expected: str | None) -> None:
    """The lowest load wins, the first name of equal ones, and nobody where nothing is known."""
    assert least_loaded(loads) == expected


def test_words_of_the_configuration() -> None:
    """Both spellings of either format are taken, in any case."""
    assert load_balancing("IOs", "AVERAGE", 5) == LoadBalancing(metric="IOs", look_back_minutes=5)
    assert load_balancing("IOs", "max", 5).data_format == "Maximum"


@pytest.mark.parametrize(
    ("metric", "data_format", "minutes", "option"),
    [
        ("Speed", "Avg", 60, "port_group_load_metric"),
        ("IOs", "median", 60, "load_data_format"),
        ("IOs", "Avg", 0, "load_look_back"),
        ("IOs", "Avg", 1441, "load_look_back"),
    ],
)
def test_mistakes_name_the_option(metric: str, data_format: str, minutes: int, option: str) -> None:
    """A value that the service would not understand is refused, with the option's name."""
    with pytest.raises(InvalidRequest, match=option):
        load_balancing(metric, data_format, minutes)
