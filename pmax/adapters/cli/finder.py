"""Looks for whatever a text may mean on an array: a volume, a host, an initiator, a port, a group, a view, a LUN."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

import attrs

from pmax.adapters.cli.lookup import VolumeFinder
from pmax.adapters.cli.surveyor import Surveyor
from pmax.domain.errors import InvalidRequest, NotFound
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import PortKey
from pmax.domain.naming import NamePolicy
from pmax.domain.volumes import Volume
from pmax.domain.wording import counted
from pmax.plugins.protocols import HostProtocol
from pmax.ports.readers import Readers

_LUN_OF_HOST: Final = re.compile(r"(?P<host>.+?):(?:lun)?(?P<lun>\d{1,5})", re.IGNORECASE)
_WWPN: Final = re.compile(r"(?:0x)?[0-9a-f]{16}|(?:[0-9a-f]{2}:){7}[0-9a-f]{2}")
_DEVICE: Final = re.compile(r"(?:0x)?[0-9a-f]{1,5}", re.IGNORECASE)
_PORT: Final = re.compile(r"[a-z]{2}-\d{1,2}[a-z]:\d{1,3}", re.IGNORECASE)


@attrs.frozen(kw_only=True)
class Hit:
    """Something that a text may mean.

    Attributes:
        kind: what it is, in the field's words.
        name: under which the other verbs take it.
        why: what of it matches.
        detail: what tells it from others, in words.
    """

    kind: str
    name: str
    why: str
    detail: str = ""


@attrs.frozen(kw_only=True)
class Finder:
    """Looks for things on one array. The calls do not grow with the array, only with what matches.

    Attributes:
        readers: of the array.
        surveyor: reads who sees what, each at most once.
        array_id: serial of the array.
        protocols: all that are registered.
        names: how hosts are abbreviated.
    """

    readers: Readers
    surveyor: Surveyor
    array_id: ArrayId
    protocols: tuple[HostProtocol, ...]
    names: NamePolicy

    def find(self, text: str) -> Iterator[Hit]:
        """Look everywhere, the most likely first; nothing is given twice."""
        seen: set[tuple[str, str]] = set()
        for hits in (self._volume(text), self._lun(text), self._port(text), self._initiators(text), self._named(text)):
            for hit in hits:
                if (hit.kind, hit.name) not in seen:
                    seen.add((hit.kind, hit.name))
                    yield hit

    def _volume(self, text: str) -> Iterator[Hit]:
        """The volume that the text means as other verbs take it, then those whose identifier contains it."""
        finder = VolumeFinder(self.readers.volumes, self.array_id)
        with suppress(NotFound, InvalidRequest):  # the text means something else, or several volumes, which come now
            yield _volume_hit(finder.find(text), "id or name")
            if _DEVICE.fullmatch(text):
                return  # a few digits are part of many identifiers
        for device in self._devices_like(text):
            volume = self.readers.volumes.find_volume(self.array_id, device)
            if volume is not None:
                yield _volume_hit(volume, "part of its identifier")

    def _devices_like(self, text: str) -> Iterable[DeviceId]:
        return self.readers.volumes.list_devices(self.array_id, identifier_contains=text)

    def _lun(self, text: str) -> Iterator[Hit]:
        """`HOST:5` is the volume that a host sees as LUN 5."""
        match = _LUN_OF_HOST.fullmatch(text)
        if match is None or _PORT.fullmatch(text):
            return
        for host in self._hosts_called(match["host"]):
            for device in self._devices_under(host, int(match["lun"])):
                volume = self.readers.volumes.find_volume(self.array_id, device)
                if volume is not None:
                    yield _volume_hit(volume, f"LUN {match['lun']} of {host}")

    def _devices_under(self, host: str, lun: int) -> list[DeviceId]:
        """The devices that a host sees under a LUN: one for each view that has it."""
        views = self.surveyor.views_of_host(host)
        paths = (path for view in views for path in self.surveyor.connections(view.name).items())
        return [device for device, found in paths if found[0].lun == lun]

    def _port(self, text: str) -> Iterator[Hit]:
        if _PORT.fullmatch(text) is None:
            return
        director, _, number = text.upper().partition(":")
        port = self.surveyor.port(PortKey(director, number))
        if port is not None:
            state = "online" if port.is_online else "offline"
            yield Hit(kind="port", name=str(port.key), why="name", detail=f"{state}, {port.identifier}".strip(", "))

    def _initiators(self, text: str) -> Iterator[Hit]:
        wanted = text.lower()
        if _WWPN.fullmatch(wanted):
            wanted = wanted.removeprefix("0x").replace(":", "")
        elif not wanted.startswith(("iqn.", "nqn.", "eui.", "naa.")):
            return
        entries = self.readers.masking.find_initiators(self.array_id, (wanted,))
        hosts = sorted({entry.initiator_group for entry in entries if entry.initiator_group})
        for name in sorted({entry.name for entry in entries}):
            ports = sorted(str(entry.port) for entry in entries if entry.port and entry.is_logged_in)
            where = f"logged in on {', '.join(ports)}" if ports else "not logged in"
            yield Hit(kind="initiator", name=name, why="name", detail=where)
        for host in hosts or self._holders(wanted):
            yield self._host_hit(host, f"holds {wanted}")
        for key in self.readers.surveys.list_ports(self.array_id):
            port = self.surveyor.port(key)
            if port is not None and port.identifier.lower() == wanted:
                yield Hit(kind="port", name=str(key), why="its identifier", detail="online" if port.is_online else "")

    def _holders(self, initiator: str) -> list[str]:
        """Hosts of an initiator that never logged in: only their members tell."""
        return [name for known, name in self.surveyor.all_initiators().items() if known.lower() == initiator and name]

    def _named(self, text: str) -> Iterator[Hit]:
        masking, wanted = self.readers.masking, text.casefold()
        for host in self._hosts_called(text):
            yield self._host_hit(host, "name of the computer")
        for name in _matching(self.surveyor.all_hosts(), wanted):
            yield self._host_hit(name, _how(name, wanted))
        for name in _matching(self.readers.storage_groups.list_storage_groups(self.array_id), wanted):
            group = self.surveyor.group(name)
            detail = f"{group.service_level or 'no service level'}, {counted(group.volume_count, 'volume')}"
            yield Hit(kind="storage group", name=name, why=_how(name, wanted), detail=detail)
        for name in _matching(masking.list_masking_views(self.array_id), wanted):
            view = self.surveyor.view(name)
            detail = f"{view.initiator_group or view.host_group}, {view.port_group}, {view.storage_group}"
            yield Hit(kind="masking view", name=name, why=_how(name, wanted), detail=detail)
        for name in _matching(masking.list_port_groups(self.array_id), wanted):
            ports = self.surveyor.port_group(name)
            detail = ", ".join(map(str, ports.ports)) if ports else ""
            yield Hit(kind="port group", name=name, why=_how(name, wanted), detail=detail)

    def _hosts_called(self, text: str) -> list[str]:
        present = frozenset(self.surveyor.all_hosts())
        if text in present:
            return [text]
        wanted: list[str] = []
        if ":" in text:
            return []
        with suppress(InvalidRequest):  # no computer can be called so
            for protocol in self.protocols:
                wanted += self.names.known_initiator_groups(text, protocol.letter)
        return [name for name in dict.fromkeys(wanted) if name in present]

    def _host_hit(self, name: str, why: str) -> Hit:
        host = self.surveyor.host(name)
        members = ", ".join(sorted(host.initiators)) if host else ""
        return Hit(kind="host", name=name, why=why, detail=members or "no initiator")


def _volume_hit(volume: Volume, why: str) -> Hit:
    seen = "seen by hosts" if volume.front_end_paths else "seen by no host"
    name = volume.identifier or "no identifier"
    detail = f"{name}, {volume.capacity.gigabytes_shown:g} GiB, {seen}"
    return Hit(kind="volume", name=volume.device_id, why=why, detail=detail)


def _matching(names: Iterable[str], wanted: str) -> list[str]:
    """Names that contain a text: the whole name first, then by name."""
    return sorted((name for name in names if wanted in name.casefold()), key=lambda name: (len(name), name))


def _how(name: str, wanted: str) -> str:
    return "name" if name.casefold() == wanted else "part of its name"
