"""What is loaded when: the core stays light, whatever is installed beside it.

Which layer may import which is import-linter's business (`make check`); here it is measured what really gets loaded.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = frozenset({"cinder", "os_brick", "eventlet", "starlette", "uvicorn", "trustme", "cryptography", "tooz"})

RUN = """
import json, runpy, sys
before = set(sys.modules)
sys.argv = {arguments!r}
try:
    {statement}
except SystemExit as exit:
    assert not exit.code, exit.code
sys.stderr.write(json.dumps(sorted(set(sys.modules) - before)))
"""


def modules_loaded_by(statement: str, *arguments: str) -> set[str]:
    """Run a statement in a fresh interpreter; return the names of the modules that it loaded."""
    script = RUN.format(statement=statement, arguments=["pmax", *arguments])
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(finished.stderr.splitlines()[-1]))


def packages(modules: set[str]) -> set[str]:
    """The top-level packages that modules belong to, without the standard library."""
    return {module.partition(".")[0] for module in modules} - sys.stdlib_module_names


def test_importing_pmax_loads_no_other_package() -> None:
    """`import pmax` loads pmax and, at most, attrs."""
    assert packages(modules_loaded_by("import pmax")) <= {"pmax", "attr", "attrs"}


def test_importing_pmax_loads_no_adapter() -> None:
    """`import pmax` loads neither an adapter nor the simulator."""
    loaded = modules_loaded_by("import pmax")
    assert not {name for name in loaded if name.startswith(("pmax.adapters", "pmax.simulator", "pmax.bootstrap"))}


@pytest.mark.skipif(not (ROOT / "pmax/__main__.py").exists(), reason="the pmax command does not exist yet")
def test_the_commands_help_loads_nothing_heavy() -> None:
    """`pmax --help` loads neither Cinder, nor the simulator, nor the network stack."""
    loaded = modules_loaded_by("runpy.run_module('pmax', run_name='__main__')", "--help")
    assert not packages(loaded) & (HEAVY | {"requests", "urllib3"})
    assert not {name for name in loaded if name.startswith(("pmax.simulator", "pmax.adapters.cinder"))}


def imported(source: str) -> set[str]:
    """The modules that a source text imports, as written."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or ".")
    return names


def test_the_simulator_does_not_even_ask_for_the_version() -> None:
    """The simulator imports nothing of pmax but itself; `from pmax import …` is what import-linter cannot forbid."""
    users = [path for path in (ROOT / "pmax/simulator").rglob("*.py") if "pmax" in imported(path.read_text())]
    assert users == []


def test_imports_are_recognised() -> None:
    """The search for imports finds both forms."""
    assert imported("import pmax.domain\nfrom pmax import version") == {"pmax.domain", "pmax"}


def hook_relays(source: str) -> list[int]:
    """The lines where a hook is called through pluggy's untyped relay, `manager.hook.pmax_…`."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("pmax_")
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "hook"
    ]


def test_only_the_plugin_manager_calls_hooks() -> None:
    """Hooks are called through the typed methods of pmax.plugins.manager, and nowhere else."""
    users = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "pmax").rglob("*.py")
        if hook_relays(path.read_text()) and path != ROOT / "pmax/plugins/manager.py"
    }
    assert users == set()


def test_a_hook_relay_is_recognised() -> None:
    """The search for hook relays finds one."""
    assert hook_relays("plugins = manager()\nplugins.hook.pmax_choose(candidates=())") == [2]
