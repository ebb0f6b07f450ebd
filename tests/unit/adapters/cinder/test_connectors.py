"""Connectors, and which of them are one host."""

import pytest

from pmax.adapters.cinder.connectors import attachments_on_host, is_same_host, other_hosts, parse_connector
from pmax.domain.errors import InvalidRequest
from tests.unit.adapters.cinder.cinder_objects import attachment


def test_a_connector_keeps_everything_that_the_host_said() -> None:
    """Host and multipath are fields; what only a protocol understands stays as it came."""
    connector = parse_connector(
        {"host": "node1", "multipath": True, "initiator": "iqn.1994-05.com.redhat:1", "ip": "10.0.0.1"}
    )
    assert connector.host == "node1"
    assert connector.is_multipath is True
    assert connector.properties == {"initiator": "iqn.1994-05.com.redhat:1", "ip": "10.0.0.1"}


@pytest.mark.parametrize("multipath", [False, None, 0])
def test_a_host_that_says_nothing_of_multipath_uses_one_path(multipath: object) -> None:
    """Absent and false mean a single path."""
    assert parse_connector({"host": "node1", "multipath": multipath}).is_multipath is False
    assert parse_connector({"host": "node1"}).is_multipath is False


@pytest.mark.parametrize("connector", [{}, {"host": ""}, {"host": "  "}, {"host": None}, {"initiator": "iqn.x"}])
def test_a_connector_names_its_host(connector: dict[str, object]) -> None:
    """A connector without a host is refused by name."""
    with pytest.raises(InvalidRequest, match="`host`"):
        parse_connector(connector)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("node1", "node1"),
        ("node1", "NODE1"),
        ("node1", "node1.example.com"),
        ("node1.example.com", "node1"),
        ("Node1.Example.com.", "node1.example.COM"),
    ],
)
def test_one_host_has_several_spellings(one: str, other: str) -> None:
    """Case, a trailing dot, and a missing domain do not make another host."""
    assert is_same_host(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("node1", "node10"), ("node1.example.com", "node1.example.org"), ("node10", "node1.example.com"), ("n", "")],
)
def test_names_that_resemble_each_other_are_different_hosts(one: str, other: str) -> None:
    """Names are compared whole: node1 is not node10, and a domain counts when both have one."""
    assert not is_same_host(one, other)


def test_attachments_are_found_by_host() -> None:
    """Only attachments with a connector of that host count; reserved ones have none."""
    attachments = [
        attachment("node1.example.com"),
        attachment("node1.example.com"),
        attachment("node10.example.com"),
        attachment(None),
    ]
    assert attachments_on_host(attachments, "node1.example.com") == tuple(attachments[:2])


def test_other_hosts_are_named_once_each() -> None:
    """Each host besides the one in question is named once, in the order of the attachments."""
    names = ("node1.example.com", "node2.example.com", None, "NODE1", "node2.example.com", "node3")
    attachments = [attachment(name) for name in names]
    assert other_hosts(attachments, "node1") == ("node2.example.com", "node3")
    assert other_hosts(attachments, None) == ("node1.example.com", "node2.example.com", "NODE1", "node3")
