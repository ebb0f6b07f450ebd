"""What a storage resource pool takes: anything, unless it has a limit."""

from pmax.simulator import capacity
from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.state.transaction import ArrayTables

_TB = 1024**4


def refuse_full(array: ArrayTables, name: str | None, cylinders: int) -> None:
    """Refuse what a pool with a limit has no room for.

    Args:
        array: whose pool.
        name: of the pool; None for volumes that are in none.
        cylinders: by how much its volumes would grow together.

    Raises:
        ArrayRefused: they would add up to more than the pool may hold (assumed).
    """
    pool = array.pools.find(name) if name else None
    if pool is None or pool.most_subscribed_percent is None:
        return
    wanted = (array.volumes.total("srp", pool.name) + cylinders) * capacity.BYTES_PER_CYLINDER
    if wanted > pool.usable_tb * _TB * pool.most_subscribed_percent / 100:
        raise ArrayRefused(
            f"The SRP {pool.name} on Symmetrix [{array.symmetrix_id}] does not have enough free capacity"
        )
