"""Tables for people, data for programs."""

import argparse
import io
import json

import pytest
import yaml

from pmax.adapters.cli.columns import Amount, Claim, Maybe, Names, Told, heading
from pmax.adapters.cli.formatters import LIST_FORMATTERS, TableFormatter, width

NAMES = ("device_id", "identifier", "size_gib", "storage_groups", "is_snapshot_source")
ROWS = [
    ("00588", Maybe("finance-01"), Amount(10.0), Names(("OS-SRP_1-Diamond-NONE-SG",)), Claim(True)),
    ("00012", Maybe(None), Amount(26624.25), Names(()), Claim(None)),
]
TABLE = """\
Device id  Identifier   Size GiB  Storage groups            Is snapshot source
──────────────────────────────────────────────────────────────────────────────
00588      finance-01         10  OS-SRP_1-Diamond-NONE-SG  yes
00012      -           26,624.25  -                         -
"""


def drawn(rows, names=NAMES, columns=0, encoding="utf-8", **options) -> str:
    """The table as text."""
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    parsed = argparse.Namespace(max_width=columns, fit_width=False)
    TableFormatter().emit_list(names, rows, out, parsed)
    out.seek(0)
    return out.read()


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


def test_a_table_is_drawn_without_needless_lines() -> None:
    """Numbers stand right, nothing is a dash, and no line ends in blanks."""
    assert drawn(ROWS) == TABLE


@pytest.mark.parametrize("columns", [60, 79, 80, 200])
def test_a_table_folds_to_the_terminal(columns) -> None:
    """No line is wider than the terminal, and device ids and numbers stay whole."""
    text = drawn(ROWS, columns=columns)
    assert max(map(len, text.splitlines())) <= columns
    assert all(whole in text for whole in ("00588", "00012", "26,624.25"))


def test_what_is_too_wide_for_a_table_becomes_records() -> None:
    """Where columns could not be read any more, each object has a line for each field, and nothing is lost."""
    rows = [("00588", "12345", "67890", "abcde", "fghij", "klmno" * 8), ("00589", "1", "2", "3\n4", "", "6")]
    text = drawn(rows, ("device_id", "b", "c", "d", "e", "size_gib"), columns=32)
    assert max(map(len, text.splitlines())) <= 32
    assert text.startswith("Device id  00588\nB          12345\n")
    assert f"Size GiB   {'klmno' * 4}k\n           lmno{'klmno' * 3}\n\nDevice id  00589\n" in text
    assert text.endswith("D          3\n           4\nE\nSize GiB   6\n")


def test_folding_loses_nothing() -> None:
    """Every character of a value that is too long is still there, in its order."""
    identifier = "OS-e8c8a5f0-7d1a-4d4c-9e05-1a2b3c4d5e6f"
    text = drawn([("00588", identifier)], NAMES[:2], columns=24)
    assert identifier not in text
    assert identifier in "".join(text.split())


def test_a_table_in_a_pipe_is_not_folded() -> None:
    """Where nobody watches, each object is one line."""
    assert len(drawn([("x" * 300,)], ("name",)).splitlines()) == 3


def test_a_terminal_without_line_drawing_gets_ascii() -> None:
    """Where the encoding knows no lines, dashes do."""
    text = drawn(ROWS, encoding="ascii")
    assert text.isascii()
    assert "-----" in text


def test_programs_get_values_and_not_texts() -> None:
    """JSON has numbers, lists, true and null under the columns' names."""
    out = io.StringIO()
    LIST_FORMATTERS["json"]().emit_list(NAMES, ROWS, out, argparse.Namespace(noindent=True))
    assert json.loads(out.getvalue()) == [
        {
            "device_id": "00588",
            "identifier": "finance-01",
            "size_gib": 10.0,
            "storage_groups": ["OS-SRP_1-Diamond-NONE-SG"],
            "is_snapshot_source": True,
        },
        {
            "device_id": "00012",
            "identifier": None,
            "size_gib": 26624.25,
            "storage_groups": [],
            "is_snapshot_source": None,
        },
    ]


