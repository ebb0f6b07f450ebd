"""Hosts that volumes are attached to, and what Cinder's drivers call the objects that they make for a host."""

from __future__ import annotations

from typing import Any

from tests.e2e.cinder_driver_backend import fc_connector, iscsi_connector
from tests.judges.upstream import PORT_GROUPS

LETTERS = {"iscsi": "I", "fc": "F"}


def connector_of(protocol: str, number: int = 1) -> dict[str, Any]:
    """What a host says of itself."""
    if protocol == "iscsi":
        return iscsi_connector(f"node{number}", f"iqn.1994-05.com.redhat:node{number}", ip=f"192.0.2.{number}")
    wwpns = (f"10000000c9a1b2{number}1", f"10000000c9a1b2{number}2")
    return fc_connector(f"node{number}", wwpns, ip=f"192.0.2.{number}")


class Names:
    """The names of a host's objects (reference: attach, 2.1).

    Attributes:
        view: the masking view.
        parent: the group that is in the view.
        host: the initiator group.
        gold: the child group of volumes of service level Gold.
        no_level: the child group of volumes without a service level.
    """

    def __init__(self, protocol: str, number: int = 1, suffix: str = "") -> None:
        host, group = f"OS-node{number}", PORT_GROUPS[protocol]
        self.view = f"{host}-{LETTERS[protocol]}-{group}-MV"
        self.parent = f"{host}-{LETTERS[protocol]}-{group}-SG"
        self.host = f"{host}-{LETTERS[protocol]}-IG"
        self.gold = f"{host}-SRP_1-GoldNONE-{group}{suffix}"
        self.no_level = f"{host}-No_SLO-{group}{suffix}"
