import attrs
from hypothesis import given
from hypothesis import strategies as st

from pmax.simulator.state.table import Index, Overlay, Table, TableSpec


@attrs.frozen
class Fruit:
    name: str
    colours: tuple[str, ...] = ()
    weight: int = 1


FRUIT = TableSpec(
    "fruit",
    Fruit,
    key=lambda row: row.name,
    indexes=(Index("colour", lambda row: row.colours, lambda row: row.weight),),
)
NAMES = st.sampled_from("abcd")
COLOURS = st.lists(st.sampled_from("rgb"), unique=True, max_size=2).map(tuple)
FRUITS = st.builds(Fruit, NAMES, COLOURS, st.integers(0, 9))
CHANGES = st.lists(st.one_of(FRUITS, NAMES), max_size=12)


def change(rows, changes):
    """Put fruits, delete names that are there."""
    for each in changes:
        if isinstance(each, Fruit):
            rows.put(each)
        elif each in rows:
            rows.delete(each)


def picture(rows):
    """Everything that can be asked of rows."""
    return (
        {name: rows.find(name) for name in "abcd"},
        sorted(rows.ids()),
        len(rows),
        {colour: sorted(rows.keys_where("colour", colour)) for colour in "rgb"},
        {colour: rows.count("colour", colour) for colour in "rgb"},
        {colour: rows.total("colour", colour) for colour in "rgb"},
    )


def table_of(changes):
    """A table after some changes."""
    table = Table(FRUIT)
    change(table, changes)
    return table


@given(CHANGES, CHANGES)
def test_overlay_answers_as_the_changed_table_would(before, after):
    """An overlay answers every question as the table would after the same changes."""
    overlay = Overlay(table_of(before))
    change(overlay, after)
    assert picture(overlay) == picture(table_of(before + after))


@given(CHANGES, CHANGES, CHANGES)
def test_nested_overlays_answer_as_one(first, second, third):
    """An overlay on an overlay answers as if all changes had been made in the table."""
    outer = Overlay(table_of(first))
    change(outer, second)
    inner = Overlay(outer)
    change(inner, third)
    assert picture(inner) == picture(table_of(first + second + third))


@given(CHANGES, CHANGES)
def test_overlay_leaves_what_lies_below(before, after):
    """Until it is committed, an overlay changes nothing below it."""
    table = table_of(before)
    change(Overlay(table), after)
    assert picture(table) == picture(table_of(before))


@given(CHANGES, CHANGES)
def test_commit_hands_all_changes_down(before, after):
    """After the commit the table below answers as the overlay did."""
    table = table_of(before)
    overlay = Overlay(table)
    change(overlay, after)
    wanted = picture(overlay)
    overlay.commit()
    assert picture(table) == wanted


@given(CHANGES)
def test_indexes_agree_with_the_rows(changes):
    """An index holds exactly the rows of each value, and their weights."""
    table = table_of(changes)
    for colour in "rgb":
        members = [row for row in table if colour in row.colours]
        assert table.where("colour", colour) == sorted(members, key=lambda row: row.name)
        assert table.total("colour", colour) == sum(row.weight for row in members)
