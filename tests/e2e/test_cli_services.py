"""What goes on until it is told to stop, what is written into files, and how `pmax` gets to know its password."""

import io
import json
import re
import signal
import subprocess
import sys
import tarfile
import time
import urllib.request
from pathlib import Path

import pytest

from pmax.adapters.cli.verbs import VERBS
from tests.e2e.cli_process import ARRAY, IQN, CommandLine
from tests.e2e.test_cli_terminal import on_terminal

pytestmark = [pytest.mark.powermax_simulator(tls=True), pytest.mark.timeout(60)]

PASSWORD = "a pass word, not smc's"


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with a configured `pmax`."""
    return CommandLine.of(powermax_simulator, tmp_path)


def started(shell: CommandLine, *arguments: str) -> subprocess.Popen[str]:
    """Start `pmax` as a process that goes on."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    command = [sys.executable, "-m", "pmax", *arguments]
    return subprocess.Popen(command, text=True, cwd=shell.folder, env=shell.environment(), **pipes)


def test_watch_tells_what_happens(shell) -> None:
    """What comes while it watches is told as it happens, a line of JSON each; SIGTERM ends it as asked."""
    process = started(shell, "watch", "--interval", "0.2", "-f", "json")
    assert "watching" in process.stderr.readline()
    shell.json("volume", "create", "new-01", "--size", "1")
    # Its job may be seen first.
    told = (json.loads(line) for line in process.stdout)
    group = next(each for each in told if each["kind"] == "storage group")
    assert (group["name"], group["what"]) == ("OS-SRP_1-Diamond-NONE-SG", "appeared")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_watch_ends_by_itself(shell) -> None:
    """With --for it ends, having told nothing where nothing happened."""
    finished = shell.call("watch", "--interval", "0.1", "--for", "0.3")
    assert (finished.status, finished.out) == (0, "")


def test_metrics(shell) -> None:
    """Prometheus gets calls, pools and whether Unisphere answers; Ctrl-C ends it as asked."""
    process = started(shell, "metrics", "--listen", "0", "--interval", "0.2")
    url = re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+/metrics)\n", process.stdout.readline())[1]
    figures = ""
    for _ in range(100):
        figures = urllib.request.urlopen(url, timeout=5).read().decode()  # noqa: S310 - our own server
        if "pmax_unisphere_up 1.0" in figures:
            break
        time.sleep(0.1)  # noqa: TID251 - another process is waited for
    assert f'pmax_pool_gib{{array="{ARRAY}",kind="total",srp="SRP_1"}} 26624.0' in figures
    assert re.search(r'pmax_calls_total\{status="200",verb="GET"\} [1-9]', figures)
    assert "pmax_journal_unfinished 0.0" in figures
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_support_bundle_has_no_secrets(shell, tmp_path) -> None:
    """It tells versions, configuration, checks, calls and a volume, and the password is nowhere in it."""
    shell.stanza |= {"san_password": PASSWORD, "chap_username": "chap", "chap_password": "ch4p-s3cret-xyz"}
    bundle = tmp_path / "bundle.tar.gz"
    finished = shell.call("support-bundle", "--output", str(bundle), "--volume", "finance-01")
    assert finished.status == 0, finished.err
    with tarfile.open(bundle) as tar:
        parts = {member.name.rpartition("/")[2]: tar.extractfile(member).read().decode() for member in tar}
    assert not [name for name, text in parts.items() if PASSWORD in text or "ch4p-s3cret-xyz" in text]
    assert json.loads(parts["configuration.json"])["servers"][0]["password"] == "***"
    assert json.loads(parts["versions.json"])["pmax"]
    assert "does not accept the user" in parts["array.json"]  # the password is wrong, and that is told
    assert {"checks.json", "plugins.json", "journal.json", "calls.json", "volume.json"} < parts.keys()


def test_a_support_bundle_tells_of_a_volume(shell, tmp_path) -> None:
    """A volume is told with who sees it."""
    shell.furnish()
    bundle = tmp_path / "bundle.tar.gz"
    assert shell.call("support-bundle", "--output", str(bundle), "--volume", "finance-01").status == 0
    with tarfile.open(bundle) as tar:
        told = json.load(io.TextIOWrapper(tar.extractfile("pmax-support/volume.json")))
    assert told["volume"]["identifier"] == "finance-01"
    assert told["tree"]["children"][0]["name"] == "OS-node1-I-IG"


def configure(shell: CommandLine, file: Path, *more: str) -> list[str]:
    """The arguments that tell everything but the password."""
    host, _, port = shell.simulator.url.removeprefix("https://").partition(":")
    told = ["--unisphere", f"{host}:{port}", "--username", "smc", "--ca-file", str(shell.simulator.ca_path)]
    chosen = ["--serial", "999", "--service-level", "Gold", "--port-group", "OS-iscsi-PG"]
    return ["configure", "--output", str(file), *told, *chosen, *more]


def test_configure_asks_for_the_password(shell, tmp_path) -> None:
    """On a terminal the password is asked for without being shown, and kept in a file that only its owner can read."""
    file = tmp_path / "made" / "pmax.conf"
    status, shown = on_terminal(shell, *configure(shell, file), typed="smc\n", after="Password of smc:")
    assert status == 0, shown
    assert "Password of smc:" in shown
    password = file.with_suffix(".password")
    assert [path.stat().st_mode & 0o777 for path in (file, password)] == [0o600, 0o600]
    assert "smc\n" not in file.read_text().replace("san_login = smc\n", "")
    assert shell.call("--config-file", str(file), "array", "list").status == 0


