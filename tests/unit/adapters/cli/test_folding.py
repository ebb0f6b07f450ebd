"""Lines that fit the terminal."""

from pmax.adapters.cli.folding import folded

FILE = "/srv/reports/of/november/node1.svg"


def test_a_name_to_be_copied_stays_whole() -> None:
    """A path that is longer than a line has one of its own; where it stands does not cut it."""
    assert folded(f"pmax: drawn into {FILE}", 30, "", "  ", cuts_names=False) == ["pmax: drawn into", f"  {FILE}"]


def test_what_is_only_looked_at_fits() -> None:
    """No line is wider than the terminal, and nothing is lost."""
    lines = folded(f"pmax: drawn into {FILE}", 30, "", "  ")
    assert max(map(len, lines)) <= 30
    assert FILE in "".join(lines).replace(" ", "")
