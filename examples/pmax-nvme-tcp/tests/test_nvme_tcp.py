"""NVMe/TCP from outside: pmax finds the plugin by its entry point, and everything else goes on as usual."""

from __future__ import annotations

from collections.abc import Mapping

from pmax.testing import Bench, ProtocolContract

NQN = "nqn.2014-08.org.nvmexpress:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca42{}"
HOST_ID = "1b4e28ba-2fa1-11d2-883f-0016d3cca42{}"


class TestNvmeTcp(ProtocolContract):
    """A PowerMax 8500 has one NVMe/TCP endpoint; a VMAX has none and never will."""

    protocol_name = "nvme-tcp"
    array_id = "000120000548"
    refused_array_id = "000197900999"
    needed = ("nqn", "nvme_hostid")

    def connector_properties(self, number: int) -> Mapping[str, object]:
        """What os-brick says of an NVMe host."""
        return {"nqn": NQN.format(number), "nvme_hostid": HOST_ID.format(number)}

    def test_found_by_its_entry_point(self, bench: Bench) -> None:
        """Installing the package is all that is needed."""
        assert bench.engine.plugins.hooks_of("nvme_tcp") == ("pmax_register_protocols",)

    def test_what_the_host_is_told(self, bench: Bench) -> None:
        """The host gets NQN, portals and NGUID, and is known by NQN and host id."""
        made = bench.attach(bench.create(), self.host(), self.protocol_name)

        view = bench.array.masking_views[made.masking_view]
        (port,) = (bench.array.ports[name] for name in bench.array.port_groups[view.port_group].ports)
        data = made.connection_info["data"]
        assert isinstance(data, dict)
        assert view.name.startswith("OS-node-1-NT-")
        assert made.connection_info["driver_volume_type"] == "nvmeof"
        assert data["target_nqn"] == port.identifier
        assert data["portals"] == [(address, 4420, "tcp") for address in port.ip_addresses]
        assert len(data["volume_nguid"]) == 32
        (host,) = bench.array.hosts.values()
        assert host.initiators == (f"{NQN.format(1)}:1B4E28BA2FA111D2883F0016D3CCA421",)
