"""Answers that are JSON and wrong: a key missing, a key too much, a value of another type or beyond all bounds."""

from __future__ import annotations

import json
import random
from typing import Any

import attrs

from pmax.simulator.fault_effects import Effect, Moment
from pmax.simulator.wire import Response

_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 3.5, 10**40, -(10**40), 1e308, "", "no", "0", "\0", "\ud800", "x" * 5000, "../../etc"),
    *([], {}, [None], [[]], {"": None}, ["a", 1, None, {}], {"result": []}),
)


@attrs.frozen(kw_only=True)
class Mangle(Effect):
    """Change one thing somewhere in the answer.

    Attributes:
        seed: decides what and where.
    """

    seed: int

    def after(self, moment: Moment, response: Response) -> Response:
        """Change it."""
        try:
            payload = json.loads(response.body)
        except ValueError:
            return response
        chance = random.Random(self.seed)  # noqa: S311 - not a secret
        return attrs.evolve(response, body=json.dumps(_mangled(payload, chance)).encode())


def _mangled(payload: Any, chance: random.Random) -> Any:
    """The same with one difference, the deeper the likelier."""
    is_here = chance.random() < 0.2 or not payload or not isinstance(payload, dict | list)
    if isinstance(payload, dict) and payload:
        key = chance.choice(sorted(payload))
        if is_here:
            return _with_other_keys(payload, key, chance)
        return {**payload, key: _mangled(payload[key], chance)}
    if isinstance(payload, list) and payload and not is_here:
        place = chance.randrange(len(payload))
        return [*payload[:place], _mangled(payload[place], chance), *payload[place + 1 :]]
    if isinstance(payload, list) and payload:
        return chance.choice(([], payload * 2, payload[1:], chance.choice(_VALUES)))
    return chance.choice(_VALUES)


def _with_other_keys(payload: dict[str, Any], key: str, chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.3:
        return {**payload, "somethingNew": chance.choice(_VALUES)}
    return {name: value for name, value in payload.items() if name != key}
