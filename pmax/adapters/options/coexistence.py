"""Options that may be registered beside another definition of the same name.

A Cinder service with one backend of the upstream driver and one of ours registers both drivers' options in one place,
and oslo.config refuses a name whose two definitions differ in anything, the help text included. Ours differ in words
and in hiding passwords. So one of ours counts as equal to any option of its name: whichever comes second is taken as
registered already, and every backend reads its own stanza as before.
"""

from __future__ import annotations

import copy

from oslo_config import cfg


def beside_others(option: cfg.Opt) -> cfg.Opt:
    """The option, to be taken for the same as any other of its name.

    The comparison is made by a subclass of the option's own class, since Python then asks it first, on whichever side
    of the operator it stands.
    """
    made = copy.copy(option)
    made.__class__ = _tolerant(type(option))
    return made


def _tolerant(kind: type[cfg.Opt]) -> type[cfg.Opt]:
    class Tolerant(kind):  # type: ignore[misc, valid-type]  # a class of oslo.config, which has no types
        """An option that is equal to any of its name."""

        def __eq__(self, other: object) -> bool:
            return isinstance(other, cfg.Opt) and other.dest == self.dest

        def __ne__(self, other: object) -> bool:
            return not self == other

        __hash__ = kind.__hash__

    Tolerant.__name__ = Tolerant.__qualname__ = kind.__name__
    return Tolerant
