"""Runs commands of a client of OpenStack, `openstack` or `cinder`, one after another in one process. Run as a script.

A command costs two seconds as a process, most of which goes into loading the client. So the client stays loaded here:
each line on the standard input is a JSON list of arguments, each line of the answer a JSON object with `status`, `out`
and `err`. A process serves one program, because the two do not bear each other's changes to argparse.

Argument: the program.
"""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout


def openstack(arguments: list[str]) -> int:
    """The `openstack` command."""
    from openstackclient import shell

    return int(shell.main(arguments) or 0)


def cinder(arguments: list[str]) -> int:
    """The `cinder` command, told how to do without Keystone."""
    from cinderclient import shell

    endpoint = os.environ["CINDER_ENDPOINT"]
    shell.OpenStackCinderShell().main(["--os-auth-type", "noauth", "--os-endpoint", endpoint, *arguments])
    return 0


PROGRAMS = {"openstack": openstack, "cinder": cinder}


def run(program: str, arguments: list[str]) -> dict[str, object]:
    """Run a command as its entry point does."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = PROGRAMS[program](arguments)
        except SystemExit as end:
            status = int(end.code or 0)
        except Exception:  # noqa: BLE001 - foreign code; the entry point would show it and end with 1
            traceback.print_exc()
            status = 1
    return {"status": status, "out": out.getvalue(), "err": err.getvalue()}


def main(program: str) -> None:
    """Answer each line until there are no more."""
    for line in sys.stdin:
        print(json.dumps(run(program, json.loads(line))), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(*sys.argv[1:])
