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

    def is_settled(self, shown: frozenset[str], now_s: float) -> bool:
        """Whether the database shows what was done in it, or is not going to."""
        return shown != self.seen or now_s - self.ended_s >= _SETTLE_S


@attrs.define
class _Before:
    """What came before a turn, as far as it is known.

    Attributes:
        asked_s: when the turn was asked for.
        elsewhere: the last turn, if another process had it.
        has_looked: whether the database was looked at already. Others may have been there only to look since then.
    """

    asked_s: float
    elsewhere: _Turn | None = None
    has_looked: bool = False

    def is_settled(self, here: _Turn | None, shown: frozenset[str], now_s: float) -> bool:
        """Whether the database shows what was done before, in this process and elsewhere."""
        is_late = now_s - self.asked_s >= _CONTENDED_S
        if is_late and not self.has_looked and (here is None or here.ended_s < self.asked_s):
            self.elsewhere = _Turn(now_s, shown)
        self.has_looked = True
        return all(turn.is_settled(shown, now_s) for turn in (here, self.elsewhere) if turn is not None)


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
        key = (volume.id, host.partition(".")[0].lower())
        lock = LockKey(array_id, "turn", " ".join(key))
        deadline = Deadline.after(self.clock, self.timeout_s)
        before = _Before(self.clock.now_s())
        while True:
            with self.locks.hold((lock,), deadline):
                attachments = _stored(volume)
                ids = _ids(attachments, host)
                if before.is_settled(self._last.get(key), ids, self.clock.now_s()):
                    yield attachments
                    self._remember(key, volume, ids)
                    return
            LOG.debug("volume %s on %s: waiting for Cinder to store what was done last", *key)
            self.clock.sleep(_PAUSE_S)

    def _remember(self, key: tuple[str, str], volume: objects.Volume, shown: frozenset[str]) -> None:
        if volume.status not in _RECORDED:
            return
        turn = _Turn(self.clock.now_s(), shown)
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
