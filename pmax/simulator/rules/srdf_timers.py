"""What happens to SRDF by time and by whatever else changes: copies end, cycles switch, links are watched."""

from functools import partial

from pmax.simulator.rules.srdf_copying import COPY_TIMER, CYCLE_TIMER, on_copy_timer, on_cycle_timer
from pmax.simulator.rules.srdf_links import watch
from pmax.simulator.state.world import World


def install(world: World) -> None:
    """Let SRDF work in a world."""
    world.timer_handlers[COPY_TIMER] = on_copy_timer
    world.timer_handlers[CYCLE_TIMER] = on_cycle_timer
    world.watchers.append(partial(watch, world))
