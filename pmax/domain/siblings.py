"""Siblings: what takes the volumes that a full storage group has no room for.

A storage group holds 4,096 volumes. When one of ours is full, further volumes go into a sibling of the same service
level, named after it with `_2` to `_9`. The upstream driver has no such thing: it fails where we go on. Back under
upstream, a volume in the sibling of a default group can be detached and deleted, but not attached.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pmax.domain.identifiers import OBJECT_NAME_LENGTH

_SIBLING: Final = re.compile(r"(?P<base>.+)_[2-9]")


def siblings(name: str) -> Iterator[str]:
    """The group's own name, then those of its siblings, as far as the array takes them."""
    yield name
    for number in range(2, 10):
        sibling = f"{name}_{number}"
        if len(sibling) <= OBJECT_NAME_LENGTH:
            yield sibling


def base_of(name: str) -> str:
    """The name of the group whose sibling this would be; the name itself if it is no sibling's."""
    match = _SIBLING.fullmatch(name)
    return match["base"] if match else name
