"""Secrets are planted everywhere, everything that pmax says or writes is collected, and nothing of them is in it."""

import base64
import io
import logging
import tarfile
import traceback
from pathlib import Path

import attrs
import pytest

from pmax.adapters.system import SystemClock
from pmax.bootstrap import build_engine
from pmax.domain.commands import AttachVolume, DetachVolume
from pmax.domain.errors import PmaxError
from pmax.domain.identifiers import device_id
from pmax.domain.settings import Chap, Secret, Settings, UnisphereServer
from pmax.domain.volumes import VolumeTarget
from pmax.plugins.signals import Signals
from pmax.simulator import CutBody, Drop, Fault, Garbage, Refuse
from tests.e2e.cli_process import CommandLine
from tests.stage import ARRAY, GOLD, connector

PASSWORD = "planted-Unisphere-pass"
CHAP_SECRET = "planted-CHAP-secret"
TARGET_PASSWORD = "planted-target-pass"
LOCK_PASSWORD = "planted-lock-pass"
WRONG = "planted-wrong-pass"
PLANTED = (
    *(PASSWORD, CHAP_SECRET, TARGET_PASSWORD, LOCK_PASSWORD, WRONG),
    *(base64.b64encode(f"smc:{each}".encode()).decode() for each in (PASSWORD, WRONG, TARGET_PASSWORD)),
    "Basic ",
)

BUNDLE = "bundle.tar.gz"

pytestmark = pytest.mark.powermax_simulator(tls=True, password=PASSWORD)

COMMANDS = (
    ("doctor",),
    ("array", "show"),
    ("volume", "list"),
    ("volume", "attach", "archive-01", "--host", "node2", "--initiator", "iqn.1994-05.com.example:node2"),
    ("volume", "attach", "no-such-volume", "--host", "node2", "--initiator", "iqn.1994-05.com.example:node2"),
    ("volume", "detach", "archive-01", "--host", "node2"),
    ("journal", "list"),
    ("support-bundle", "--volume", "archive-01", "--output", BUNDLE),
    ("no-such-command",),
)


def leaks(text: str) -> list[str]:
    """Which planted secrets are in a text."""
    return [secret for secret in PLANTED if secret in text]


def written(folder: Path) -> str:
    """What is in the files of a folder, its configuration apart, and in those that are packed."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".conf", ".pem"}]
    texts = [path.read_bytes() for path in files]
    for path in files:
        if path.name == BUNDLE:
            with tarfile.open(path) as bundle:
                packed = [bundle.extractfile(member) for member in bundle.getmembers()]
                texts += [part.read() for part in packed if part is not None]
    return "\n".join(text.decode("latin-1") for text in texts)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("password", [PASSWORD, WRONG])
def test_the_command_shows_and_writes_no_secret(powermax_simulator, tmp_path, password) -> None:
    """Whether it succeeds or fails, with `--debug` and in every format: neither screen nor file has a secret."""
    shell = CommandLine.of(powermax_simulator, tmp_path)
    shell.stanza |= {"san_password": PASSWORD}
    shell.furnish()
    shell.stanza |= {
        "san_password": password,
        "use_chap_auth": "true",
        "chap_username": "user",
        "chap_password": CHAP_SECRET,
        "u4p_failover_target": f"san_ip:127.0.0.1,san_api_port:1,san_login:smc,san_password:{TARGET_PASSWORD}",
    }
    for command in COMMANDS:
        arguments = [str(tmp_path / each) if each == BUNDLE else each for each in command]
        for options in ((), ("-f", "json")) if command[0] == "volume" else ((),):
            finished = shell.call("--debug", *arguments, *options)
            assert leaks(finished.out + finished.err) == [], command
    shell.stanza |= {"pmax_coordination_url": f"redis://:{LOCK_PASSWORD}@127.0.0.1:1/0"}
    finished = shell.call("--debug", *COMMANDS[3])
    assert leaks(finished.out + finished.err) == []
    texts = written(tmp_path)
    assert leaks(texts) == []
    assert '"servers"' in texts  # the bundle was looked into


@pytest.mark.timeout(120)
def test_the_engine_tells_nobody_a_secret(powermax_simulator, tmp_path) -> None:
    """No log of any library at any level, no error, no event, no repr and no file has a secret, whatever goes wrong."""
    logged = io.StringIO()
    handler = logging.StreamHandler(logged)
    logging.root.addHandler(handler)
    before, told = logging.root.level, []
    logging.root.setLevel(logging.NOTSET)
    try:
        engine = build_engine(settings(powermax_simulator, tmp_path), clock=SystemClock(), load_entry_points=False)
        listen(engine.signals, told)
        device = powermax_simulator.arrays[ARRAY].add_volume(547, "volume")
        target = VolumeTarget(array_id=ARRAY, device_id=device_id(device), identifiers=("volume",))
        for effect in (None, Refuse(status=401), Refuse(status=500), Drop(is_applied=True), Garbage(), CutBody()):
            powermax_simulator.faults.clear()
            if effect is not None:
                powermax_simulator.faults.add(Fault(effect=effect, nth="4+"))
            for command in (AttachVolume, DetachVolume):
                try:
                    said = engine.execute(
                        command(target=target, connector=connector("host-a"), protocol="iscsi", policy=GOLD)
                    )
                    told.append(repr(said))
                except PmaxError as error:
                    told += [repr(error), str(error), "".join(traceback.format_exception(error))]
        told += [repr(engine.settings), repr(engine.settings.servers), repr(engine.unfinished())]
        engine.close()
    finally:
        logging.root.setLevel(before)
        logging.root.removeHandler(handler)
    assert leaks(logged.getvalue()) == []
    assert [text for text in told if leaks(text)] == []
    assert leaks(written(tmp_path)) == []
    assert "AttachVolume" in "\n".join(told)


def settings(simulator, folder: Path) -> Settings:
    """Of an array behind TLS, with secrets wherever one can be."""
    host, _, port = simulator.url.removeprefix("https://").partition(":")
    server = UnisphereServer(
        host=host, port=int(port), username="smc", password=Secret(PASSWORD), verify=str(simulator.ca_path)
    )
    return Settings(
        array_id=ARRAY,
        srp="SRP_1",
        servers=(server, attrs.evolve(server, port=1, password=Secret(TARGET_PASSWORD))),
        port_groups=("OS-iscsi-PG",),
        journal_directory=str(folder),
        chap=Chap(username="user", password=Secret(CHAP_SECRET)),
        retries=0,
        operation_timeout_s=20,
    )


def listen(signals: Signals, told: list[str]) -> None:
    """Collect every event, with whatever can be reached from it."""
    for signal in signals.all():
        signal.connect(lambda event: told.append(f"{event!r} {attrs.asdict(event)}"))
