"""What the versions of the API do differently, in one table; no other module asks for a version.

Source: unisphere-rest.md section 9. What stands for 91 is pieced together there from clients of that version.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import attrs

from pmax.domain.versions import UnisphereVersion, rest_path_version


@attrs.frozen(kw_only=True)
class Dialect:
    """How one version of the API wants to be spoken to.

    Attributes:
        version: the number in the paths.
        has_flat_volume_attributes: new volumes are described by single keys; newer versions take a list of
            descriptions.
        takes_rdf_group_on_expand: a replicated volume is expanded on both sides when its SRDF group is named.
        makes_remote_devices: a volume is paired with one that the remote array makes.
        has_tags: storage groups can be tagged.
        keeps_iterators: a long list can be asked to live longer, and be given back when it is read to its end.
    """

    version: int
    has_flat_volume_attributes: bool = False
    takes_rdf_group_on_expand: bool = True
    makes_remote_devices: bool = True
    has_tags: bool = True
    keeps_iterators: bool = True


_VERSION_90: Final = Dialect(
    version=90,
    has_flat_volume_attributes=True,
    takes_rdf_group_on_expand=False,
    makes_remote_devices=False,
    has_tags=False,
    keeps_iterators=False,
)

_DIALECTS: Final = MappingProxyType(
    {
        90: _VERSION_90,
        91: Dialect(version=91, makes_remote_devices=False, has_tags=False, keeps_iterators=False),
        92: Dialect(version=92),
        100: Dialect(version=100),
    }
)


def dialect_of(version: UnisphereVersion) -> Dialect:
    """How to speak with a server of this version.

    Raises:
        InvalidRequest: pmax cannot speak with it.
    """
    return _DIALECTS[rest_path_version(version)]
