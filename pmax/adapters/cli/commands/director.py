"""`pmax director`: the directors of an array and their ports."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from pmax.adapters.cli.base import ShowAction
from pmax.adapters.cli.columns import Claim
from pmax.adapters.cli.host_views import told_ports
from pmax.adapters.cli.listing import Listing
from pmax.domain.errors import NotFound


class ListDirectors(Listing):
    """List the directors of the array."""

    nothing = "No director matches."
    columns = ("director", "is_online", "ports")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the directors whose ids pass."""
        surveys = self.readers.surveys
        names = self.wanted(surveys.list_directors(self.array_id))
        for found in self.read_each(partial(surveys.find_director, self.array_id), names):
            if found is not None:
                yield found.director_id, Claim(found.is_online), found.port_count


class ShowDirector(ShowAction):
    """Show a director and the state of its ports."""

    usage = "DIRECTOR"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a director."""
        parser = super().get_parser(prog_name)
        parser.add_argument("director", metavar="DIRECTOR", help="such as FA-1D")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the director and its ports.

        Raises:
            NotFound: there is no such director.
        """
        name = parsed_args.director.upper()
        found = self.readers.surveys.find_director(self.array_id, name)
        if found is None:
            raise NotFound("director", name)
        keys = [key for key in self.readers.surveys.list_ports(self.array_id) if key.director == found.director_id]
        fields = {
            "array_id": self.array_id,
            "director": found.director_id,
            "is_online": Claim(found.is_online),
            "ports": told_ports(self.surveyor(), sorted(keys)),
        }
        return tuple(fields), tuple(fields.values())