def test_fields_of_one_object_are_lines() -> None:
    """A single object is drawn with a line for each field, and long values fold below themselves."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    parsed = argparse.Namespace(max_width=30, fit_width=False)
    TableFormatter().emit_one(("device_id", "wwn"), ("00588", "60000970000197900123533030353838"), out, parsed)
    out.seek(0)
    assert out.read() == (
        "Device id  00588\n"
        "WWN        6000097000019790012\n"
        "           3533030353838\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"), [(10.0, "10"), (0.01, "0.01"), (1.5, "1.5"), (1000000, "1,000,000"), (0, "0"), (100, "100")]
)
def test_amounts_have_no_needless_digits(value, text) -> None:
    """Amounts have at most two decimals, and thousands set apart."""
    assert Amount(value).human_readable() == text


@pytest.mark.parametrize(("name", "shown"), [("size_gib", "Size GiB"), ("lun", "LUN"), ("is_local", "Is local")])
def test_headings_are_read_by_people(name, shown) -> None:
    """A column's name becomes words, with units and abbreviations as they are written."""
    assert heading(name) == shown


def test_something_can_be_told_twice() -> None:
    """Programs get data and people get words."""
    told = Told([{"lun": 1}], "LUN 1")
    assert (told.machine_readable(), told.human_readable()) == ([{"lun": 1}], "LUN 1")


def test_the_width_is_what_the_shell_says(monkeypatch) -> None:
    """`COLUMNS` decides, and --max-width before it."""
    monkeypatch.setenv("COLUMNS", "100")
    assert width() == 100
    assert width(argparse.Namespace(max_width=60, fit_width=False)) == 60


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("rows", [[], ROWS[:1], ROWS])
def test_rows_are_written_as_they_come(form, rows) -> None:
    """JSON and YAML are what a whole list gives, and a row is written before the next one is asked for."""
    out = io.StringIO()
    written: list[int] = []

    def given():
        for row in rows:
            written.append(len(out.getvalue()))
            yield row

    LIST_FORMATTERS[form]().emit_list(NAMES, given(), out, argparse.Namespace(noindent=False))
    machine = [
        {
            name: getattr(cell, "machine_readable", lambda cell=cell: cell)()
            for name, cell in zip(NAMES, row, strict=True)
        }
        for row in rows
    ]
    wanted = json.dumps(machine, indent=2) + "\n" if form == "json" else yaml.safe_dump(machine)
    assert out.getvalue() == wanted
    assert written == sorted(set(written))


def test_json_on_one_line() -> None:
    """`--noindent` gives one line."""
    out = io.StringIO()
    LIST_FORMATTERS["json"]().emit_list(("a",), [(1,), (2,)], out, argparse.Namespace(noindent=True))
    assert out.getvalue() == '[{"a": 1}, {"a": 2}]\n'


def test_a_long_table_has_one_heading_and_one_layout() -> None:
    """Rows behind the first screenfuls are drawn below the same heading, folded to the columns that these gave."""
    rows = [(f"{number:05}", "x") for number in range(1200)] + [("01200", "yy" * 20)]
    lines = drawn(rows, ("device_id", "identifier")).splitlines()
    assert [line for line in lines if "Device" in line] == ["Device id  Identifier"]
    assert [line.split()[0] for line in lines[2:1203]] == [row[0] for row in rows]
    assert max(map(len, lines)) == len("Device id  Identifier")
    assert lines[1202:] == ["01200      yyyyyyyyyy", *["           yyyyyyyyyy"] * 3]


def test_names_stay_whole_where_there_are_few_columns() -> None:
    """Of a table of few columns every name can be copied, whatever the width; one of many stays a table instead."""
    names = ["host", "identifier", "OS-node1-SRP_1-DiamodNONE-OS-iscsi-PG", "OS-node1-I-OS-iscsi-PG-MV"]
    for columns in (40, 60, 80, 200):
        few = drawn([tuple(names)], ("kind", "matched", "name", "detail"), columns=columns)
        assert max(map(len, few.splitlines())) <= columns
        if columns > 40:
            assert all(name in few for name in names)
    many = drawn([(*names, *"abcd")], tuple(f"column_{number}" for number in range(8)), columns=120)
    assert len(many.splitlines()) == 4
