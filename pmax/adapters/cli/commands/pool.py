"""`pmax pool`: the pools that the Cinder scheduler is offered."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pmax.adapters.cli.columns import Amount, Maybe
from pmax.adapters.cli.listing import Listing
from pmax.domain.pools import PoolName, advertised_pools

_PARTS: Final = 2


class ListPools(Listing):
    """List the pools that Cinder is offered, with their room.

    Each name can stand in the pool_name of a volume type. All pools of a storage resource pool share its capacity.
    """

    columns = ("pool_name", "service_level", "workload", "srp", "total_gib", "free_gib")
    more_columns = ("subscribed_gib", "reserved_percent")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take options."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--all", action="store_true", help="every spelling of each name, as the scheduler gets them"
        )
        return parser

    def rows(self, parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
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
        for pool in pools if parsed_args.all else _one_spelling(pools):
            yield str(pool), Maybe(pool.service_level), Maybe(pool.workload), pool.srp, *capacity


def _one_spelling(pools: tuple[PoolName, ...]) -> tuple[PoolName, ...]:
    """Of the names that mean the same, the first with all four parts."""
    whole = [pool for pool in pools if len(pool.written) == _PARTS]
    return tuple(dict.fromkeys(whole))
