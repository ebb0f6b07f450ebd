"""Unisphere's version, and which version of its REST API pmax speaks with it.

Each request names an API version in its path, and a server answers its own and older ones. pmax uses one per server:
the newest of those that it knows and the server has. Source: unisphere-rest.md 1.4 and the manual (Unisphere 9.0).
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from pmax.domain.errors import InvalidRequest

_VERSION = re.compile(r"([A-Za-z])([0-9]+(?:\.[0-9]+){1,4})")


@attrs.frozen(order=True)
class UnisphereVersion:
    """Version of a Unisphere server, compared number by number.

    Attributes:
        numbers: `V9.2.0.8` as (9, 2, 0, 8).
        stage: the letter before the numbers: V for a release, T for a test build, X for a development build. It has no
            part in comparisons of age.
    """

    numbers: tuple[int, ...]
    stage: str = attrs.field(default="V", order=False)

    @classmethod
    def parse(cls, text: str) -> UnisphereVersion:
        """Read what the service reports as `version`.

        Raises:
            InvalidRequest: it is not a letter followed by numbers with dots between them.
        """
        match = _VERSION.fullmatch(text)
        if match is None:
            raise InvalidRequest("Unisphere version", text, "a server reports a letter and numbers, such as V9.2.0.8")
        return cls(tuple(int(number) for number in match[2].split(".")), match[1].upper())

    def __str__(self) -> str:
        return self.stage + ".".join(str(number) for number in self.numbers)

    @property
    def is_release(self) -> bool:
        """Whether it is a release, and not a test or development build."""
        return self.stage == "V"


#: The oldest server that pmax works with.
MINIMUM_UNISPHERE: Final = UnisphereVersion((9, 0))
#: The first server of which pmax does not know how it behaves.
FIRST_UNKNOWN_UNISPHERE: Final = UnisphereVersion((11, 0))

#: From which server version on which API version is used, newest first. A 10.x server keeps being asked in version 100.
_PATH_VERSIONS: Final = (
    (UnisphereVersion((10, 0)), 100),
    (UnisphereVersion((9, 2)), 92),
    (UnisphereVersion((9, 1)), 91),
    (MINIMUM_UNISPHERE, 90),
)


def rest_path_version(version: UnisphereVersion) -> int:
    """API version for the paths of every request to a server.

    Raises:
        InvalidRequest: the server is older or newer than pmax can handle.
    """
    if version >= FIRST_UNKNOWN_UNISPHERE:
        rule = "pmax knows Unisphere 9.0 to 10.x: install a newer pmax, or point san_ip at an older Unisphere"
        raise InvalidRequest("Unisphere version", str(version), rule)
    for since, path_version in _PATH_VERSIONS:
        if version >= since:
            return path_version
    raise InvalidRequest("Unisphere version", str(version), "upgrade Unisphere for PowerMax to 9.0 or later")
