"""Turns of instances that share a host and a volume: which of Cinder's attachments still count when the next one goes.

Cinder deletes the record of an attachment after the driver has taken the volume from the host, and completes the record
of a new one after the driver has shown it. So right after one call its database is behind by one attachment. Of
two instances that leave at a time, both would be told that the other one stays, and the volume would stay. And
an instance that has just arrived would lose the volume to one that leaves. Therefore calls for the same volume and host
take turns, and each waits until the database shows what the one before it did.

Volumes of other types than multi-attach ones have one attachment at a time, and nothing to wait for.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import attrs
from cinder import context, objects
from oslo_log import log

from pmax.adapters.cinder.connectors import attachments_on_host
from pmax.domain.identifiers import ArrayId
from pmax.ports.runtime import Clock, Deadline, LockKey, Locks

LOG = log.getLogger(__name__)

#: How long Cinder's API may take, after a call of the driver, to store what it did. One that takes longer has died.
_SETTLE_S: Final = 5.0
_PAUSE_S: Final = 0.1
#: Waiting this long for a turn means that somebody else, maybe of another process, had one just now.
_CONTENDED_S: Final = 0.04
#: While Cinder itself copies a volume, it makes no record of an attachment.
_RECORDED: Final = frozenset({"available", "reserved", "attaching", "in-use", "detaching"})


@attrs.frozen
class _Turn:
    """The last turn of a volume on a host: when it ended, and the attachments that the database showed in it."""

    ended_s: float
    seen: frozenset[str]


@attrs.define
class Turns:
    """Lets calls for one volume on one host go one after another.

    Attributes:
        clock: for waiting.
        locks: shared by all services of the backend.
        timeout_s: how long a call may wait for its turn.
    """

    clock: Clock
    locks: Locks
    timeout_s: float = 600.0
    _last: dict[tuple[str, str], _Turn] = attrs.field(factory=dict, init=False)
    _guard: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    @contextmanager
    def of(self, array_id: ArrayId, volume: objects.Volume, host: str) -> Iterator[Sequence[objects.VolumeAttachment]]:
        """Take a turn.

        Args:
            array_id: serial of the array.
            volume: of Cinder.
            host: as a connector names it.

        Yields:
            The attachments of the volume, as the database has them.

        Raises:
            Busy: others did not end their turns.
        """
        if not volume.multiattach:
            yield volume.volume_attachment or ()
            return
        short = host.partition(".")[0].lower()
        asked_s = self.clock.now_s()
        deadline = Deadline.after(self.clock, self.timeout_s)
        with self.locks.hold((LockKey(array_id, "turn", f"{volume.id} {short}"),), deadline):
            last = self._last.get((volume.id, short))
            if self.clock.now_s() - asked_s >= _CONTENDED_S and last is None:
                last = _Turn(self.clock.now_s(), _ids(_stored(volume), host))
            attachments = self._settled(volume, host, last)
            yield attachments
            if volume.status in _RECORDED:
                self._remember((volume.id, short), _Turn(self.clock.now_s(), _ids(attachments, host)))

    def _settled(self, volume: objects.Volume, host: str, last: _Turn | None) -> Sequence[objects.VolumeAttachment]:
        """The attachments, once the database shows what was done in the last turn, or is not going to."""
        while True:
            attachments = _stored(volume)
            if last is None or _ids(attachments, host) != last.seen:
                return attachments
            if self.clock.now_s() - last.ended_s >= _SETTLE_S:
                return attachments
            LOG.debug("volume %s on %s: waiting for Cinder to store what was done last", volume.id, host)
            self.clock.sleep(_PAUSE_S)

    def _remember(self, key: tuple[str, str], turn: _Turn) -> None:
        with self._guard:
            self._last = {each: old for each, old in self._last.items() if turn.ended_s - old.ended_s < _SETTLE_S}
            self._last[key] = turn


def _stored(volume: objects.Volume) -> Sequence[objects.VolumeAttachment]:
    found: Sequence[objects.VolumeAttachment] = objects.VolumeAttachmentList.get_all_by_volume_id(
        context.get_admin_context(), volume.id
    )
    return tuple(found)


def _ids(attachments: Sequence[objects.VolumeAttachment], host: str) -> frozenset[str]:
    return frozenset(each.id for each in attachments_on_host(attachments, host))
