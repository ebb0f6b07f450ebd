"""What happens to snapshots by time: links become defined and copied, snapshots expire and go, policies run."""

from collections.abc import Callable

from pmax.simulator.rules.snapvx import ArrayInTime
from pmax.simulator.rules.snapvx_links import LINK_TIMER, arm, settle
from pmax.simulator.rules.snapvx_policies import POLICY_TIMER, run_policy
from pmax.simulator.rules.snapvx_snapshots import EXPIRY_TIMER, REMOVAL_TIMER, expire, finish_removal
from pmax.simulator.state.service_records import Timer
from pmax.simulator.state.transaction import Transaction
from pmax.simulator.state.world import World


def _settle_link(scene: ArrayInTime, target: str) -> None:
    link = scene.links.find(target)
    if link is not None:
        arm(scene, settle(scene, link))


_HANDLERS: dict[str, Callable[[ArrayInTime, str], None]] = {
    LINK_TIMER: _settle_link,
    EXPIRY_TIMER: expire,
    REMOVAL_TIMER: finish_removal,
    POLICY_TIMER: run_policy,
}


def install(world: World) -> None:
    """Let the timers of snapshots do their work in a world."""

    def handle(transaction: Transaction, timer: Timer) -> None:
        scene = ArrayInTime(transaction.array(timer.symmetrix_id), world, timer.due_at)
        _HANDLERS[timer.kind](scene, timer.subject)

    for kind in _HANDLERS:
        world.timer_handlers[kind] = handle
