"""`pmax simulator serve` with a state that is kept and faults out of a file, as a real process."""

import contextlib
import re
import subprocess
import sys

import pytest
import requests

LISTENING = re.compile(r"listening on (http://127\.0\.0\.1:\d+)\n")
GROUPS = "/univmax/restapi/92/sloprovisioning/symmetrix/000197900999/storagegroup"
FAULTS = """
faults:
  - {name: busy once, verb: POST, path: storagegroup, refuse: {status: 503, headers: {Retry-After: "1"}}}
"""


@contextlib.contextmanager
def served(*options):
    """A simulator on a free port, killed at the end, and its address."""
    command = [sys.executable, "-m", "pmax", "simulator", "serve", "--port", "0", "--no-tls", *map(str, options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            match = LISTENING.fullmatch(line)
            assert match, line + process.stderr.read()
            yield match[1]
        finally:
            process.kill()


def create(url, name):
    """Create a storage group; return the answer."""
    body = {"storageGroupId": name, "srpId": "None"}
    return requests.post(url + GROUPS, json=body, auth=("smc", "smc"), timeout=10)


def test_state_outlives_a_kill(tmp_path):
    """What was acknowledged is there after `kill -9` and a restart on the same file."""
    state = tmp_path / "state.sqlite"
    with served("--state", state, "--fixture", "families") as url:
        assert create(url, "g").status_code == 201
    with served("--state", state) as url:
        listed = requests.get(url + GROUPS, auth=("smc", "smc"), timeout=10).json()
        assert listed["storageGroupId"] == ["g"]


def test_faults_happen(tmp_path):
    """A fault of the file happens as it says, and once only."""
    path = tmp_path / "faults.yaml"
    path.write_text(FAULTS)
    with served("--faults", path) as url:
        answers = [create(url, "g") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 201]
    assert answers[0].headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("option", "content", "message"),
    [
        ("--faults", "faults: [{delay: {seconds: soon}}]", "fault 1, delay.seconds: must be a number of seconds"),
        ("--faults", "faults: [{take_down: {unisphere: other}}]", "unisphere 'other' is none of unisphere"),
        ("--faults", None, "No such file or directory"),
        ("--state", "precious", "it is no SQLite file"),
    ],
)
def test_wrong_files_are_refused(tmp_path, option, content, message):
    """A file that cannot be used is refused before anything is served, with the reason and the remedy."""
    path = tmp_path / "given"
    if content is not None:
        path.write_text(content)
    command = [sys.executable, "-m", "pmax", "simulator", "serve", "--port", "0", option, str(path)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stdout) == (2, "")
    told = " ".join(finished.stderr.split())
    assert message in told
    assert "given" in told
    assert option in told
    assert "Traceback" not in told
