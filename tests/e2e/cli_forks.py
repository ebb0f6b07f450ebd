"""Runs `pmax` in processes of their own that are forked from one which has imported it: a fraction of the price.

What a run sees is what a process sees that a shell started: its own descriptors, pipes or a terminal of its own with
`COLUMNS` of the shell, the shell's folder, and nothing of the runs before it. That `python -m pmax` starts is tested
elsewhere.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import pty
import re
import select
import socket
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from importlib import import_module
from pkgutil import walk_packages
from typing import Self

import attrs

from pmax.__main__ import main
from pmax.adapters import cli, journal, rest
from pmax.adapters.rest.converter import make_structurer
from tests.e2e.cli_process import ROOT, CommandLine, Finished

#: Enough for the environment of a run.
_LONGEST = 1 << 18
#: What a terminal obeys: which of these it is, and how many lines or columns.
_CONTROL = re.compile(r"\x1b\[\??(\d*)(?:;\d+)*([A-Za-z])")


@attrs.define
class Forks:
    """A process that has imported `pmax`, and forks for every run. A context manager."""

    shell: CommandLine
    _line: socket.socket | None = None
    _process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._line, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there:
            arguments = [sys.executable, "-m", "tests.e2e.cli_forks", str(there.fileno()), str(self.shell.folder)]
            self._process = subprocess.Popen(arguments, cwd=ROOT, pass_fds=[there.fileno()])
        return self

    def __exit__(self, *_failure: object) -> None:
        assert self._line is not None
        assert self._process is not None
        self._line.close()
        self._process.wait()

    def piped(self, *arguments: str, columns: int) -> Finished:
        """Run with pipes for output and errors, and nobody to ask."""
        (out, out_there), (err, err_there) = os.pipe(), os.pipe()
        nobody = os.open(os.devnull, os.O_RDONLY)
        self._start(arguments, {"COLUMNS": str(columns)}, (nobody, out_there, err_there))
        texts = _read({out: b"", err: b""})
        return Finished(self._status(), texts[out].decode(), texts[err].decode())

    def on_terminal(self, *arguments: str, columns: int) -> Finished:
        """Run on a terminal of this width; the output is what stands on its screen in the end, and `err` is empty."""
        keyboard, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._start(arguments, {"TERM": "xterm"}, (terminal, os.dup(terminal), os.dup(terminal)))
        shown = _read({keyboard: b""})[keyboard].decode()
        return Finished(self._status(), screen(shown), "")

    def _start(self, arguments: Sequence[str], own: dict[str, str], descriptors: tuple[int, int, int]) -> None:
        """Have it forked, and give input, output and errors away."""
        assert self._line is not None
        environment = {name: text for name, text in self.shell.environment().items() if name != "COLUMNS"} | own
        socket.send_fds(self._line, [json.dumps([arguments, environment]).encode()], descriptors)
        for each in descriptors:
            os.close(each)

    def _status(self) -> int:
        assert self._line is not None
        return int(self._line.recv(16))


def _read(texts: dict[int, bytes]) -> dict[int, bytes]:
    """Read from each until its last writer has gone, and close it."""
    waiting = set(texts)
    while waiting:
        for each in select.select(waiting, [], [])[0]:
            try:
                block = os.read(each, 1 << 16)
            except OSError:  # how Linux says that the other side of a terminal has closed
                block = b""
            texts[each] += block
            if not block:
                os.close(each)
                waiting.discard(each)
    return texts


def screen(shown: str) -> str:
    """What stands on a terminal after all this was written to it: colours obeyed, lines that were erased gone."""
    lines, row, column, at = [""], 0, 0, 0
    for control in [*_CONTROL.finditer(shown), None]:
        for part in re.findall(r"\r|\n|[^\r\n]+", shown[at : control.start() if control else None]):
            if part == "\r":
                column = 0
            elif part == "\n":
                row += 1
                lines += [""] * (row - len(lines) + 1)
            else:
                lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + len(part) :]
                column += len(part)
        if control is None:
            break
        at = control.end()
        match control[2]:
            case "A":
                row = max(0, row - int(control[1] or 1))
            case "K":
                lines[row] = "" if control[1] == "2" else lines[row][:column]
    return "\n".join(line.rstrip() for line in lines[: row + 1])


def _serve(line: socket.socket, folder: str) -> None:
    """Fork for each run that is asked for, and tell how it ended; until nobody asks any more."""
    _import_everything()
    os.chdir(folder)
    while True:
        message, descriptors, *_ = socket.recv_fds(line, _LONGEST, 3)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            line.close()
            _become(*json.loads(message), descriptors)
        for each in descriptors:
            os.close(each)
        _, ended = os.waitpid(pid, 0)
        line.send(str(os.waitstatus_to_exitcode(ended)).encode())


def _import_everything() -> None:
    """Whatever a run might need, so that no run has to import it."""
    own = (module.name for each in (cli, journal, rest) for module in walk_packages(each.__path__, f"{each.__name__}."))
    for name in (*own, "pmax.bootstrap", "rich.table", "rich.tree", "rich.status", "rich.progress", "yaml"):
        import_module(name)
    make_structurer()
    gc.freeze()


def _become(arguments: list[str], environment: dict[str, str], descriptors: Sequence[int]) -> None:
    """Be a process that a shell has started; does not return."""
    os.setsid()
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w", buffering=1)
    status = main(arguments)
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
