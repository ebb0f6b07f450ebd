"""`pmax profile`: the backends of the configuration, each of which --backend chooses."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from typing import Any

from pmax.adapters.cli.columns import Maybe
from pmax.adapters.cli.listing import Listing
from pmax.adapters.cli.selection import Selection
from pmax.adapters.options import profiles


class ListProfiles(Listing):
    """List the backends of the configuration.

    Each can be chosen with --backend. Nothing is asked of Unisphere.
    """

    nothing = "The configuration has no backend for a PowerMax."
    columns = ("backend", "array_id", "unisphere", "username", "srp")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the configuration files."""
        selection = Selection.of(self.app.options, os.environ)
        for name, options in profiles(selection.config_files):
            array = options.get("powermax_array") or options.get("vmax_array")
            srp = options.get("powermax_srp") or options.get("vmax_srp")
            yield name, Maybe(array), Maybe(options.get("san_ip")), Maybe(options.get("san_login")), Maybe(srp)