def test_configure_without_a_terminal(shell, tmp_path) -> None:
    """Everything can be told by options; what is not is asked of nobody, and a file that is there stays."""
    secret, file = tmp_path / "password", tmp_path / "made.conf"
    secret.write_text("smc\n")
    secret.chmod(0o600)
    assert shell.call(*configure(shell, file)).status == 2
    assert not file.exists()
    finished = shell.call(*configure(shell, file, "--password-file", str(secret)))
    assert finished.status == 0, finished.err
    assert shell.call("--config-file", str(file), "doctor").status == 0
    again = shell.call(*configure(shell, file, "--password-file", str(secret)))
    assert (again.status, "is not overwritten" in again.err) == (2, True)


def test_configure_keeps_nothing_that_does_not_work(shell, tmp_path) -> None:
    """Where Unisphere does not accept the user, no file is written."""
    secret, file = tmp_path / "password", tmp_path / "made.conf"
    secret.write_text("wrong\n")
    finished = shell.call(*configure(shell, file, "--password-file", str(secret)))
    assert (finished.status, file.exists()) == (1, False)
    assert "does not accept the user" in finished.err


def test_the_password_is_in_a_file(shell, tmp_path) -> None:
    """Its first line counts; a file that others may read is told, and one that is not there is refused."""
    del shell.stanza["san_password"]
    secret = tmp_path / "password"
    shell.stanza["pmax_password_file"] = str(secret)
    assert shell.call("array", "list").status == 2
    secret.write_text("smc\nsomething else\n")
    secret.chmod(0o644)
    finished = shell.run("array", "list")
    assert finished.status == 0
    assert f"chmod 600 {secret}" in finished.err


@pytest.mark.parametrize(("mode", "is_told"), [(0o644, True), (0o640, False)])
def test_a_configuration_that_everybody_may_read(shell, mode, is_told) -> None:
    """It is told, with the remedy, if it holds a password; a group may read it, as Cinder's does."""
    shell.configuration_mode = mode
    finished = shell.call("array", "list")
    assert finished.status == 0
    assert ("chmod o-rwx" in finished.err) == is_told


def test_the_password_is_asked_for(shell) -> None:
    """Where no password is configured, a person is asked; where nobody sits, that is a mistake in the configuration."""
    del shell.stanza["san_password"]
    status, shown = on_terminal(shell, "array", "list", typed="smc\n", after="Password of smc at")
    assert status == 0
    assert re.search(r"Password of smc at 127\.0\.0\.1:", shown)
    finished = shell.call("array", "list")
    assert (finished.status, "pmax_password_file" in finished.err) == (2, True)


def test_profiles(shell) -> None:
    """Every backend of the configuration is listed without asking Unisphere, and without its password."""
    finished = shell.call("profile", "list", "-f", "json")
    assert [(row["backend"], row["array_id"]) for row in finished.data] == [("powermax", ARRAY)]
    assert list(shell.simulator.requests) == []


def test_completion(shell) -> None:
    """Bash completes nouns, verbs and options; the script for zsh has the same words."""
    script = shell.call("complete").out
    lines = [
        script,
        'ask() { COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMPREPLY=(); _pmax; echo "${COMPREPLY[@]}"; }',
        "ask pmax mask",
        "ask pmax masking view v",
        "ask pmax volume create x --si",
    ]
    done = subprocess.run(["bash", "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["masking", "verify", "--size"]
    zsh = shell.call("complete", "--shell", "zsh").out
    assert zsh.startswith("#compdef pmax\n")
    assert "'pmax masking view' 'list show verify'" in zsh


def test_the_reference_has_every_command(shell) -> None:
    """The page of all commands and the man page have every command with its arguments; man can read what it gets."""
    page = shell.call("help", "--markdown").out
    assert {f"## `pmax {name}`" for name in VERBS} <= set(page.splitlines())
    assert "| `--size GIB` | in whole GiB |" in page
    man = shell.call("help", "--man").out
    assert man.startswith(".TH PMAX 1")
    assert {line for line in man.splitlines() if line.startswith(".SS")} >= {'.SS "pmax path VOLUME HOST [options]"'}
    assert not [line for line in man.splitlines() if line.startswith("'")]


@pytest.mark.powermax_simulator(tls=True, latency_s=0.2)
def test_ctrl_c_takes_back_what_was_made(shell) -> None:
    """The first Ctrl-C ends an operation between two steps, takes back what it made, and says so with status 130."""
    shell.json("volume", "create", "new-01", "--size", "1")
    before = shell.objects()
    process = started(shell, "-v", "volume", "attach", "new-01", "--host", "node1", "--initiator", IQN)
    for line in process.stderr:
        if line.startswith("  done"):
            process.send_signal(signal.SIGINT)
            break
    _, err = process.communicate(timeout=40)
    assert process.returncode == 130, err
    assert "Ending at a safe point. Under way: " in err
    assert "`pmax journal recover` ends it" in err
    assert "taken back" in err
    assert shell.objects() == before
