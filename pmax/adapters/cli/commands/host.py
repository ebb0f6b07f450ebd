"""`pmax host list` and `pmax host show`: compute hosts as the array knows them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pmax.adapters.cli.base import ShowAction
from pmax.adapters.cli.columns import Maybe, Names
from pmax.adapters.cli.host_views import logged_in_ports, told_initiators, told_volumes
from pmax.adapters.cli.hosts import known_host_names
from pmax.adapters.cli.listing import Listing
from pmax.adapters.cli.surveyor import Surveyor
from pmax.domain.errors import InvalidRequest, NotFound
from pmax.domain.masking import InitiatorGroup


class ListHosts(Listing):
    """List the hosts that the array knows.

    A host is an initiator group. Unisphere has no call for several: each that is shown costs one, several are under way
    at a time, and two more give the logins of all.
    """

    nothing = "No host matches."
    columns = ("host", "protocol", "initiators", "logged_in", "masking_views")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the initiator groups whose names pass."""
        surveyor = self.surveyor()
        found = self.read_each(surveyor.host, self.wanted(surveyor.all_hosts()))
        return (_row(surveyor, host) for host in found if host is not None)


def _row(surveyor: Surveyor, host: InitiatorGroup) -> tuple[Any, ...]:
    logged_in = sum(bool(logged_in_ports(surveyor, name)) for name in host.initiators)
    return (host.name, Maybe(host.protocol), len(host.initiators), logged_in, len(host.masking_views))


class ShowHost(ShowAction):
    """Show a host, its logins and what it sees.

    The name is that of an initiator group, or of a computer that pmax or Cinder attached.
    """

    usage = "HOST"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a host."""
        parser = super().get_parser(prog_name)
        parser.add_argument("host", metavar="HOST", help="initiator group, or name of the computer")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the initiator group, its logins, and the paths of its views."""
        surveyor = self.surveyor()
        host = self._find(parsed_args.host, surveyor)
        views = surveyor.views_of_host(host.name)
        port_groups = dict.fromkeys(view.port_group for view in views)
        fields = {
            "array_id": host.array_id,
            "host": host.name,
            "protocol": Maybe(host.protocol),
            "host_groups": host.host_groups,
            "initiators": told_initiators(surveyor, sorted(host.initiators)),
            "masking_views": Names([view.name for view in views]),
            "port_groups": Names(tuple(port_groups)),
            "volumes": told_volumes({view.name: surveyor.connections(view.name) for view in views}),
        }
        return tuple(fields), tuple(fields.values())

    def _find(self, name: str, surveyor: Surveyor) -> InitiatorGroup:
        """The one initiator group that a name means.

        Raises:
            NotFound: there is none.
            InvalidRequest: there are several, one for each protocol of the host.
        """
        engine = self.session.engine
        names = known_host_names(name, surveyor, engine.plugins.protocols().values(), engine.settings.names)
        if len(names) > 1:
            raise InvalidRequest("host", name, f"it is {' and '.join(names)} on the array: give one of these names")
        host = surveyor.host(names[0]) if names else None
        if host is None:
            raise NotFound("host", name)
        return host
