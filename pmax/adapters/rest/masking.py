"""Initiators, initiator groups, ports, port groups and masking views, read over REST."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from pmax.adapters.rest import paths
from pmax.adapters.rest.cache import AgedCache
from pmax.adapters.rest.fields import port_key
from pmax.adapters.rest.messages import Subject
from pmax.adapters.rest.paths import Query
from pmax.adapters.rest.resources import Resources
from pmax.adapters.rest.wire import ConnectionsReply
from pmax.domain.errors import MalformedReply
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import (
    Connection,
    DirectorPort,
    Initiator,
    InitiatorGroup,
    Login,
    MaskingView,
    PortGroup,
    PortKey,
)
from pmax.ports.masking import MaskingReader
from pmax.ports.runtime import Clock


class RestMaskingReader(MaskingReader):
    """Reads who sees what; ports and port groups are believed for a while."""

    def __init__(self, resources: Resources, clock: Clock, age_s: float) -> None:
        """Start with nothing known.

        Args:
            resources: reads.
            clock: tells the age.
            age_s: for how long ports and port groups are believed.
        """
        self._resources = resources
        self._ports: AgedCache[DirectorPort] = AgedCache(clock, age_s)
        self._port_groups: AgedCache[PortGroup] = AgedCache(clock, age_s)

    def find_masking_view(self, array_id: ArrayId, name: str) -> MaskingView | None:
        """See `MaskingReader`."""
        subject = Subject(kind="masking view", name=name, array_id=array_id)
        return self._resources.find(MaskingView, subject, paths.MASKING_VIEW, array=array_id, name=name)

    def list_masking_views(
        self, array_id: ArrayId, *, initiator_group: str | None = None, port_group: str | None = None
    ) -> tuple[str, ...]:
        """See `MaskingReader`."""
        query: Query = ()
        if initiator_group is not None:
            query += (("host_or_host_group_name", initiator_group),)
        if port_group is not None:
            query += (("port_group_name", port_group),)
        subject = Subject(kind="list of masking views", name="", array_id=array_id)
        return self._resources.names("maskingViewId", subject, paths.MASKING_VIEWS, query, array=array_id)

    def find_initiator_group(self, array_id: ArrayId, name: str) -> InitiatorGroup | None:
        """See `MaskingReader`."""
        subject = Subject(kind="initiator group", name=name, array_id=array_id)
        return self._resources.find(InitiatorGroup, subject, paths.INITIATOR_GROUP, array=array_id, name=name)

    def list_initiator_groups(self, array_id: ArrayId) -> tuple[str, ...]:
        """See `MaskingReader`."""
        subject = Subject(kind="list of initiator groups", name="", array_id=array_id)
        return self._resources.names("hostId", subject, paths.INITIATOR_GROUPS, array=array_id)

    def find_initiators(self, array_id: ArrayId, names: tuple[str, ...]) -> tuple[Initiator, ...]:
        """See `MaskingReader`. One call for all names, and one for each entry: only that says whose it is.

        The array keeps names in lower case and compares them exactly (unisphere-rest.md 6.9). An entry that goes
        between the two calls is left out.
        """
        if not names:
            return ()
        subject = Subject(kind="list of initiators", name="", array_id=array_id)
        query = tuple(("initiator_hba", name.lower()) for name in dict.fromkeys(names))
        entries = self._resources.names("initiatorId", subject, paths.INITIATORS, query, array=array_id)
        found = (self._initiator(array_id, entry) for entry in entries)
        return tuple(initiator for initiator in found if initiator is not None)

    def list_logins(self, array_id: ArrayId) -> tuple[Login, ...]:
        """See `MaskingReader`. Two calls, one for each answer to `logged_in`.

        Unknown filters are ignored (rule 87, uncertain): a server that does not know this one gives an entry twice,
        and then each entry is asked for itself.
        """
        subject = Subject(kind="list of initiators", name="", array_id=array_id)

        def entries(is_logged_in: str) -> tuple[str, ...]:
            query = (("logged_in", is_logged_in),)
            return self._resources.names("initiatorId", subject, paths.INITIATORS, query, array=array_id)

        present, gone = entries("true"), entries("false")
        if set(present) & set(gone):
            found = (self._initiator(array_id, entry) for entry in dict.fromkeys((*present, *gone)))
            return tuple(
                Login(name=each.name, port=each.port, is_logged_in=each.is_logged_in)
                for each in found
                if each is not None and each.port is not None
            )
        told = [*((entry, True) for entry in present), *((entry, False) for entry in gone)]
        parts = ((*_name_and_port(entry), is_logged_in) for entry, is_logged_in in told)
        return tuple(Login(name=name, port=port, is_logged_in=is_logged_in) for name, port, is_logged_in in parts)

    def find_port_group(self, array_id: ArrayId, name: str) -> PortGroup | None:
        """See `MaskingReader`."""

        def read() -> PortGroup | None:
            subject = Subject(kind="port group", name=name, array_id=array_id)
            return self._resources.find(PortGroup, subject, paths.PORT_GROUP, array=array_id, name=name)

        return self._port_groups.get((array_id, name), read)

    def list_port_groups(self, array_id: ArrayId) -> tuple[str, ...]:
        """See `MaskingReader`."""
        subject = Subject(kind="list of port groups", name="", array_id=array_id)
        return self._resources.names("portGroupId", subject, paths.PORT_GROUPS, array=array_id)

    def get_port(self, array_id: ArrayId, key: PortKey) -> DirectorPort:
        """See `MaskingReader`."""

        def read() -> DirectorPort:
            subject = Subject(kind="port", name=str(key), array_id=array_id)
            template = paths.DIRECTOR_PORT
            return self._resources.get(
                DirectorPort, subject, template, array=array_id, director=key.director, port=key.port
            )

        return self._ports.require((array_id, key), read)

    def list_connections(
        self, array_id: ArrayId, masking_view: str, device_id: DeviceId | None = None
    ) -> tuple[Connection, ...]:
        """See `MaskingReader`. Rows without a LUN address are paths that the array is still making."""
        query: Query = () if device_id is None else (("volume_id", device_id),)
        subject = Subject(kind="masking view", name=masking_view, array_id=array_id)
        reply = self._resources.get(
            ConnectionsReply, subject, paths.CONNECTIONS, query, array=array_id, name=masking_view
        )
        path = paths.CONNECTIONS.text
        made = (row for row in reply.rows if isinstance(row, Mapping) and row.get("host_lun_address"))
        connections = (self._resources.structurer.structure(row, Connection, path) for row in made)
        # An old server may not know the filter, and unknown filters are ignored (rule 87, uncertain).
        return tuple(each for each in connections if device_id in {None, each.device_id})

    def _initiator(self, array_id: ArrayId, entry: str) -> Initiator | None:
        """Read an entry of the login table."""
        name, port = _name_and_port(entry)
        subject = Subject(kind="initiator", name=entry, array_id=array_id)
        initiator = self._resources.find(Initiator, subject, paths.INITIATOR, array=array_id, name=entry)
        return None if initiator is None else attrs.evolve(initiator, name=name, port=port)


def _name_and_port(entry: str) -> tuple[str, PortKey]:
    """Take an entry of the login table apart: `FA-1D:4:10000090fa5e1a04` is an initiator as seen on a port."""
    director, _, rest = entry.partition(":")
    number, _, name = rest.partition(":")
    if not name:
        raise MalformedReply("list of initiators", (f"{entry!r} does not name a port and an initiator",))
    return name, port_key(f"{director}:{number}")
