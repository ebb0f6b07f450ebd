"""Known vulnerabilities of what is installed here: pip-audit, and what to make of its answer. Part of `make check`.

It fails for a vulnerability that is known and not excused below. Where the advisory service cannot be asked, or knows
none of the packages (a mirror that carries no advisories), it says so and lets the check pass: a machine without that
service is no less safe than it was.
"""

from __future__ import annotations

import json
import subprocess
import sys

#: Vulnerability → why it does not concern us, and until when that is believed.
EXCUSED: dict[str, str] = {}

_PATIENCE_S = 120


def main() -> int:
    """Ask, and say."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--local",
        "--skip-editable",
        "--progress-spinner",
        "off",
        "-f",
        "json",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
        dependencies = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return _tell("the advisory service could not be asked")
    audited = [each for each in dependencies if "vulns" in each]
    if not audited:
        return _tell("the advisory service knows none of the packages")
    found = [
        f"{each['name']} {each['version']}: {vulnerability['id']}"
        for each in audited
        for vulnerability in each["vulns"]
        if vulnerability["id"] not in EXCUSED
    ]
    for problem in found:
        _tell(problem)
    return len(found)


def _tell(text: str) -> int:
    print(f"pip-audit: {text}", file=sys.stderr)  # noqa: T201 - the answer to whoever checks
    return 0


if __name__ == "__main__":
    sys.exit(main())
