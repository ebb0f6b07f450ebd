"""Workload planner: headroom and its capabilities (reference section 6.3)."""

from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.dates import milliseconds
from pmax.simulator.refusals import NotFound, text_of_missing
from pmax.simulator.resources.pools import pool_usage
from pmax.simulator.wire import JsonObject

_UPDATE_INTERVAL_S = 1800


def get_headroom(call: Call) -> Answer:
    """Answer what is free in the pools that the filters leave, in GB.

    The form goes by version. Real headroom also depends on the service level; here it is what is usable (assumed).
    """
    wanted = call.query.exact("srp")
    rows: list[JsonObject] = []
    for pool in call.array.pools:
        if wanted is not None and pool.name not in wanted:
            continue
        usage = pool_usage(call.array, pool)
        free_gb = round((usage.usable_tb - usage.used_tb) * 1024, 2)
        if call.dialect.has_flat_headroom:
            rows.append({"headroomCapacity": free_gb, "srpId": pool.name})
        else:
            rows.append({"srpId": pool.name, "emulation": pool.emulation, "capacity": free_gb})
    if wanted and not rows:
        raise NotFound(text_of_missing("Storage Resource Pool", wanted[0], call.symmetrix_id))
    return ok({("headroom" if call.dialect.has_flat_headroom else "gbHeadroom"): rows})


def get_planner(call: Call) -> Answer:
    """Answer when the planner last looked at an array, and in how many seconds it does again."""
    last = call.now - call.now % _UPDATE_INTERVAL_S
    return ok(
        {
            "symmetrixId": call.symmetrix_id,
            "lastProcessed": milliseconds(last),
            "nextUpdate": round(last + _UPDATE_INTERVAL_S - call.now),
        }
    )


def get_planner_capabilities(call: Call) -> Answer:
    """Answer what the planner can do for each array."""
    arrays = sorted(key for key in call.transaction.arrays.ids() if call.unisphere.sees(key))
    names = ("workloadDetailCapable", "headroomGbCapable", "slComplianceCapable")
    return ok({"symmetrixCapability": [{"symmetrixId": each, **dict.fromkeys(names, True)} for each in arrays]})
