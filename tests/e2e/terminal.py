"""Runs `pmax` as a process with a terminal of its own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

from tests.e2e.cli_process import CommandLine


def on_terminal(
    shell: CommandLine, *arguments: str, typed: str = "", after: str = "", columns: int = 80
) -> tuple[int, str]:
    """Run `pmax` with a terminal for input, output and errors; return exit status and everything that was shown.

    What is typed is typed at once, or when a text has been shown: whoever asks for a password forgets what came before.
    """
    keyboard, terminal = pty.openpty()
    environment = {**shell.environment(), "COLUMNS": str(columns), "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "pmax", *arguments],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=shell.folder,
        env=environment,
    )
    os.close(terminal)
    shown = b""
    try:
        if typed and not after:
            os.write(keyboard, typed.encode())
        while block := os.read(keyboard, 4096):
            shown += block
            if after and after.encode() in shown:
                os.write(keyboard, typed.encode())
                after = ""
    except OSError:  # how Linux says that the other side has closed
        pass
    status = process.wait()
    os.close(keyboard)
    return status, shown.decode().replace("\r\n", "\n")
