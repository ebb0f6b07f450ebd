"""`pmax pool`: the pools that the Cinder scheduler is offered."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pmax.adapters.cli.base import ListAction
from pmax.adapters.cli.columns import Amount, Maybe
from pmax.domain.pools import PoolName, advertised_pools

_COLUMNS: Final = ("pool_name", "service_level", "workload", "srp", "total_gib", "free_gib")
_LONG: Final = (*_COLUMNS, "subscribed_gib", "reserved_percent")
_PARTS: Final = 2


class ListPools(ListAction):
    """List the pools that Cinder is offered, and their capacity.

    Each name can stand in the pool_name of a volume type. All pools of a storage resource pool share its capacity.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take options."""
        parser = super().get_parser(prog_name)
        parser.add_argument("--long", action="store_true", help="more columns")
        parser.add_argument(
            "--all", action="store_true", help="every spelling of each name, as the scheduler gets them"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the array's offer and the configured storage resource pool."""
        reader = self.readers.arrays
        settings = self.session.engine.settings
        pools = advertised_pools(
            reader.get_array(self.array_id),
            reader.list_service_levels(self.array_id),
            reader.list_workloads(self.array_id),
            settings.srp,
        )
        srp = reader.get_srp(self.array_id, settings.srp)
        capacity = (
            Amount(srp.total_gib), Amount(srp.free_gib), Amount(srp.subscribed_gib), srp.reserved_percent
        )  # fmt: skip
        columns = _LONG if parsed_args.long else _COLUMNS
        shown = pools if parsed_args.all else _one_spelling(pools)
        rows = (
            (str(pool), Maybe(pool.service_level), Maybe(pool.workload), pool.srp, *capacity)[: len(columns)]
            for pool in shown
        )
        return columns, rows


def _one_spelling(pools: tuple[PoolName, ...]) -> tuple[PoolName, ...]:
    """Of the names that mean the same, the first with all four parts."""
    whole = [pool for pool in pools if len(pool.written) == _PARTS]
    return tuple(dict.fromkeys(whole))
