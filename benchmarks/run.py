"""Run every benchmark, one after another, so that none disturbs the next: `make bench`.

A benchmark is a script of this folder that prints its own figures; a new one is added to the list here.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

BENCHMARKS = ("startup.py", "compare.py", "manageable.py", "simulator.py", "nothing_lost.py")


def main() -> int:
    """Name the machine, run the scripts, and fail if one of them fails."""
    print(
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs\n",
        flush=True,
    )
    folder = Path(__file__).parent
    failed = [name for name in BENCHMARKS if subprocess.run([sys.executable, folder / name], check=False).returncode]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
