"""What `--dry-run` shows."""

import io
import json

import yaml

from pmax.adapters.cli import preview
from pmax.domain.capacity import Capacity
from pmax.domain.commands import ExtendVolume
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.plans import ExpandVolume, Plan
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Preview
from pmax.ports.array_commands import PreviewedCall

ARRAY = ArrayId("000197900123")
DEVICE = DeviceId("00588")
STEP = ExpandVolume(array_id=ARRAY, device=DEVICE, before=Capacity.from_gib(1), after=Capacity.from_gib(2))
CALL = PreviewedCall(verb="PUT", path="/92/volume/00588", body='{"size": 2}')
COMMAND = ExtendVolume(target=VolumeTarget(array_id=ARRAY, device_id=DEVICE), capacity=Capacity.from_gib(2))
PREVIEW = Preview(command=COMMAND, plan=Plan(steps=(STEP,)), calls=((STEP, (CALL,)),))
NOTHING = Preview(command=COMMAND, plan=Plan(), calls=())


def written(form: str, *previews: Preview) -> str:
    """The previews as text."""
    out = io.StringIO()
    preview.write([("Extend volume 00588 to 2 GiB", each) for each in previews], out, form, width=74)
    return out.getvalue()


def test_people_get_the_steps_in_words_with_their_calls() -> None:
    """Each step is a numbered line with its REST calls below it, and it is said that nothing was sent."""
    assert written("table", PREVIEW) == (
        "Extend volume 00588 to 2 GiB would take these steps. Nothing was sent.\n"
        "  1. Expand volume 00588 from 1 to 2 GiB\n"
        "       PUT /92/volume/00588\n"
        '         {"size": 2}\n'
        "In the end:\n"
        "  - volume 00588 has 2 GiB\n"
    )


def test_people_are_told_when_nothing_is_to_be_done() -> None:
    """An empty plan is success: everything is as wanted already."""
    assert "nothing to do" in written("table", NOTHING)


def test_programs_get_steps_and_calls() -> None:
    """JSON and YAML carry the same data: the command, and each step with its calls and their bodies."""
    data = json.loads(written("json", PREVIEW))
    assert data == yaml.safe_load(written("yaml", PREVIEW))
    assert data == {
        "command": "ExtendVolume",
        "dry_run": True,
        "steps": [
            {
                "step": "ExpandVolume",
                "words": "expand volume 00588 from 1 to 2 GiB",
                "calls": [{"verb": "PUT", "path": "/92/volume/00588", "body": {"size": 2}}],
            }
        ],
        "end_state": [{"kind": "volume", "name": "00588", "claims": ["has 2 GiB"]}],
    }


def test_several_commands_are_a_list() -> None:
    """One command gives an object, several give a list of them."""
    assert [each["steps"] for each in json.loads(written("json", NOTHING, NOTHING))] == [[], []]
