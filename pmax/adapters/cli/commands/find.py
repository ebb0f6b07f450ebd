"""`pmax find`: whatever a text may mean on the array."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from pmax.adapters.cli.finder import Finder
from pmax.adapters.cli.listing import Listing
from pmax.domain.errors import NotFound

#: More than a person looks through; `--limit` says otherwise.
_MOST = 50


class Find(Listing):
    """Find whatever a text means: a volume, a host, a LUN.

    Takes device ids, world wide names, identifiers, ids of Cinder, names or parts of names of hosts, groups and views,
    initiators, director ports, and HOST:LUN. The exit status is 3 if nothing matches.
    """

    usage = "TEXT"
    columns = ("kind", "name", "matched", "detail")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the text."""
        parser = super().get_parser(prog_name)
        parser.add_argument("text", metavar="TEXT", help="what to look for")
        parser.set_defaults(limit=_MOST)
        return parser

    def rows(self, parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Look everywhere.

        Raises:
            NotFound: nothing matches.
        """
        engine = self.session.engine
        finder = Finder(
            readers=engine.readers,
            surveyor=self.surveyor(),
            array_id=self.array_id,
            protocols=tuple(engine.plugins.protocols().values()),
            names=engine.settings.names,
        )
        hits = finder.find(parsed_args.text.strip())
        is_empty = True
        for hit in hits:
            is_empty = False
            yield hit.kind, hit.name, hit.why, hit.detail
        if is_empty:
            raise NotFound("object", parsed_args.text)
