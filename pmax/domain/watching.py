"""What has changed on an array between two looks. Pure: two glances in, changes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs


@attrs.frozen(kw_only=True)
class Glance:
    """What a look at an array shows at little cost.

    Attributes:
        names: of everything there is, by kind.
        states: of what has a state, by kind and name: jobs, ports, operations of the journal.
    """

    names: Mapping[str, frozenset[str]] = attrs.field(factory=dict)
    states: Mapping[tuple[str, str], str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Change:
    """Something that has happened between two looks.

    Attributes:
        kind: of the object.
        name: of the object.
        what: appeared, disappeared, or what it has become.
    """

    kind: str
    name: str
    what: str


def changes(before: Glance, after: Glance) -> Iterator[Change]:
    """What has come, gone and changed, kind by kind and in the order of the names."""
    for kind in after.names:
        had, has = before.names.get(kind, frozenset()), after.names[kind]
        yield from (Change(kind=kind, name=name, what="disappeared") for name in sorted(had - has))
        yield from (Change(kind=kind, name=name, what="appeared") for name in sorted(has - had))
    for kind, name in sorted(before.states.keys() | after.states.keys()):
        was, now = before.states.get((kind, name)), after.states.get((kind, name))
        if now is None:
            yield Change(kind=kind, name=name, what="is over")
        elif was is None:
            yield Change(kind=kind, name=name, what=f"is {now}")
        elif was != now:
            yield Change(kind=kind, name=name, what=f"was {was}, is {now}")
