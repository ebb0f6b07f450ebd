"""Pictures of the terminal: real runs of `pmax` against a simulator, drawn by rich as SVG.

`make screenshots` writes them into `docs/_static/terminal`; look at them, and commit them with the change that altered
them. Each picture is one session at a terminal of 80 columns; colours are those that a terminal gets.
"""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import requests
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from pmax.simulator import Simulator

COLUMNS = 80
FOLDER = Path(__file__).parent / "_static" / "terminal"
ARRAY, OTHER_ARRAY = "000197900999", "000197900998"
MIRRORED = "OS-23_24_070-Asynchronous-rdf-sg"
IQN = "iqn.1994-05.com.redhat:node1"
#: rich names a font of a server that readers need not be sent to.
_FONT = re.compile(r"@font-face \{.*?\}", re.DOTALL)


@attrs.frozen
class Picture:
    """One session.

    Attributes:
        name: of the file.
        title: above the terminal.
        commands: as they are typed; what begins with `-` is run before, and not shown.
        before: furnishes the array.
    """

    name: str
    title: str
    commands: tuple[str, ...]
    before: Callable[[Simulator], None] | None = None


@contextlib.contextmanager
def client(simulator: Simulator) -> Iterator[requests.Session]:
    """Another client of the Unisphere."""
    with requests.Session() as session:
        session.trust_env = False  # which would put the CA of the environment first
        session.auth, session.verify = ("smc", "smc"), str(simulator.ca_path)
        yield session


def pair(simulator: Simulator) -> None:
    """A volume that is replicated."""
    with client(simulator) as session:
        root = f"{simulator.url}/univmax/restapi/92"
        groups = f"{root}/sloprovisioning/symmetrix/{ARRAY}/storagegroup"
        size = {"num_of_vols": 2, "volume_size": "10", "capacityUnit": "GB"}
        volumes = {"create_new_volumes": True, "emulation": "FBA", "volumeAttributes": [size]}
        edit = {"editStorageGroupActionParam": {"expandStorageGroupParam": {"addVolumeParam": volumes}}}
        mode = {"replicationMode": "Asynchronous", "remoteSymmId": OTHER_ARRAY, "rdfgNumber": 70, "establish": "true"}
        calls = (
            ("POST", groups, {"srpId": "None", "storageGroupId": MIRRORED, "emulation": "FBA"}),
            ("PUT", f"{groups}/{MIRRORED}", edit),
            (
                "POST",
                f"{root}/replication/symmetrix/{ARRAY}/storagegroup/{MIRRORED}/rdf_group",
                {**mode, "remoteStorageGroupName": MIRRORED},
            ),
        )
        for verb, url, body in calls:
            session.request(verb, url, json=body, timeout=10).raise_for_status()


def litter(simulator: Simulator) -> None:
    """What an interrupted attach left, and a port that is down."""
    array = simulator.arrays[ARRAY]
    with client(simulator) as session:
        root = f"{simulator.url}/univmax/restapi/92/sloprovisioning/symmetrix/{ARRAY}"
        host = {"hostId": "OS-node6-I-IG", "initiatorId": [IQN.replace("node1", "node6")]}
        session.post(f"{root}/host", json=host, timeout=10).raise_for_status()
        group = {"srpId": "None", "storageGroupId": "OS-node6-I-OS-iscsi-PG-SG", "emulation": "FBA"}
        session.post(f"{root}/storagegroup", json=group, timeout=10).raise_for_status()
    array.set_port_online("SE-5E:0", is_online=False)


_ATTACH = f"pmax volume attach accounts --host node1 --initiator {IQN}"
_ACCOUNTS = "pmax volume create accounts --size 10 --service-level Gold"

PICTURES = (
    Picture("doctor", "Is everything right?", ("pmax doctor",)),
    Picture("dry-run", "What would an attach do?", (f"-{_ACCOUNTS}", f"{_ATTACH} --dry-run")),
    Picture("tree", "Who sees what?", (f"-{_ACCOUNTS}", f"-{_ATTACH}", "pmax tree", "pmax path accounts node1")),
    Picture(
        "snapshots",
        "A snapshot, and a volume that presents it",
        (
            f"-{_ACCOUNTS}",
            "pmax snapshot create accounts friday",
            "-pmax volume create report --size 10",
            "pmax snapshot link accounts friday report --copy --wait --yes",
            "pmax snapshot show accounts friday",
        ),
    ),
    Picture("audit", "What has been left behind?", ("pmax audit", "pmax repair HOST02:OS-node6-I-IG"), litter),
    Picture(
        "rdf",
        "How is it replicated?",
        ("pmax rdf list", "pmax rdf show 23_24_070", "pmax tree volume 00003", "pmax rdf check 23_24_070"),
        pair,
    ),
)


@contextlib.contextmanager
def configured(simulator: Simulator) -> Iterator[dict[str, str]]:
    """The environment of a shell in which `pmax` is configured for a simulator."""
    port = simulator.url.rpartition(":")[2]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "pmax.conf"
        config.write_text(
            f"[powermax]\nsan_ip = 127.0.0.1\nsan_api_port = {port}\nsan_login = smc\nsan_password = smc\n"
            f"driver_ssl_cert_path = {simulator.ca_path}\npowermax_array = {ARRAY}\npowermax_srp = SRP_1\n"
            "powermax_service_level = Diamond\npowermax_port_groups = [OS-iscsi-PG]\n"
            f"pmax_journal_directory = {folder}/journal\n"
        )
        wanted = {"PMAX_CONFIG": str(config), "HOME": folder, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
        yield {**os.environ, **wanted}


def run(command: str, environment: dict[str, str]) -> str:
    """Run a command with a terminal for what it writes; errors follow."""
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", *shlex.split(command)]
    process = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE, env=environment, text=True
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # how Linux says that the other side has closed
        while block := os.read(ours, 4096):
            shown += block
    os.close(ours)
    _, complaints = process.communicate()
    return f"{complaints}{shown.decode()}".replace("\r\n", "\n")


def stable(text: str) -> str:
    """What was shown, without what differs from run to run."""
    text = re.sub(r"/\S+/(journal|ca\.pem)", r"/etc/pmax/\1", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8443", text)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "2026-08-28 09:00:00Z", text)


def draw(picture: Picture) -> str:
    """Play a session against a simulator of its own, and draw it."""
    screen = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    with Simulator(tls=True) as simulator:
        simulator.serve()
        if picture.before is not None:
            picture.before(simulator)
        with configured(simulator) as environment:
            for command in picture.commands:
                shown = run(command.removeprefix("-"), environment)
                if command.startswith("-"):
                    continue
                screen.print(Text.assemble(("$ ", "bold green"), (command, "bold")), soft_wrap=False)
                screen.print(Text.from_ansi(stable(shown)))
    svg = screen.export_svg(title=picture.title, theme=MONOKAI, unique_id=picture.name)
    return _FONT.sub("", svg)


def main() -> None:
    """Draw the pictures that are named, or all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        if not sys.argv[1:] or picture.name in sys.argv[1:]:
            (FOLDER / f"{picture.name}.svg").write_text(draw(picture), encoding="utf-8")


if __name__ == "__main__":
    main()
