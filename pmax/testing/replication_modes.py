"""What the host relies on in a replication mode, as tests to inherit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

import attrs
import pytest

from pmax.domain.commands import ChangeSession, Direction, MoveToOtherArray, TwoSidedVolume
from pmax.domain.errors import InvalidRequest, PmaxError
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import Connector
from pmax.domain.replication_devices import ReplicationDevice
from pmax.domain.replication_modes import ReplicationMode
from pmax.domain.srdf import SessionAction
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import ArrayHandle, Fault, Refuse, Simulator
from pmax.testing.bench import Bench

_HOST = Connector(host="node-1", is_multipath=True, properties={"initiator": "iqn.1994-05.com.example:node-1"})
_PLAIN_BUDGET, _MANAGED_BUDGET = 8, 12
_WRITABLE = "Ready"


class ReplicationModeContract:
    """Inherit it, say what is special, and pytest finds the tests.

    Attributes:
        mode_name: of the mode under test.
        plugins: by name, that give it; () if an installed package does.
        array_id: serial of an array, in the fixture.
        remote_array_id: of the one to which it replicates.
        rdf_group_label: of an RDF group between both that is empty.
        device_options: keys of `replication_device` with which a deletion is permitted, and others that are needed.
        extends_online: whether the arrays of the fixture can extend a pair of this mode while it replicates.
        unisphere_version: of the simulator.
        fixture: of the simulator.
        port_group: one of the fixture's, on both arrays, that serves iSCSI.
    """

    mode_name: ClassVar[str]
    plugins: ClassVar[tuple[tuple[str, object], ...]] = ()
    array_id: ClassVar[str] = "000197900999"
    remote_array_id: ClassVar[str] = "000197900998"
    rdf_group_label: ClassVar[str] = "23_24_070"
    device_options: ClassVar[Mapping[str, object]] = {}
    extends_online: ClassVar[bool] = True
    unisphere_version: ClassVar[str] = "V9.2.0.0"
    fixture: ClassVar[str] = "default"
    port_group: ClassVar[str] = "OS-iscsi-PG"

    def device(self, **changes: object) -> ReplicationDevice:
        """How the operator configures it."""
        usual = ReplicationDevice(
            target_array_id=ArrayId(self.remote_array_id),
            remote_srp="SRP_1",
            remote_port_group=self.port_group,
            rdf_group_label=self.rdf_group_label,
            mode=self.mode_name,
            sync_retries=20,
            sync_interval_s=1,
        )
        return attrs.evolve(usual, **{**self.device_options, **changes})  # type: ignore[arg-type]  # keys of the device

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        """An engine that makes replicated volumes."""
        with Bench.of(
            Simulator(fixture=self.fixture, unisphere_version=self.unisphere_version),
            self.array_id,
            plugins=self.plugins,
            port_groups=(self.port_group,),
            replication_devices=(self.device(),),
        ) as bench:
            bench.policy = attrs.evolve(bench.policy, replication_enabled=True)
            yield bench

    # --- what it says of itself --------------------------------------------------------------------------------------

    def test_words(self, bench: Bench) -> None:
        """Its suffix fits into names of groups, and what it says of states does not contradict itself."""
        mode = self._mode(bench)

        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", mode.name)
        assert re.fullmatch(r"-[A-Z]{2,3}", mode.suffix)
        assert mode.steady_states
        assert mode.steady_states <= mode.changeable_states
        for option in (mode.bias_option, mode.deletion_option):
            assert not option or isinstance(getattr(self.device(), option, None), bool)

    def test_how_it_is_written(self, bench: Bench) -> None:
        """Its name and each of its aliases mean it, in any case."""
        mode = self._mode(bench)

        for written in (mode.name, *mode.aliases):
            for spelling in (written, written.lower(), written.upper()):
                assert bench.engine.plugins.replication_mode(spelling) is mode

    # --- what becomes of volumes -------------------------------------------------------------------------------------

    def test_first_volume(self, bench: Bench) -> None:
        """The first volume of an RDF group gets its other side, in this mode, and its data gets there."""
        volume = bench.create()
        bench.array.write(volume.device_id, "token")
        bench.simulator.srdf.finish_copies()

        self._check_pairs(bench, 1)
        assert self._remote(bench).read(self._other(bench, volume).device_id) == "token"

    def test_next_volumes(self, bench: Bench) -> None:
        """The next one joins within its budget of calls, while the first goes on replicating what hosts write."""
        first = bench.create()
        bench.simulator.srdf.finish_copies()
        bench.create()
        before = bench.calls()
        bench.create(gib=2)

        managed = self._mode(bench).needs_management_group
        assert bench.calls() - before <= (_MANAGED_BUDGET if managed else _PLAIN_BUDGET)
        changes = [call for call in list(bench.simulator.requests)[before:] if call.verb == "PUT"]
        assert not [call.path for call in changes if "/rdf_group/" in call.path]
        bench.array.write(first.device_id, "token")
        bench.simulator.srdf.finish_copies()
        self._check_pairs(bench, 3)
        assert self._remote(bench).read(self._other(bench, first).device_id) == "token"

    def test_other_service_level(self, bench: Bench) -> None:
        """A volume of another type joins the RDF group with a storage group of its own, and stops nothing either."""
        first = bench.create()
        levels = bench.engine.readers.arrays.list_service_levels(bench.array_id)
        other = next(level for level in levels if level not in {bench.policy.service_level, "None", "NONE"})
        bench.policy = attrs.evolve(bench.policy, service_level=other)
        bench.array.write(first.device_id, "token")
        before = len(bench.simulator.requests)
        bench.create()

        changes = [call for call in list(bench.simulator.requests)[before:] if call.verb == "PUT"]
        assert not [call.path for call in changes if "/rdf_group/" in call.path]
        bench.simulator.srdf.finish_copies()
        self._check_pairs(bench, 2)
        assert self._remote(bench).read(self._other(bench, first).device_id) == "token"

    def test_extension(self, bench: Bench) -> None:
        """Both sides grow and keep their data; where the arrays cannot, the error names both and nothing is done."""
        volume, other = bench.create(), bench.create()
        bench.array.write(volume.device_id, "token")
        before = self._everything(bench)

        if self.extends_online:
            bench.extend(volume, 3)
            assert bench.array.volumes[volume.device_id].cylinders > bench.array.volumes[other.device_id].cylinders
        else:
            with pytest.raises(InvalidRequest, match=f"{self.array_id}.*{self.remote_array_id}"):
                bench.extend(volume, 3)
            assert self._everything(bench) == before
        bench.simulator.srdf.finish_copies()
        self._check_pairs(bench, 2)
        assert bench.array.read(volume.device_id) == "token"

    def test_deletion(self, bench: Bench) -> None:
        """A volume goes with its other side and leaves the others alone; the last one leaves nothing at all."""
        before = self._everything(bench)
        volume, other = bench.create(), bench.create()
        bench.array.write(other.device_id, "token")
        bench.simulator.srdf.finish_copies()

        bench.delete(volume)
        self._check_pairs(bench, 1)
        assert self._remote(bench).read(self._other(bench, other).device_id) == "token"
        bench.delete(other)
        assert self._everything(bench) == before

    def test_refused_calls(self, bench: Bench) -> None:
        """Whichever change the array refuses while the first and the next volume are made: nothing is left of it."""
        for _volume in ("first", "next"):
            before = self._everything(bench)
            for number in range(1, 30):
                bench.simulator.faults.add(Fault(effect=Refuse(status=500), verb="POST|PUT", nth=number))
                refused = None
                try:
                    bench.create()
                except PmaxError as error:
                    refused = error
                bench.simulator.faults.clear()
                if refused is None:
                    break
                assert bench.engine.unfinished() == (), f"change {number}: {refused}"
                assert self._everything(bench) == before, f"change {number}: {refused}"

    # --- what becomes of sessions ------------------------------------------------------------------------------------

    def test_suspension(self, bench: Bench) -> None:
        """Pairs that were suspended are brought back by the action that the mode names."""
        volume = bench.create()
        bench.simulator.srdf.finish_copies()

        self._change(bench, volume, SessionAction.SUSPEND)
        assert {pair.state.value for pair in bench.simulator.srdf.pairs} == {"Suspended"}
        self._change(bench, volume, SessionAction.RESUME)
        bench.simulator.srdf.finish_copies()
        self._check_pairs(bench, 1)

    def test_failover(self, bench: Bench) -> None:
        """After a failover hosts can write to the other side, which has their data; failing back ends as it began."""
        volume = bench.create()
        bench.array.write(volume.device_id, "before")
        bench.simulator.srdf.finish_copies()
        other = self._other(bench, volume)

        (moved,) = self._move(bench, Direction.OVER, TwoSidedVolume(used=volume, other=other))
        assert moved.used.device_id == other.device_id
        assert bench.simulator.srdf.access_to(self.remote_array_id, other.device_id) == _WRITABLE
        assert self._remote(bench).read(other.device_id) == "before"
        self._remote(bench).write(other.device_id, "after")
        (back,) = self._move(bench, Direction.BACK, moved)
        bench.simulator.srdf.finish_copies()

        assert back.used.device_id == volume.device_id
        assert bench.array.read(volume.device_id) == "after"
        self._check_pairs(bench, 1)

    # --- what hosts see ----------------------------------------------------------------------------------------------

    def test_attachment(self, bench: Bench) -> None:
        """A host sees the sides to which it can write, and no others; after the detach both arrays are as before."""
        volume = bench.create()
        bench.simulator.srdf.finish_copies()
        before = self._everything(bench)
        sides = {self.array_id: volume.device_id, self.remote_array_id: self._other(bench, volume).device_id}

        bench.attach(volume, _HOST, "iscsi")
        seen = {
            array
            for array, device in sides.items()
            if device in {shown for _view, shown in bench.simulator.arrays[array].lun_addresses}
        }
        access = {array: bench.simulator.srdf.access_to(array, device) for array, device in sides.items()}
        assert seen == {array for array, kind in access.items() if kind == _WRITABLE}
        bench.detach(volume, _HOST, "iscsi")
        assert self._everything(bench) == before

    # --- tools -------------------------------------------------------------------------------------------------------

    def _mode(self, bench: Bench) -> ReplicationMode:
        return bench.engine.plugins.replication_mode(self.mode_name)

    def _remote(self, bench: Bench) -> ArrayHandle:
        return bench.simulator.arrays[self.remote_array_id]

    def _other(self, bench: Bench, volume: VolumeTarget) -> VolumeTarget:
        array, device = bench.simulator.srdf.other_side(self.array_id, volume.device_id)
        return VolumeTarget(array_id=ArrayId(array), device_id=DeviceId(device), identifiers=volume.identifiers)

    def _change(self, bench: Bench, volume: VolumeTarget, action: SessionAction) -> None:
        group = ""
        if not self._mode(bench).needs_management_group:
            (group,) = bench.array.volumes[volume.device_id].storage_groups
        array = ArrayId(self.array_id)
        bench.engine.execute(
            ChangeSession(array_id=array, label=self.rdf_group_label, storage_group=group, action=action)
        )

    def _move(self, bench: Bench, direction: Direction, *volumes: TwoSidedVolume) -> tuple[TwoSidedVolume, ...]:
        command = MoveToOtherArray(
            device=self.device(), primary_array_id=ArrayId(self.array_id), direction=direction, volumes=volumes
        )
        return bench.engine.execute(command).moved

    def _check_pairs(self, bench: Bench, count: int) -> None:
        """As many pairs, all in this mode, steady, alike on both sides, and in the groups in which they belong."""
        mode = self._mode(bench)
        pairs = bench.simulator.srdf.pairs
        assert len(pairs) == count
        assert {pair.mode.value for pair in pairs} == {mode.expected_mode}
        assert {pair.state.value for pair in pairs} <= {state.value for state in mode.steady_states}
        for pair in pairs:
            one, other = (
                bench.simulator.arrays[array].volumes[device]
                for array, device in zip(pair.arrays, pair.volumes, strict=True)
            )
            assert one.identifier == other.identifier
            assert one.cylinders == other.cylinders
            assert set(one.storage_groups) == set(other.storage_groups)
            assert len(one.storage_groups) == (2 if mode.needs_management_group else 1)

    def _everything(self, bench: Bench) -> dict[str, object]:
        """What creating and attaching could leave behind, on both arrays."""
        return {
            array: {
                "volumes": {name: (volume.identifier, volume.cylinders) for name, volume in handle.volumes.items()},
                "storage groups": set(handle.storage_groups),
                "masking views": set(handle.masking_views),
                "initiator groups": set(handle.hosts),
                "pairs": {(pair.pair_id, pair.state) for pair in bench.simulator.srdf.pairs},
            }
            for array, handle in ((self.array_id, bench.array), (self.remote_array_id, self._remote(bench)))
        }
