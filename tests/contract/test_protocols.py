"""The built-in protocols against the suite that authors of protocols inherit."""

from __future__ import annotations

from collections.abc import Mapping

from pmax.testing import ProtocolContract


class TestIscsi(ProtocolContract):
    """Every array speaks iSCSI, if it has such ports."""

    protocol_name = "iscsi"
    array_id = "000197900999"
    fixture = "default"
    unisphere_version = "V9.2.0.0"
    port_group = "OS-iscsi-PG"
    needed = ("initiator",)

    def connector_properties(self, number: int) -> Mapping[str, object]:
        """One IQN."""
        return {"initiator": f"iqn.1994-05.com.example:node-{number}"}


class TestFibreChannel(ProtocolContract):
    """Two ports of a host adapter."""

    protocol_name = "fc"
    array_id = "000197900999"
    fixture = "default"
    unisphere_version = "V9.2.0.0"
    port_group = "OS-fibre-PG"
    needed = ("wwpns",)

    def connector_properties(self, number: int) -> Mapping[str, object]:
        """Two WWPNs."""
        return {"wwpns": [f"10000090fa{number:04d}a1", f"10000090fa{number:04d}a2"]}
