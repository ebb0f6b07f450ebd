"""Whatever is done to pairs, in whatever order: both arrays agree, copies end, and data stay on at least one side."""

import base64
import json

import attrs
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pmax.simulator import AfterSeconds, Behaviour, ManualClock, Options, Simulator
from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.wire import Request
from tests.unit.simulator.srdf_client import ARRAY, NUMBERS, OTHER_ARRAY

COPY_S = 60
ARRAYS = (ARRAY, OTHER_ARRAY)
MODES = ("Synchronous", "Asynchronous", "Active", "AdaptiveCopyDisk")
ACTIONS = ("Establish", "Resume", "Suspend", "Split", "Failback", "Swap", "SetBias", "SetMode")
RISKY = ("Failover", "Restore")
UNDEFINED = "undefined"
STEADY = {"Synchronized", "ActiveActive", "ActiveBias"}

sides = strategies.sampled_from(ARRAYS)
flags = strategies.booleans()


class Replication(RuleBasedStateMachine):
    """One storage group of a mode, its pairs, and a link that fails."""

    @initialize(mode=strategies.sampled_from(MODES), has_bias=flags)
    def protect(self, mode, has_bias):
        behaviour = Behaviour(sync_pace=AfterSeconds(COPY_S))
        self.simulator = Simulator(Options(clock=ManualClock(), behaviour=behaviour))
        self.number = NUMBERS[mode]
        self.is_cut = False
        self.writes = 0
        group = {"storageGroupId": "sg", "srpId": "SRP_1", "emulation": "FBA"}
        new = [{"num_of_vols": 2, "volume_size": 1, "capacityUnit": "GB"}]
        group["sloBasedStorageGroupParam"] = [{"sloId": "Diamond", "volumeAttributes": new}]
        assert self.call("POST", ARRAY, "sloprovisioning", "storagegroup", group)[0] == 201
        body = {
            "replicationMode": mode,
            "remoteSymmId": OTHER_ARRAY,
            "rdfgNumber": self.number,
            "establish": True,
            "metroBias": has_bias and mode == "Active",
        }
        assert self.call("POST", ARRAY, "replication", "storagegroup/sg/rdf_group", body)[0] == 201

    def call(self, verb, array, category, path, body=None):
        """Send a request; return status and body."""
        token = base64.b64encode(b"smc:smc").decode()
        request = Request(
            verb=verb,
            path=f"/univmax/restapi/92/{category}/symmetrix/{array}/{path}",
            headers={"authorization": f"Basic {token}"},
            body=b"" if body is None else json.dumps(body).encode(),
        )
        response = self.simulator.application.handle(request)
        assert self.simulator.defects == []
        return response.status, json.loads(response.body) if response.body else {}

    def act(self, array, action, **options):
        key = action[0].lower() + action[1:]
        body = {"action": action, key: options}
        return self.call("PUT", array, "replication", f"storagegroup/sg/rdf_group/{self.number}", body)

    @rule(array=sides, action=strategies.sampled_from(ACTIONS), force=flags, async_mode=flags)
    def do_something(self, array, action, force, async_mode):
        options = {"mode": "Asynchronous" if async_mode else "Synchronous"} if action == "SetMode" else {}
        before = self.simulator.srdf.pairs
        status, _ = self.act(array, action, force=force, **options)
        assert status in {200, 500}
        if status == 500:
            assert self.simulator.srdf.pairs == before

    @rule(array=sides, action=strategies.sampled_from(RISKY))
    def do_something_that_trusts_r2(self, array, action):
        contents = [self.volume(pair, pair.r2_side).content for pair in self.simulator.srdf.pairs]
        if UNDEFINED not in contents:
            self.act(array, action)

    @rule(array=sides)
    def grow(self, array):
        if len(self.simulator.srdf.pairs) < 4:
            new = [{"num_of_vols": 1, "volume_size": 1, "capacityUnit": "GB"}]
            other = ARRAYS[1 - ARRAYS.index(array)]
            remote = {"remote_symmetrix_1_id": other, "remote_symmetrix_1_sgs": ["sg"], "force": "true"}
            fields = {"addVolumeParam": {"volumeAttributes": new, "remoteSymmSGInfoParam": remote}}
            body = {"editStorageGroupActionParam": {"expandStorageGroupParam": fields}}
            before = [len(each.volumes) for each in self.simulator.arrays.values()]
            status, _ = self.call("PUT", array, "sloprovisioning", "storagegroup/sg", body)
            grown = [
                len(each.volumes) - count for each, count in zip(self.simulator.arrays.values(), before, strict=True)
            ]
            assert grown == ([1, 1] if status == 200 else [0, 0])

    @rule()
    def shrink(self):
        pairs = self.simulator.srdf.pairs
        if len(pairs) > 1:
            remote = {"remote_symmetrix_1_id": OTHER_ARRAY, "remote_symmetrix_1_sgs": ["sg"]}
            fields = {"volumeId": [pairs[-1].volumes[0]], "remoteSymmSGInfoParam": remote}
            body = {"editStorageGroupActionParam": {"removeVolumeParam": fields}}
            status, _ = self.call("PUT", ARRAY, "sloprovisioning", "storagegroup/sg", body)
            assert len(self.simulator.srdf.pairs) == len(pairs) - (status == 200)

    @rule(side=strategies.integers(0, 1))
    def write(self, side):
        self.writes += 1
        for pair in self.simulator.srdf.pairs:
            handle = self.simulator.arrays[pair.arrays[side]]
            token = f"write {self.writes} of {pair.volumes[side]}"
            try:
                handle.write(pair.volumes[side], token)
            except ArrayRefused:
                assert self.simulator.srdf.access_to(handle.symmetrix_id, pair.volumes[side]) != "Ready"
            else:
                assert handle.read(pair.volumes[side]) == token

    @precondition(lambda self: not self.is_cut)
    @rule()
    def cut(self):
        self.simulator.srdf.cut_link(*ARRAYS)
        self.is_cut = True

    @precondition(lambda self: self.is_cut)
    @rule()
    def mend(self):
        self.simulator.srdf.restore_link(*ARRAYS)
        self.is_cut = False

    @rule(seconds=strategies.sampled_from([1, 15, COPY_S]))
    def wait(self, seconds):
        self.simulator.clock.advance(seconds)

    @rule()
    def finish_copies(self):
        self.simulator.srdf.finish_copies()

    def volume(self, pair, side):
        return self.simulator.arrays[pair.arrays[side]].volumes[pair.volumes[side]]

    @invariant()
    def both_arrays_agree(self):
        near, far = [self.call("GET", each, "replication", f"rdf_group/{self.number}")[1] for each in ARRAYS]
        assert near["numDevices"] == far["numDevices"] == len(self.simulator.srdf.pairs)
        assert near["offline"] is far["offline"] is self.is_cut
        views = [
            self.call("GET", each, "replication", f"storagegroup/sg/rdf_group/{self.number}")[1] for each in ARRAYS
        ]
        assert (views[0]["states"], views[0]["modes"]) == (views[1]["states"], views[1]["modes"])

    @invariant()
    def both_sides_have_the_same_size(self):
        for pair in self.simulator.srdf.pairs:
            assert self.volume(pair, 0).cylinders == self.volume(pair, 1).cylinders

    @invariant()
    def data_are_somewhere(self):
        for pair in self.simulator.srdf.pairs:
            assert {self.volume(pair, side).content for side in (0, 1)} != {UNDEFINED}

    @invariant()
    def what_is_synchronised_is_the_same(self):
        for pair in self.simulator.srdf.pairs:
            state = self.simulator.srdf.state_of(pair.arrays[0], pair.volumes[0]).value
            if state in STEADY:
                assert self.volume(pair, 0).content == self.volume(pair, 1).content != UNDEFINED

    @invariant()
    def copies_end(self):
        due = {timer.subject: timer.due_at for timer in self.timers()}
        for pair in self.simulator.srdf.pairs:
            is_copying = pair.state.value == "SyncInProg" and not self.is_cut
            assert (pair.pair_id in due) is is_copying

    def timers(self):
        with self.simulator.world.changing() as transaction:
            return [attrs.evolve(timer) for timer in transaction.timers if timer.kind == "srdf copy"]


Replication.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestReplication = Replication.TestCase
