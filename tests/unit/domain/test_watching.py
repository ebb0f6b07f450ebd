"""What has changed between two looks at an array."""

from pmax.domain.watching import Change, Glance, changes


def test_what_has_come_gone_and_changed() -> None:
    """Names that come and go, and states that begin, change and end, are told; what stays is not."""
    before = Glance(
        names={"host": frozenset({"a", "b"}), "masking view": frozenset({"v"})},
        states={("job", "1"): "RUNNING", ("job", "2"): "RUNNING", ("port", "FA-1D:4"): "online"},
    )
    after = Glance(
        names={"host": frozenset({"b", "c"}), "masking view": frozenset({"v"})},
        states={("job", "1"): "SUCCEEDED", ("job", "3"): "RUNNING", ("port", "FA-1D:4"): "online"},
    )
    assert list(changes(before, after)) == [
        Change(kind="host", name="a", what="disappeared"),
        Change(kind="host", name="c", what="appeared"),
        Change(kind="job", name="1", what="was RUNNING, is SUCCEEDED"),
        Change(kind="job", name="2", what="is over"),
        Change(kind="job", name="3", what="is RUNNING"),
    ]
    assert list(changes(after, after)) == []
