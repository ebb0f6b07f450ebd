"""The bench takes any driver class: drivers can be compared on it, and can take over each other's volumes."""

import pytest

from tests.judges.hosts import Names, connector_of
from tests.judges.upstream import UPSTREAM

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

PMAX = {
    "iscsi": "pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver",
    "fc": "pmax.adapters.cinder.fc.PowerMaxFCDriver",
}


@pytest.mark.parametrize("protocol", PMAX)
def test_two_drivers_on_the_same_volumes(bench, protocol):
    """A volume that one driver created and attached is detached, extended and deleted by the other one."""
    upstream = bench.start(UPSTREAM[protocol], protocol)
    ours = bench.start(PMAX[protocol], protocol)
    node, names = connector_of(protocol), Names(protocol)
    gold = upstream.volume_type(pool=upstream.pool(workload="None"))
    with bench.leaving_nothing():
        for maker, taker in ((upstream, ours), (ours, upstream)):
            volume, stays = maker.create(gold), maker.create(gold)
            maker.attach(volume, node)
            assert maker.device_of(volume).storage_groups == (names.gold,)
            taker.detach(volume, node)
            volume = taker.extend(volume, 3)
            assert taker.device_of(volume).cylinders == 1639
            for each in (volume, stays):
                taker.delete(each)
