"""What is on volumes: a token stands for all of the data of a volume.

Every change of data goes through this module, whoever causes it, so that a test can prove that no data were lost or
mixed up:

- a host writes: `host_write`;
- the array puts other data on a volume (a snapshot is restored or linked, SRDF brings what the other side has):
  `replace`.

SRDF says which volumes are write disabled and what is read through a link (`rules/srdf_access.py`). It need not be told
of changes: before they are committed it sees all of them, whatever their cause, and may `replace` what is on the other
side (`rules/srdf_links.py`).

A snapshot holds its token in its own record, so nothing that happens to its source or to its targets changes it.
"""

import attrs

from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules.srdf_access import refuse_write, seen_content
from pmax.simulator.state.snapvx_records import LINKS
from pmax.simulator.state.transaction import ArrayTables

NOTHING = ""
"""On a volume that was never written, or whose tracks were freed."""

UNDEFINED = "undefined"
"""On a volume whose tracks are partly of one thing and partly of another: nobody may rely on what is read there."""


def content_of(array: ArrayTables, volume_id: str) -> str:
    """Return what a host reads from a volume now.

    Raises:
        KeyError: there is no such volume.
    """
    return seen_content(array, array.volumes.get(volume_id))


def host_write(array: ArrayTables, volume_id: str, token: str) -> None:
    """Let a host write a whole volume; a snapshot that is linked to it does not change.

    Raises:
        KeyError: there is no such volume.
        ArrayRefused: it is write disabled, or the token is one that a host cannot write.
    """
    if token in {NOTHING, UNDEFINED}:
        raise ArrayRefused(f"{token!r} is no token that a host can write")
    refuse_write(array, array.volumes.get(volume_id))
    links = array.rows(LINKS)
    link = links.find(volume_id)
    if link is not None:
        links.put(attrs.evolve(link, is_written=True))
    replace(array, volume_id, token, allocated_percent=100)


def replace(array: ArrayTables, volume_id: str, token: str, allocated_percent: int | None = None) -> None:
    """Put other data on a volume, on behalf of the array itself.

    Args:
        array: of the volume.
        volume_id: which must exist.
        token: the data.
        allocated_percent: how much of the volume they take; as much as before if None.
    """
    volume = array.volumes.get(volume_id)
    percent = volume.allocated_percent if allocated_percent is None else allocated_percent
    array.volumes.put(attrs.evolve(volume, content=token, allocated_percent=percent))
