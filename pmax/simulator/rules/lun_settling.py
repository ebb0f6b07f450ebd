"""LUN addresses that take their time: a volume is in a view, and the view's connections do not show it yet.

Real clients wait for that. Addresses are given at once (`lun_addresses`); here it is decided when they can be seen.
"""

from collections.abc import Iterable

import attrs

from pmax.simulator.pace import AtOnce
from pmax.simulator.state.masking_records import LunAddress
from pmax.simulator.state.schema import LUN_ADDRESSES
from pmax.simulator.state.transaction import ArrayTables, Transaction
from pmax.simulator.state.world import World


def unsettle_new(world: World, transaction: Transaction) -> None:
    """Let the addresses that a transaction gives be seen only after the time that the user of the simulator chose."""
    pace = world.behaviour.lun_address_pace
    if isinstance(pace, AtOnce):
        return
    committed = world.begin()
    for change in tuple(transaction.changes):
        if change.spec is LUN_ADDRESSES and change.row is not None:
            addresses = transaction.array(change.scope).lun_addresses
            if change.key not in committed.array(change.scope).lun_addresses:
                addresses.put(attrs.evolve(change.row, settling=world.begin_work(pace)))


def note_reads(array: ArrayTables, addresses: Iterable[LunAddress], now: float) -> list[LunAddress]:
    """Return the addresses that a client sees which looks at all of these; looking may be what they wait for."""
    seen = []
    for address in addresses:
        if address.settling is None:
            seen.append(address)
            continue
        progress = address.settling.after_read()
        is_done = progress.is_done(now)
        array.lun_addresses.put(attrs.evolve(address, settling=None if is_done else progress))
        seen += [address] if is_done else []
    return seen
