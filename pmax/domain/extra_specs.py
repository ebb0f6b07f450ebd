"""Extra specs: the keys of a volume type that pmax reads, and how their values are understood.

Values are text that people typed. Truth values take every spelling that OpenStack takes, and `<is> False` means false.
A wrong value is collected as a problem and then counts as absent, so that all mistakes are found in one go.

Source: the manual, sections 6 and 11; driver-provisioning.md 2.1 and 2.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pmax.domain.arrays import Array
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId, object_name
from pmax.domain.pools import PoolName

POOL_NAME: Final = "pool_name"
PORT_GROUP: Final = "storagetype:portgroupname"
DISABLE_COMPRESSION: Final = "storagetype:disablecompression"
STORAGE_GROUP_TAGS: Final = "storagetype:storagegrouptags"
REPLICATION_BACKEND: Final = "storagetype:replication_device_backend_id"
REPLICATION_ENABLED: Final = "replication_enabled"
MULTIATTACH: Final = "multiattach"
DISABLE_PROTECTED_SNAPSHOTS: Final = "powermax:disable_protected_snap"

_MAXIMUM_TAGS: Final = 8
_IS: Final = re.compile(r"<is>\s*(.*)", re.DOTALL)
#: The spellings that OpenStack takes for a truth value.
_TRUE: Final = frozenset({"1", "t", "true", "on", "y", "yes"})
_FALSE: Final = frozenset({"0", "f", "false", "off", "n", "no"})


def boolean(field: str, text: str) -> bool:
    """Read a truth value as Cinder writes it in extra specs: any spelling of OpenStack, with or without `<is>`.

    Raises:
        InvalidRequest: it is none of them.
    """
    match = _IS.fullmatch(text.strip())
    word = (match[1] if match else text).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise InvalidRequest(field, text, "write <is> True or <is> False")


class ExtraSpecsReader:
    """Reads extra specs one by one and collects what is wrong. It lives for one call."""

    def __init__(self, extra_specs: Mapping[str, str], array: Array) -> None:
        self._specs = extra_specs
        self._array = array
        self.problems: list[InvalidRequest] = []
        self.warnings: list[str] = []

    def text(self, key: str) -> str | None:
        """The value, or None if it is absent or blank."""
        return str(self._specs.get(key, "")).strip() or None

    def flag(self, key: str) -> bool:
        """The truth value, or False if it is absent or wrong."""
        if key not in self._specs:
            return False
        try:
            return boolean(key, str(self._specs[key]))
        except InvalidRequest as problem:
            self.problems.append(problem)
            return False

    def port_group(self) -> str | None:
        """Name of the port group, or None if it is absent or wrong."""
        name = self.text(PORT_GROUP)
        return name if name is not None and self._is_name(name, PORT_GROUP) else None

    def tags(self) -> tuple[str, ...]:
        """Tags, each once, without the wrong ones."""
        text = self.text(STORAGE_GROUP_TAGS) or ""
        tags = tuple(dict.fromkeys(tag for part in text.split(",") if (tag := part.strip())))
        if len(tags) > _MAXIMUM_TAGS:
            rule = f"there are {len(tags)}, and at most {_MAXIMUM_TAGS} are possible"
            self.problems.append(InvalidRequest(STORAGE_GROUP_TAGS, text, rule))
        return tuple(tag for tag in tags if self._is_name(tag, STORAGE_GROUP_TAGS))

    def compression_disabled(self, service_level: str | None) -> bool:
        """Whether compression is disabled and could be enabled."""
        if not self.flag(DISABLE_COMPRESSION):
            return False
        if not self._array.supports_compression:
            reason = f"array {self._array.array_id} ({self._array.model}) cannot compress"
        elif service_level is None:
            reason = "it needs a service level"
        else:
            return True
        self.warnings.append(f"{DISABLE_COMPRESSION} has no effect: {reason}")
        return False

    def pool(self, srp: str, equivalent_pools: frozenset[tuple[str, ArrayId]]) -> PoolName | None:
        """The pool that the type names, or None if it is absent or cannot be understood.

        Args:
            srp: the one that is used on this array.
            equivalent_pools: SRPs and arrays that the type may name as well.
        """
        text = self.text(POOL_NAME)
        if text is None:
            return None
        try:
            pool = PoolName.parse(text)
        except InvalidRequest as problem:
            self.problems.append(problem)
            return None
        here = (srp, self._array.array_id)
        if (pool.srp, pool.array_id) not in {here, *equivalent_pools}:
            rule = (
                f"it names SRP {pool.srp} of array {pool.array_id}, and this backend uses SRP {srp} "
                f"of array {self._array.array_id}: correct the volume type, or use the backend of that array"
            )
            self.problems.append(InvalidRequest(POOL_NAME, text, rule))
        return pool

    def _is_name(self, name: str, field: str) -> bool:
        try:
            object_name(name, field)
        except InvalidRequest as problem:
            self.problems.append(problem)
            return False
        return True
