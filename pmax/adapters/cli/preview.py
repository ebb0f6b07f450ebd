"""What `--dry-run` shows: the plan in words and the REST calls, for people and as JSON. Nothing of it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from pmax.adapters.cli.folding import folded
from pmax.domain.end_states import end_states
from pmax.engine import Preview


def as_data(preview: Preview) -> dict[str, Any]:
    """The preview for programs.

    Returns:
        `command`; `steps`, each with `step` (its kind), `words` and `calls`, and each call with `verb`, `path`, `body`;
        `end_state`, each with `kind` and `name` of an object and the `claims` that will be true of it.
    """
    steps = [
        {
            "step": type(step).__name__,
            "words": str(step),
            "calls": [
                {"verb": call.verb, "path": call.path, "body": json.loads(call.body) if call.body else None}
                for call in calls
            ],
        }
        for step, calls in preview.calls
    ]
    end = [{"kind": each.kind, "name": each.name, "claims": list(each.claims)} for each in end_states(preview.plan)]
    return {"command": type(preview.command).__name__, "dry_run": True, "steps": steps, "end_state": end}


def as_lines(preview: Preview, subject: str, width: int, *, with_bodies: bool) -> Iterator[str]:
    """The preview for people, line by line.

    Args:
        preview: what the engine planned.
        subject: what was asked, in words ("Create volume finance").
        width: of the terminal.
        with_bodies: whether to show what the calls carry.
    """
    if not preview.plan.steps:
        yield f"{subject}: nothing to do, everything is as wanted."
        return
    yield from folded(f"{subject} would take these steps. Nothing was sent.", width, "", "")
    for number, (step, calls) in enumerate(preview.calls, start=1):
        text = str(step)
        yield from folded(f"{text[0].upper()}{text[1:]}", width, f"{number:>3}. ", " " * 5)
        for call in calls:
            yield from folded(f"{call.verb} {call.path}", width, " " * 7, " " * 9)
            if call.body and with_bodies:
                yield from folded(call.body, width, " " * 9, " " * 9)
    states = end_states(preview.plan)
    yield "In the end:" if states else "Nothing would change."
    for state in states:
        yield from folded(str(state), width, "  - ", " " * 4)


def write(
    previews: Sequence[tuple[str, Preview]], out: TextIO, form: str, width: int = 80, *, with_bodies: bool = True
) -> None:
    """Write previews.

    Args:
        previews: subject and preview of each command.
        out: where to.
        form: `json` and `yaml` give data (a list if there are several), everything else lines.
        width: of the terminal.
        with_bodies: whether people see what the calls carry; programs do.
    """
    data = [as_data(preview) for _, preview in previews]
    if form == "json":
        json.dump(data if len(data) > 1 else data[0], out, indent=2)
        out.write("\n")
    elif form == "yaml":
        import yaml

        yaml.safe_dump(data if len(data) > 1 else data[0], out, default_flow_style=False, sort_keys=False)
    else:
        for subject, preview in previews:
            lines = as_lines(preview, subject, width, with_bodies=with_bodies)
            out.writelines(f"{line}\n" for line in lines)
