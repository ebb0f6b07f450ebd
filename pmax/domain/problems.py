"""Several mistakes in one request, told at once.

Whoever checks a request collects `InvalidRequest` values and hands them to `raise_all` in the end, so that the user
mends everything in one go.
"""

from __future__ import annotations

from collections.abc import Sequence

from pmax.domain.errors import InvalidRequest


def raise_all(problems: Sequence[InvalidRequest], subject: str) -> None:
    """Raise what was found; nothing found is fine.

    Args:
        problems: one for each mistake.
        subject: what was checked, in the user's words ("extra specs").

    Raises:
        InvalidRequest: the one problem as it is, or one whose value names every field and whose rule is every problem
            in words.
    """
    if not problems:
        return
    if len(problems) == 1:
        raise problems[0]
    fields = tuple(problem.field for problem in problems)
    raise InvalidRequest(subject, fields, "; ".join(str(problem) for problem in problems))
