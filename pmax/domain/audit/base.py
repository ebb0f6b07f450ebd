"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs

from pmax.domain.commands import Command
from pmax.domain.identifiers import ArrayId
from pmax.domain.naming import MANAGED_PREFIX
from pmax.domain.survey import ArraySurvey


@attrs.frozen(kw_only=True)
class Finding:
    """Something on an array that should not be so.

    Attributes:
        rule_id: which rule found it.
        kind: of the object, in the field's words.
        name: of the object; with the rule's id it is the name of the finding.
        evidence: what was read that shows it, one sentence.
        proposal: what to do about it.
        is_repairable: `pmax repair` can do it, without a risk for anybody's data or paths.
    """

    rule_id: str
    kind: str
    name: str
    evidence: str
    proposal: str
    is_repairable: bool = False

    @property
    def finding_id(self) -> str:
        """How a person names it: `GRP01:OS-node1-SG`."""
        return f"{self.rule_id}:{self.name}"


#: Makes the command that repairs the finding of this name.
RepairMaker = Callable[[ArrayId, str], Command[Any]]


@attrs.frozen(kw_only=True)
class Rule:
    """A kind of debris or danger, and how it shows.

    Attributes:
        rule_id: letters for the kind of object and two digits; never given to another rule.
        title: what is wrong, in a few words.
        reason: why it matters, one or two sentences.
        check: finds it in a survey.
        repair: makes the command that puts one finding right; None where a person has to decide. The command looks
            again before it changes anything.
    """

    rule_id: str
    title: str
    reason: str
    check: Callable[[ArraySurvey], Iterator[Finding]]
    repair: RepairMaker | None = None


def is_own_name(name: str) -> bool:
    """Whether pmax or Cinder may have made an object of this name; everything else is left to its owner."""
    return name.startswith(MANAGED_PREFIX)


def some(names: Sequence[str], most: int = 8) -> str:
    """Names with commas; of many, the first and how many more there are."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown
