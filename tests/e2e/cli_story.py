"""A day of an administrator: the examples of every command's help, in an order in which each does what it says.

What they need of the world (a pair, a volume group, something to repair) is made beforehand, as other clients would.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import requests

from pmax.adapters.cli.examples import EXAMPLES
from pmax.adapters.cli.verbs import Verbs
from pmax.adapters.cli.writing import Writing
from pmax.domain.identifiers import ArrayId, DeviceId, volume_wwn
from tests.e2e.cli_process import ARRAY, IQN, OTHER_ARRAY, CommandLine, Finished

GOLDEN = Path(__file__).parent / "golden"

#: The volume group of the examples.
VOLUME_GROUP = "payroll_0b9c7f5a-2d53-4c1e-9a57-6f1d2e3c4b5a"
#: The storage group of the pair in RDF group 23_24_070, as pmax and Cinder call it.
MIRRORED = "OS-23_24_070-Asynchronous-rdf-sg"
#: What stands in an example for the id of a job, which is another one each time.
_JOB = "1693476512345"

#: Commands whose output is no table of the array, or differs from run to run; the tests of `elsewhere` are theirs.
ELSEWHERE = {
    "configure": "test_cli_services",
    "doctor": "test_cli_looking, test_cli_bad_input",
    "journal show": "test_cli_recovery",
    "journal forget": "test_cli_recovery",
    "plugin show": "test_cli_looking",
    "watch": "test_cli_services",
    "metrics": "test_cli_services",
    "support-bundle": "test_cli_services",
    "simulator serve": "test_cli_simulator",
    "complete": "test_cli_services",
    "help": "test_cli_services",
}

#: Their order; a command in front of a colon is run first and not looked at.
ORDER = (
    *("array list", "array show", "srp list", "srp show", "capacity", "pool list", "profile list", "plugin list"),
    *("host list", "host show", "initiator list", "port group list", "port group show", "director list"),
    *("director show", "masking view list", "masking view show", "masking view verify", "audit", "path", "find"),
    *("volume create", "volume list", "volume show", "volume extend", "volume attach", "tree"),
    *("snapshot create", "snapshot list", "snapshot show", "volume clone", "snapshot link", "snapshot unlink"),
    *("snapshot restore", "snapshot tidy", "snapshot delete", "volume detach", "volume rename"),
    *("storage group create", "storage group add", "storage group remove", "storage group qos", "storage group move"),
    *("storage group list", "storage group show", "storage group delete"),
    *("volume retype", "volume unmanage", "volume manage", "volume delete"),
    *("group list", "group show", "group snapshot list"),
    *(
        "rdf list",
        "rdf show",
        "rdf check",
        "replicated volume",
        "rdf suspend",
        "rdf resume",
        "rdf failover",
        "rdf restore",
        "rdf failback",
    ),
    *("rdf repair", "repair", "drift", "job list", "job show", "journal list", "journal recover"),
)

#: What has to be done before the examples of a command.
BEFORE = {
    "snapshot link": ("volume create copy-01 --size 10",),
    "snapshot restore": ("snapshot create archive-01 monday",),
    "storage group move": ("storage group create reports-2 --service-level None",),
    "storage group delete": ("storage group remove reports finance-01 --yes",),
    "volume delete": ("volume rename data-02 data-01",),
}

#: What is looked at beside the examples.
MORE = {
    "replicated volume": (
        "volume attach 00007 --host node4 --initiator iqn.1994-05.com.example:node4",
        "tree volume 00007",
        "path 00007 node4",
        "volume show 00007",
        "volume detach 00007 --host node4",
    ),
}

#: How a command is run and shown: columns of the terminal, and options beside those of the example.
LOOKS = {"80": (80, ()), "200": (200, ()), "json": (80, ("-f", "json"))}
#: The form in which volumes are named in another way; what follows in `Shown` is the same with their names.
SPELLED = "spelled"
#: Other ways of saying which volume is meant: of those that are taken everywhere, each verb is given another.
SPELLINGS: tuple[Callable[[str, str], str], ...] = (
    lambda device, _wwn: device.lstrip("0"),
    lambda device, _wwn: f"0x{device.lstrip('0').lower()}",
    lambda device, _wwn: f"0X{device}",
    lambda _device, wwn: wwn,
    lambda _device, wwn: f"naa.{wwn.upper()}",
    lambda _device, wwn: f"3{wwn}",
)
REHEARSALS = {
    "dry-run.80": (80, ("--dry-run",)),
    "dry-run.json": (80, ("--dry-run", "-f", "json")),
}


@attrs.frozen(kw_only=True)
class Shown:
    """An example and what it showed.

    Attributes:
        form: a key of `LOOKS` or `REHEARSALS`.
        example: as it was typed.
        finished: its status and output.
        columns: of the terminal.
        sent: calls that could have changed something.
    """

    form: str
    example: str
    finished: Finished
    columns: int
    sent: tuple[str, ...]


def is_writing(line: str) -> bool:
    """Whether what is typed changes the array."""
    command, _, _ = Verbs().find_command(shlex.split(line))
    return issubclass(command, Writing)


def furnish(shell: CommandLine) -> None:
    """Make the world of the examples."""
    shell.furnish()
    shell.make("storagegroup", {"srpId": "None", "storageGroupId": VOLUME_GROUP, "emulation": "FBA"})
    shell.fill(VOLUME_GROUP, 2)
    _replication(shell, f"{VOLUME_GROUP}/snapshot", {"snapshotName": "monday"})
    shell.make("storagegroup", {"srpId": "None", "storageGroupId": MIRRORED, "emulation": "FBA"})
    shell.fill(MIRRORED, 1)
    pair = {"replicationMode": "Asynchronous", "remoteSymmId": OTHER_ARRAY, "rdfgNumber": 70, "establish": "true"}
    _replication(shell, f"{MIRRORED}/rdf_group", {**pair, "remoteStorageGroupName": MIRRORED})
    shell.make("host", {"hostId": "OS-node6-I-IG", "initiatorId": [IQN.replace("node1", "node6")]})
    volumes = [{"ID": "1", "Name": "finance-01", "Status": "available", "Size": 10, "Attached to": []}]
    (shell.folder / "volumes.json").write_text(json.dumps(volumes))
    shell.simulator.requests.clear()


def _replication(shell: CommandLine, below: str, body: dict[str, str]) -> None:
    answer = requests.post(
        f"{shell.simulator.url}/univmax/restapi/92/replication/symmetrix/{ARRAY}/storagegroup/{below}",
        json=body,
        auth=("smc", "smc"),
        verify=str(shell.simulator.ca_path),
        timeout=10,
    )
    assert answer.ok, answer.text


def play(shell: CommandLine) -> Iterator[tuple[str, list[Shown]]]:
    """Run every example, in order: the first of what only looks in every form; what writes is rehearsed before.

    Args:
        shell: furnished.

    Yields:
        The name of a command, and what its examples showed.
    """
    for name, examples in scenes(shell):
        shown: list[Shown] = []
        for example in examples:
            forms = {**REHEARSALS, "80": LOOKS["80"]} if is_writing(example) else LOOKS
            wanted = forms if is_writing(example) or not shown else {"80": forms["80"]}
            if (spelled := _spelled(shell, example)) != example:
                shown.append(_show(shell, spelled, SPELLED, *next(iter(wanted.values()))))
            shown += [_show(shell, example, form, *how) for form, how in wanted.items()]
        yield name, shown


def _spelled(shell: CommandLine, example: str) -> str:
    """The example with another spelling of each volume that it names."""
    if example.startswith("volume manage"):
        return example  # names the volume by its device, and its name is a new one
    volumes = {each.identifier: key for key, each in shell.simulator.arrays[ARRAY].volumes.items() if each.identifier}
    spell = SPELLINGS[len(example) % len(SPELLINGS)]
    words = [
        spell(volumes[word], volume_wwn(ArrayId(ARRAY), DeviceId(volumes[word]))) if word in volumes else word
        for word in example.split()
    ]
    return " ".join(words)


def scenes(shell: CommandLine) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each command with its examples, when everything is there that they need."""
    for name in ORDER:
        for line in BEFORE.get(name, ()):
            before = shell.call(*shlex.split(line))
            assert before.status == 0, before.err
        yield name, MORE.get(name) or EXAMPLES[name]


def _show(shell: CommandLine, example: str, form: str, columns: int, options: tuple[str, ...]) -> Shown:
    words = arguments(shell, example)
    shell.simulator.requests.clear()
    finished = shell.call(*words, *(each for each in options if each not in words), columns=columns)
    return Shown(form=form, example=example, finished=finished, columns=columns, sent=tuple(shell.changes()))


def arguments(shell: CommandLine, example: str) -> list[str]:
    """What is typed after `pmax`: the example, with a job that there is."""
    job = shell.json("job", "list", "--limit", "1")[0]["job_id"] if _JOB in example else ""
    return [word.replace(_JOB, job) for word in shlex.split(example)]


def stable(text: str) -> str:
    """What was shown, without what differs from run to run; what stands for it is as long."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "2026-01-01 00:00:00Z", text)
    text = re.sub(r"\w{3} \d\d? \w{3} \d{4} \d\d:\d\d:\d\d UTC", "Thu 01 Jan 2026 00:00:00 UTC", text)
    return re.sub(r"\b\d{13}\b", _JOB, text)


def written(example: str, finished: Finished) -> str:
    """An example and what it showed, as on a terminal."""
    status = f"(status {finished.status})\n" if finished.status else ""
    return stable(f"$ pmax {example}\n{finished.out}{finished.err}{status}")


def agreed(name: str, form: str, text: str) -> None:
    """Compare with the golden file, or write it."""
    file = GOLDEN / f"{name.replace(' ', '-')}.{form}.txt"
    if os.environ.get("PMAX_WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
