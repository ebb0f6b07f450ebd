"""What the documentation says about the simulator is true: its blocks run, its tables are up to date."""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import ExitStack
from importlib.metadata import requires
from pathlib import Path

import pytest
import yaml

import pmax.simulator
from pmax.simulator import Simulator, read_faults
from pmax.simulator.request_log import LoggedRequest

ROOT = Path(__file__).parents[3]
HOW_TO = ROOT / "docs/how-to/use-the-simulator.md"
REFERENCE = ROOT / "docs/reference/simulator.md"
BLOCK = re.compile(r"^```(?:\{code-block\} )?(\w+)\n(?::caption: (\S+)\n\n)?(.*?)^```$", re.MULTILINE | re.DOTALL)
OVERRULING = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


def blocks(language):
    """Return the blocks of the page in a language, as (line, caption, text)."""
    text = HOW_TO.read_text(encoding="utf-8")
    return [
        pytest.param(match[2], match[3], id=f"line {text.count(chr(10), 0, match.start()) + 1}")
        for match in BLOCK.finditer(text)
        if match[1] == language
    ]


@pytest.fixture
def run(tmp_path):
    """Run a command in a folder of its own, with nothing in the environment that overrules a client."""
    environment = {name: value for name, value in os.environ.items() if name not in OVERRULING}
    environment["HOME"] = str(tmp_path)

    def started(*command, **options):
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, **options
        )

    return started


def test_no_block_is_forgotten():
    """Every block of the page is of a language that is run below."""
    languages = {match[1] for match in BLOCK.finditer(HOW_TO.read_text(encoding="utf-8"))}
    assert languages == {"console", "python", "yaml"}
    assert HOW_TO.read_text(encoding="utf-8").count("```") == 2 * sum(len(blocks(each)) for each in languages)


@pytest.mark.parametrize(("caption", "code"), blocks("python"))
def test_python_blocks_run(run, tmp_path, caption, code):
    """Each block of Python runs as it stands; one with a file name is run by pytest."""
    path = tmp_path / (caption or "block.py")
    path.write_text(code)
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider") if caption else ("-W", "ignore::ResourceWarning")
    done = run(sys.executable, *command, str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    if caption:
        assert f"{code.count('def test_')} passed" in done.stdout


@pytest.mark.parametrize(("caption", "text"), blocks("yaml"))
def test_faults_can_be_used(tmp_path, caption, text):
    """The file of faults is one that the simulator takes."""
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    faults = read_faults(path)
    assert len(Simulator(faults=faults).faults) == len(yaml.safe_load(text)["faults"])


@pytest.mark.timeout(60)
def test_commands_do_what_the_page_shows(run, tmp_path):
    """The commands of the page, one after another, print what the page shows; ports are exchanged for free ones."""
    (tmp_path / "password.txt").write_text("a password of one's own")
    (tmp_path / "faults.yaml").write_text(blocks("yaml")[0].values[1])
    ports = {}
    with ExitStack() as stack:
        for param in blocks("console"):
            for command, shown in _commands(param.values[1]):
                if command.startswith("pip install"):
                    assert any("extra == 'simulator'" in each.replace('"', "'") for each in requires("pmax"))
                elif command.startswith("pmax simulator serve"):
                    ports[shown[0].rpartition(":")[2]] = _serve(stack, tmp_path, command, shown)
                else:
                    assert _answer(run, command, ports) == shown


def _commands(text):
    """Return the commands of a block with the lines that they print."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    return [(part.splitlines()[0], part.splitlines()[1:]) for part in parts]


def _serve(stack, folder, command, shown):
    """Start the simulator as a command says, on a free port; return the port."""
    command, shown = (text.replace("0.0.0.0", "127.0.0.1") for text in (command, shown[0]))  # noqa: S104 - tests open no doors
    arguments = [sys.executable, "-m", *shlex.split(command), "--port", "0"]
    process = subprocess.Popen(arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    stack.callback(process.wait)
    stack.callback(process.kill)
    stack.callback(process.stdout.close)
    printed = process.stdout.readline().strip()
    assert re.sub(r":\d+$", "", printed) == re.sub(r":\d+$", "", shown)
    return printed.rpartition(":")[2]


def _answer(run, command, ports):
    """Run curl against the simulator that was started on a port; return what it prints."""
    assert command.startswith("curl ")
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    for port, actual in ports.items():
        command = command.replace(f":{port}/", f":{actual}/")
    return run(*shlex.split(command), "--silent", "--noproxy", "*").stdout.splitlines()


@pytest.fixture(scope="module")
def tables():
    """The script that writes the tables."""
    specification = importlib.util.spec_from_file_location("simulator_tables", ROOT / "docs/simulator_tables.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_tables_are_up_to_date(tables):
    """The generated pages are what the script would write now."""
    for path, text in tables.pages().items():
        assert path.read_text(encoding="utf-8") == text, "run: python docs/simulator_tables.py"


def test_every_rule_is_held_by_a_test(tables):
    """Each rule names a test that exists and whose docstring has its number."""
    cited = tables.cited_rules()
    rules = tables.rules()
    assert sorted(rules) == list(range(1, 88))
    assert {number: test for number, test in rules.items() if test not in cited.get(number, ())} == {}


def test_no_rule_is_cited_that_there_is_not(tables):
    """No test names a rule that is not in the list."""
    assert set(tables.cited_rules()) <= set(tables.rules())


def test_every_public_name_is_explained():
    """The reference explains every name that the package offers."""
    text = REFERENCE.read_text(encoding="utf-8")
    assert {name for name in pmax.simulator.__all__ if f"`{name}`" not in text} == set()


def test_every_field_of_the_log_is_explained():
    """The reference explains every field of the log of requests."""
    text = REFERENCE.read_text(encoding="utf-8")
    assert {field.name for field in LoggedRequest.__attrs_attrs__ if f"`{field.name}`" not in text} == set()


def test_every_option_is_explained(tables):
    """The page of options explains every field of it."""
    rows = [
        line for line in tables.pages()[tables.REFERENCE / "simulator-options.md"].splitlines() if line[:3] == "| `"
    ]
    assert rows
    assert [row for row in rows if not row.rstrip("| ").rpartition("|")[2].strip()] == []
