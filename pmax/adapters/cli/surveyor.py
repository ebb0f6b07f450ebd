"""Reads who sees what on an array: groups, views, hosts, volumes and their paths, each at most once in a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from pmax.adapters.cli.parallel import read_each
from pmax.domain.errors import NotFound
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import Connection, DirectorPort, InitiatorGroup, Login, MaskingView, PortGroup, PortKey
from pmax.domain.srdf import RdfPair
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.volumes import Volume
from pmax.ports.readers import Readers

#: Up to so many volumes are read one by one; more come with all others of the array, page by page.
_FEW: Final = 25


@attrs.frozen(kw_only=True)
class Sight:
    """A volume as one masking view shows it.

    Attributes:
        host: initiator group, or host group, of the view.
        masking_view: its name.
        port_group: of the view.
        connections: the paths; empty until the array has given LUN addresses.
    """

    host: str
    masking_view: str
    port_group: str
    connections: tuple[Connection, ...]

    @property
    def lun(self) -> int | None:
        """Logical unit number, the same on all paths of a view; None when it has none yet."""
        return self.connections[0].lun if self.connections else None

    def as_data(self) -> dict[str, Any]:
        """The sight for programs."""
        return {
            "host": self.host,
            "masking_view": self.masking_view,
            "port_group": self.port_group,
            "lun": self.lun,
            "paths": [{"initiator": path.initiator, "port": str(path.port)} for path in self.connections],
        }


class Surveyor:
    """Reads parts of an array, each at most once.

    Args:
        readers: of the array.
        array_id: its serial.
        at_a_time: how many objects are read at a time, where one call gives one object.
    """

    def __init__(self, readers: Readers, array_id: ArrayId, at_a_time: int = 1) -> None:
        self._readers = readers
        self._at_a_time = at_a_time
        self._array_id = array_id
        self._groups: dict[str, StorageGroup] = {}
        self._views: dict[str, MaskingView] = {}
        self._hosts: dict[str, InitiatorGroup | None] = {}
        self._port_groups: dict[str, PortGroup | None] = {}
        self._connections: dict[tuple[str, DeviceId | None], tuple[Connection, ...]] = {}
        self._ports: dict[PortKey, DirectorPort | None] = {}
        self._logins: dict[str, list[Login]] | None = None
        self._volumes: dict[DeviceId, Volume] = {}
        self._has_all_volumes = False

    def pairs(self, volume: Volume) -> tuple[RdfPair, ...]:
        """The SRDF pairs of a volume, by the number of their RDF group."""
        found = (
            self._readers.replication.find_pair(self._array_id, number, volume.device_id)
            for number in sorted(volume.rdf_groups)
        )
        return tuple(pair for pair in found if pair is not None)

    def group(self, name: str) -> StorageGroup:
        """The storage group.

        Raises:
            NotFound: there is none of this name.
        """
        if name not in self._groups:
            group = self._readers.storage_groups.find_storage_group(self._array_id, name)
            if group is None:
                raise NotFound("storage group", name)
            self._groups[name] = group
        return self._groups[name]

    def groups(self, names: Iterable[str]) -> tuple[StorageGroup, ...]:
        """Several storage groups."""
        return tuple(self.group(name) for name in names)

    def view(self, name: str) -> MaskingView:
        """The masking view.

        Raises:
            NotFound: there is none of this name.
        """
        if name not in self._views:
            view = self._readers.masking.find_masking_view(self._array_id, name)
            if view is None:
                raise NotFound("masking view", name)
            self._views[name] = view
        return self._views[name]

    def host(self, name: str) -> InitiatorGroup | None:
        """The initiator group, or None when there is none of this name."""
        if name not in self._hosts:
            self._hosts[name] = self._readers.masking.find_initiator_group(self._array_id, name)
        return self._hosts[name]

    def port_group(self, name: str) -> PortGroup | None:
        """The port group, or None when there is none of this name."""
        if name not in self._port_groups:
            self._port_groups[name] = self._readers.masking.find_port_group(self._array_id, name)
        return self._port_groups[name]

    def port(self, key: PortKey) -> DirectorPort | None:
        """The port, or None when the array has none of this name."""
        if key not in self._ports:
            try:
                self._ports[key] = self._readers.masking.get_port(self._array_id, key)
            except NotFound:
                self._ports[key] = None
        return self._ports[key]

    def logins(self, initiator: str) -> tuple[Login, ...]:
        """Where an initiator logged in at some time; the table of the whole array is read once."""
        return tuple(self._login_table().get(initiator.lower(), ()))

    def all_initiators(self) -> Mapping[str, str | None]:
        """Every initiator that is in a group or ever logged in, with its group; one call for each group."""
        hosts = read_each(self.host, self.all_hosts(), self._at_a_time)
        owners: dict[str, str | None] = {name: host.name for host in hosts if host for name in host.initiators}
        known = {name.lower() for name in owners}
        strangers = (logins[0].name for name, logins in self._login_table().items() if name not in known)
        return {**owners, **dict.fromkeys(strangers)}

    def _login_table(self) -> Mapping[str, list[Login]]:
        """Logins by the name of the initiator in lower case."""
        if self._logins is None:
            self._logins = {}
            for login in self._readers.masking.list_logins(self._array_id):
                self._logins.setdefault(login.name.lower(), []).append(login)
        return self._logins

    def connections(self, view: str, only: DeviceId | None = None) -> Mapping[DeviceId, tuple[Connection, ...]]:
        """The paths of a view by volume, of all volumes or of one."""
        if (view, only) not in self._connections:
            self._connections[view, only] = self._readers.masking.list_connections(self._array_id, view, only)
        paths: dict[DeviceId, tuple[Connection, ...]] = {}
        for path in self._connections[view, only]:
            paths[path.device_id] = (*paths.get(path.device_id, ()), path)
        return paths

    def devices(self, group: str) -> tuple[DeviceId, ...]:
        """Device ids of a group's volumes, sorted; those of its children, if it is a parent."""
        return tuple(sorted(self._readers.volumes.list_devices(self._array_id, storage_group=group)))

    def members(self, group: StorageGroup) -> tuple[Volume, ...]:
        """The volumes of a group that is no parent, in the order of their ids."""
        if not self._has_all_volumes and group.volume_count > _FEW:
            self.read_all_volumes()
        if self._has_all_volumes:
            return tuple(volume for volume in self._volumes.values() if group.name in volume.storage_groups)
        devices = self._readers.volumes.list_devices(self._array_id, storage_group=group.name)
        return tuple(volume for device in sorted(devices) if (volume := self._volume(device)) is not None)

    def read_all_volumes(self) -> None:
        """Read every volume of the array at once, page by page."""
        found = self._readers.volumes.list_volumes(self._array_id)
        self._volumes = {volume.device_id: volume for volume in sorted(found, key=lambda volume: volume.device_id)}
        self._has_all_volumes = True

    def all_groups(self) -> tuple[StorageGroup, ...]:
        """Every storage group of the array."""
        names = self._readers.storage_groups.list_storage_groups(self._array_id)
        return tuple(read_each(self.group, names, self._at_a_time))

    def all_hosts(self) -> tuple[str, ...]:
        """Names of every initiator group of the array."""
        return self._readers.masking.list_initiator_groups(self._array_id)

    def all_views(self) -> tuple[MaskingView, ...]:
        """Every masking view of the array."""
        names = self._readers.masking.list_masking_views(self._array_id)
        return tuple(read_each(self.view, names, self._at_a_time))

    def views_of_host(self, name: str) -> tuple[MaskingView, ...]:
        """The views of an initiator group or host group."""
        views = self._readers.masking.list_masking_views(self._array_id, initiator_group=name)
        return tuple(self.view(view) for view in views)

    def ungrouped_volumes(self) -> tuple[Volume, ...]:
        """Volumes in no storage group, out of those that were read."""
        return tuple(volume for volume in self._volumes.values() if not volume.storage_groups)

    def views_of(self, volume: Volume) -> tuple[MaskingView, ...]:
        """The views that show a volume, each once."""
        names = (name for group in self.groups(volume.storage_groups) for name in group.masking_views)
        return tuple(self.view(name) for name in dict.fromkeys(names))

    def sights(self, volume: Volume) -> tuple[Sight, ...]:
        """How each host sees a volume; one call for each view."""
        return tuple(
            Sight(
                host=view.initiator_group or view.host_group or "-",
                masking_view=view.name,
                port_group=view.port_group,
                connections=self.connections(view.name, volume.device_id).get(volume.device_id, ()),
            )
            for view in self.views_of(volume)
        )

    def _volume(self, device: DeviceId) -> Volume | None:
        if device not in self._volumes:
            volume = self._readers.volumes.find_volume(self._array_id, device)
            if volume is None:
                return None
            self._volumes[device] = volume
        return self._volumes[device]
