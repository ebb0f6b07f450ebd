"""Rules that find debris and dangers on an array: pure functions over what was read of it."""

from typing import Final

from pmax.domain.audit import groups, ports_and_names, replication, volumes
from pmax.domain.audit.base import Finding, Rule
from pmax.domain.errors import InvalidRequest

#: In the order in which their findings are told.
RULES: Final = (*volumes.RULES, *groups.RULES, *replication.RULES, *ports_and_names.RULES)
_BY_ID: Final = {rule.rule_id: rule for rule in RULES}


def rule_of(rule_id: str) -> Rule:
    """The rule of an id, in capital letters or not.

    Raises:
        InvalidRequest: there is none.
    """
    rule = _BY_ID.get(rule_id.upper())
    if rule is None:
        raise InvalidRequest("rule", rule_id, f"there are {', '.join(_BY_ID)}")
    return rule


__all__ = ["RULES", "Finding", "Rule", "rule_of"]
