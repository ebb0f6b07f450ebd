"""Reads faults out of a YAML file: a list under the key `faults`, each with what it matches and one effect.

    faults:
      - name: the second creation is throttled
        verb: POST
        path: storagegroup
        nth: 2
        refuse: {status: 429, headers: {Retry-After: "5"}}

Keys are the fields of `Fault`; the key of an effect is one of `EFFECTS`, its value the fields of the effect. Every
mistake is reported with file, fault and field, and nothing is guessed.
"""

from collections.abc import Hashable, Mapping
from pathlib import Path
from types import MappingProxyType

import attrs
import yaml

from pmax.simulator.fault_conditions import ExpireIterator, LimitInFlight, TakeDown
from pmax.simulator.fault_effects import (
    CutBody,
    Delay,
    Drop,
    Effect,
    FailJob,
    Garbage,
    HangJob,
    Refuse,
    TimeOut,
    Unsettle,
)
from pmax.simulator.fault_values import WrongField
from pmax.simulator.faults import Fault

EFFECTS: Mapping[str, type[Effect]] = MappingProxyType(
    {
        "refuse": Refuse,
        "time_out": TimeOut,
        "drop": Drop,
        "cut_body": CutBody,
        "garbage": Garbage,
        "delay": Delay,
        "fail_job": FailJob,
        "hang_job": HangJob,
        "unsettle": Unsettle,
        "expire_iterator": ExpireIterator,
        "limit_in_flight": LimitInFlight,
        "take_down": TakeDown,
    }
)
"""The effects that a file can name; `Intervene` wants a function."""

MATCHING = tuple(field.name for field in attrs.fields(Fault) if field.name != "effect")
"""The fields of a fault that say what it matches."""


class FaultsFileError(ValueError):
    """A file of faults cannot be used.

    Attributes:
        path: of the file.
        where: which fault and which field, empty if it is the file as a whole.
        problem: what is wrong.
    """

    def __init__(self, path: Path, where: str, problem: str) -> None:
        super().__init__(path, where, problem)
        self.path = path
        self.where = where
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path}: {self.where}{': ' if self.where else ''}{self.problem}"


def read_faults(path: Path) -> tuple[Fault, ...]:
    """Return the faults of a file, in its order.

    Raises:
        FaultsFileError: it is no such file.
        OSError: it cannot be read.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _StrictLoader)  # nosec B506 # noqa: S506 - it is a safe loader
    except UnicodeDecodeError as error:
        raise FaultsFileError(path, "", "it is not UTF-8") from error
    except yaml.YAMLError as error:
        raise FaultsFileError(path, "", f"it is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or set(content) != {"faults"}:
        raise FaultsFileError(path, "", "it must hold the key faults, and no other")
    entries = content["faults"]
    if not isinstance(entries, list):
        raise FaultsFileError(path, "faults", "must be a list")
    return tuple(_fault(path, f"fault {number}", entry) for number, entry in enumerate(entries, start=1))


def _fault(path: Path, where: str, entry: object) -> Fault:
    """Return one entry of a file as a fault."""
    if not isinstance(entry, dict) or not all(isinstance(key, str) for key in entry):
        raise FaultsFileError(path, where, "must be an object")
    if isinstance(entry.get("name"), str):
        where = f"{where} ({entry['name']})"
    unknown = sorted(entry.keys() - EFFECTS.keys() - set(MATCHING))
    if unknown:
        raise FaultsFileError(path, where, f"unknown field {unknown[0]}; there are {', '.join((*MATCHING, *EFFECTS))}")
    effects = sorted(entry.keys() & EFFECTS.keys())
    if len(effects) != 1:
        raise FaultsFileError(path, where, f"must have exactly one of {', '.join(EFFECTS)}, not {len(effects)}")
    (key,) = effects
    effect = _effect(path, f"{where}, {key}", EFFECTS[key], entry[key])
    try:
        return Fault(effect=effect, **{name: value for name, value in entry.items() if name != key})
    except WrongField as error:
        raise FaultsFileError(path, f"{where}, {error.field}", error.problem) from error


def _effect(path: Path, where: str, kind: type[Effect], given: object) -> Effect:
    """Return the effect of an entry; nothing, `true` or an empty object take all of its fields as they usually are."""
    values = {} if given is None or given is True else given
    if not isinstance(values, dict):
        raise FaultsFileError(path, where, f"must be an object, not {given!r}")
    fields = {field.name: field for field in attrs.fields(kind)}
    unknown = sorted(str(key) for key in values.keys() - fields.keys())
    if unknown:
        raise FaultsFileError(path, where, f"unknown field {unknown[0]}; there are {', '.join(fields) or 'none'}")
    missing = [name for name, field in fields.items() if field.default is attrs.NOTHING and name not in values]
    if missing:
        raise FaultsFileError(path, f"{where}.{missing[0]}", "is missing")
    try:
        return kind(**values)
    except WrongField as error:
        raise FaultsFileError(path, f"{where}.{error.field}", error.problem) from error


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that is there twice, of which plain YAML takes the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 - the signature is that of `yaml`
        keys = [key.value for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.MarkedYAMLError(problem=f"{twice[0]} is there twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep=deep)
