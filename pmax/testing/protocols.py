"""What the host relies on in a protocol plugin, as tests to inherit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

import pytest

from pmax.domain.errors import InvalidRequest
from pmax.domain.masking import Connector, PortKey
from pmax.plugins.protocols import HostProtocol
from pmax.simulator import Simulator
from pmax.testing.bench import Bench

_PORT_GROUP = "OS-CONTRACT-PG"


class ProtocolContract:
    """Inherit it, say what is special, and pytest finds the tests.

    Attributes:
        protocol_name: of the protocol under test.
        array_id: serial of an array, in the fixture, that can speak it.
        refused_array_id: serial of one that cannot; None if every array can.
        unisphere_version: of the simulator.
        fixture: of the simulator.
        port_group: one of the fixture's that serves the protocol; None has one made of all ports that do.
        needed: keys of a connector without which a host is refused.
    """

    protocol_name: ClassVar[str]
    array_id: ClassVar[str]
    refused_array_id: ClassVar[str | None] = None
    unisphere_version: ClassVar[str] = "V10.1.0.0"
    fixture: ClassVar[str] = "families"
    port_group: ClassVar[str | None] = None
    needed: ClassVar[tuple[str, ...]] = ()

    def connector_properties(self, number: int) -> Mapping[str, object]:
        """What the host of that number says of itself; two numbers share no initiator."""
        raise NotImplementedError

    @pytest.fixture
    def simulator(self) -> Simulator:
        """Arrays."""
        return Simulator(fixture=self.fixture, unisphere_version=self.unisphere_version)

    @pytest.fixture
    def bench(self, simulator: Simulator) -> Iterator[Bench]:
        """An engine for the array, with one port group."""
        with Bench.of(simulator, self.array_id, port_groups=(self.port_group or _PORT_GROUP,)) as bench:
            if self.port_group is None:
                bench.array.add_port_group(_PORT_GROUP, self._serving_ports(bench))
            yield bench

    def _serving_ports(self, bench: Bench) -> list[str]:
        protocol = bench.engine.plugins.protocol(self.protocol_name)
        masking = bench.engine.readers.masking
        names = [name for name in bench.array.ports if protocol.serves(masking.get_port(bench.array_id, _key(name)))]
        assert names, f"no port of array {self.array_id} serves {self.protocol_name}"
        return names

    @pytest.fixture
    def protocol(self, bench: Bench) -> HostProtocol:
        """The protocol, as the host found it."""
        return bench.engine.plugins.protocol(self.protocol_name)

    def host(self, number: int = 1) -> Connector:
        """A host."""
        return Connector(
            host=f"node-{number}.example.org", is_multipath=True, properties=self.connector_properties(number)
        )

    # --- what it says of itself --------------------------------------------------------------------------------------

    def test_words(self, protocol: HostProtocol, bench: Bench) -> None:
        """Name, label and letter are there, fit into names of the array, and are nobody else's."""
        others = [other for other in bench.engine.plugins.protocols().values() if other is not protocol]

        assert re.fullmatch(r"[a-z][a-z0-9-]*", protocol.name)
        assert protocol.label
        assert re.fullmatch(r"[A-Z][A-Z0-9]{0,3}", protocol.letter)
        assert protocol.letter not in {other.letter for other in others}
        assert protocol.label not in {other.label for other in others}

    def test_arrays(self, protocol: HostProtocol, bench: Bench) -> None:
        """An array that can speak it is taken; one that cannot is refused with a reason."""
        arrays = bench.engine.readers.arrays
        protocol.check_array(arrays.get_array(bench.array_id), arrays.unisphere_version())

        if self.refused_array_id is not None:
            refused = next(name for name in arrays.list_arrays() if name == self.refused_array_id)
            with pytest.raises(InvalidRequest) as caught:
                protocol.check_array(arrays.get_array(refused), arrays.unisphere_version())
            assert caught.value.rule

    def test_initiators(self, protocol: HostProtocol) -> None:
        """A host has initiators and names to be searched by, always the same, and no two hosts share one."""
        one, other = self.host(1), self.host(2)

        assert protocol.initiators(one)
        assert protocol.initiators(one) == protocol.initiators(one)
        assert not protocol.initiators(one) & protocol.initiators(other)
        assert protocol.login_names(one)

    def test_incomplete_hosts(self, bench: Bench) -> None:
        """A host that leaves out what is needed is told which key, and nothing of the attach stays."""
        target = bench.create()
        before = bench.objects()

        for key in self.needed:
            properties = {name: value for name, value in self.connector_properties(1).items() if name != key}
            with pytest.raises(InvalidRequest, match=re.escape(key)):
                bench.attach(target, Connector(host="node-1", properties=properties), self.protocol_name)
            assert bench.objects() == before

    # --- what it does ------------------------------------------------------------------------------------------------

    def test_round_trip(self, bench: Bench) -> None:
        """Attach and detach leave the array as it was; in between the host's view is there and says what it should."""
        target = bench.create()
        before = bench.objects()

        made = bench.attach(target, self.host(), self.protocol_name)

        assert bench.array.masking_views[made.masking_view].port_group == (self.port_group or _PORT_GROUP)
        assert set(made.connection_info) == {"driver_volume_type", "data"}
        json.dumps(made.connection_info)
        bench.detach(target, self.host(), self.protocol_name)
        assert bench.objects() == before

    def test_again(self, bench: Bench) -> None:
        """Attaching what is attached, and detaching what is not, changes nothing and tells the same."""
        target = bench.create()
        first = bench.attach(target, self.host(), self.protocol_name)
        again = bench.attach(target, self.host(), self.protocol_name)

        assert (again.was_attached, again.connection_info) == (True, first.connection_info)
        bench.detach(target, self.host(), self.protocol_name)
        assert not bench.detach(target, self.host(), self.protocol_name).was_attached

    def test_second_host(self, bench: Bench) -> None:
        """Two hosts see the volume at a time; taking it from one leaves it with the other."""
        target = bench.create()
        bench.attach(target, self.host(1), self.protocol_name)
        bench.attach(target, self.host(2), self.protocol_name)
        bench.detach(target, self.host(1), self.protocol_name)

        (group,) = {view.host for view in bench.array.masking_views.values()}
        assert group is not None
        assert "node-2" in group

    def test_costs_no_call(self, bench: Bench) -> None:
        """What a protocol decides costs no REST call: the first attach on a host takes nine at most, the next five."""
        # One volume stays behind, so that the default storage group is not left empty and taken away.
        target, second, other, _spare = (bench.create() for _ in range(4))
        bench.attach(other, self.host(2), self.protocol_name)

        before = bench.calls()
        bench.attach(target, self.host(), self.protocol_name)
        first = bench.calls() - before
        bench.attach(second, self.host(), self.protocol_name)
        following = bench.calls() - before - first

        assert first <= 9  # noqa: PLR2004 - the budget of a first attach
        assert following <= 5  # noqa: PLR2004 - the budget of the next


def _key(name: str) -> PortKey:
    """`FA-1D:4` as the domain has it."""
    director, _, port = name.rpartition(":")
    return PortKey(director, port)
