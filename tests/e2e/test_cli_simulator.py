"""`pmax simulator serve`, as a real process."""

import contextlib
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

LISTENING = re.compile(r"listening on (https?://127\.0\.0\.1:\d+)\n")
VERSION = "/univmax/restapi/version"


@contextlib.contextmanager
def served(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A simulator on a free port, and its address."""
    command = [sys.executable, "-m", "pmax", "simulator", "serve", "--port", "0", "--clock", "instant", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            match = LISTENING.fullmatch(line)
            assert match, line + process.stderr.read()
            yield process, match[1]
        finally:
            process.kill()


def test_one_line_says_where_it_listens(tmp_path) -> None:
    """The address is printed when it answers; SIGTERM ends it cleanly, and the log has every request."""
    log = tmp_path / "requests.jsonl"
    with served("--no-tls", "--request-log", str(log)) as (process, url):
        answer = requests.get(f"{url}{VERSION}", auth=("smc", "smc"), timeout=10)
        assert answer.json()["version"] == "V9.2.0.0"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert process.stdout.read() == ""
    [entry] = [json.loads(line) for line in log.read_text().splitlines()]
    assert (entry["verb"], entry["path"], entry["status"]) == ("GET", VERSION, 200)


def test_interrupting_it_is_a_clean_end() -> None:
    """Ctrl-C ends it as SIGTERM does."""
    with served("--no-tls") as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_https_by_default() -> None:
    """It makes its own certificate, and says beside the one line which authority clients must trust."""
    with served() as (process, url):
        authority = process.stderr.readline().partition(" = ")[2].strip()
        assert requests.get(f"{url}{VERSION}", auth=("smc", "smc"), timeout=10, verify=authority).status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{url}{VERSION}", auth=("smc", "smc"), timeout=10)


def test_its_user_and_version_can_be_chosen(tmp_path) -> None:
    """The password comes out of a file, and nobody else may log in."""
    secret = tmp_path / "password"
    secret.write_text("open sesame\n")
    options = ("--username", "admin", "--password-file", str(secret), "--unisphere-version", "V10.1.0.0")
    with served("--no-tls", *options) as (_, url):
        answer = requests.get(f"{url}{VERSION}", auth=("admin", "open sesame"), timeout=10)
        assert answer.json()["version"] == "V10.1.0.0"
        assert requests.get(f"{url}{VERSION}", auth=("smc", "smc"), timeout=10).status_code == 401


def test_a_certificate_of_ones_own(tmp_path) -> None:
    """A certificate and key that are given are used, and no authority is told."""
    import trustme

    authority, issued = tmp_path / "ca.pem", trustme.CA()
    issued.cert_pem.write_to_path(authority)
    server = issued.issue_cert("127.0.0.1")
    files = tmp_path / "server.pem", tmp_path / "server.key"
    server.cert_chain_pems[0].write_to_path(files[0])
    server.private_key_pem.write_to_path(files[1])
    with served("--tls-cert", str(files[0]), "--tls-key", str(files[1])) as (_, url):
        answer = requests.get(f"{url}{VERSION}", auth=("smc", "smc"), timeout=10, verify=str(authority))
        assert answer.status_code == 200


REFUSED = {
    "an address that others can reach": (("--host", "0.0.0.0"), "give --username and --password-file"),  # noqa: S104
    "a fixture that does not exist": (("--fixture", "huge"), "Choose default, families, large or empty."),
    "a user without a password": (("--username", "admin"), "Give --password-file."),
    "a version that is none": (("--unisphere-version", "nine"), "Correct --unisphere-version."),
    "a certificate without a key": (("--tls-cert", "server.pem"), "Give --tls-cert and --tls-key, or neither."),
    "a password file that does not exist": (
        ("--username", "admin", "--password-file", "nowhere"),
        "Correct --password-file.",
    ),
    "a folder that does not exist": (("--request-log", "nowhere/requests.jsonl"), "Correct --request-log."),
    "an address that this machine does not have": (
        ("--host", "192.0.2.1", "--username", "admin", "--password-file", "{password}"),
        "Choose another --host or --port.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused(tmp_path: Path, case) -> None:
    """A wrong option is told with its remedy, and nothing is served."""
    options, remedy = REFUSED[case]
    password = tmp_path / "password"
    password.write_text("open sesame")
    command = [option.format(password=password) for option in options]
    finished = subprocess.run(
        [sys.executable, "-m", "pmax", "simulator", "serve", "--port", "0", *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (finished.returncode, finished.stdout) == (2, "")
    assert remedy in finished.stderr
    assert "Traceback" not in finished.stderr
