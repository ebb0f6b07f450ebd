"""What `--dry-run` shows: the plan in words and the REST calls, for people and as JSON. Nothing of it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from pmax.engine import Preview


def as_data(preview: Preview) -> dict[str, Any]:
    """The preview for programs.

    Returns:
        `command`; `steps`, each with `step` (its kind), `words` and `calls`; each call with `verb`, `path`, `body`.
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
    return {"command": type(preview.command).__name__, "dry_run": True, "steps": steps}


def as_lines(preview: Preview, subject: str) -> Iterator[str]:
    """The preview for people, line by line.

    Args:
        preview: what the engine planned.
        subject: what was asked, in words ("Create volume finance").
    """
    if not preview.plan.steps:
        yield f"{subject}: nothing to do, everything is as wanted."
        return
    yield f"{subject} would take these steps. Nothing was sent."
    for number, (step, calls) in enumerate(preview.calls, start=1):
        text = str(step)
        yield f"{number:>3}. {text[0].upper()}{text[1:]}"
        for call in calls:
            yield f"       {call.verb} {call.path}"
            if call.body:
                yield f"       {call.body}"


def write(previews: Sequence[tuple[str, Preview]], out: TextIO, form: str) -> None:
    """Write previews.

    Args:
        previews: subject and preview of each command.
        out: where to.
        form: `json` and `yaml` give data (a list if there are several), everything else lines.
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
            out.writelines(f"{line}\n" for line in as_lines(preview, subject))
