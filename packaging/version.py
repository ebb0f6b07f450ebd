"""The version that is built: out of the newest tag, `v1.2.3`, so that it is written nowhere else.

- At a tag: `1.2.3`.
- Four commits after it: `1.2.4.dev4+g0a1b2c3d4e`, a version on the way to the next one, with the commit that it is.
- In a source archive: that of the archive.
- Where there is no tag, as in the shallow clones of continuous integration: `WITHOUT_TAGS`.

The build asks for it (`[tool.hatch.version]` in `pyproject.toml`), and `python packaging/version.py` prints it.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

#: Of the release that is being worked on; what a build is called that knows of no tag.
WITHOUT_TAGS = "0.1.0"

_ROOT = Path(__file__).parents[1]
_DESCRIBED = re.compile(r"v(\d+(?:\.\d+)*)-(\d+)-g([0-9a-f]+)")


def version(root: Path = _ROOT) -> str:
    """The version of what is in a directory."""
    archive = root / "PKG-INFO"
    if archive.exists():
        (written,) = re.findall(r"^Version: (.+)$", archive.read_text(encoding="utf-8"), re.MULTILINE)
        return str(written)
    if not (root / ".git").exists():
        return WITHOUT_TAGS
    match = _DESCRIBED.fullmatch(_described(root))
    if match is None:
        return WITHOUT_TAGS
    tagged, commits, commit = match.groups()
    if commits == "0":
        return tagged
    *begin, last = map(int, tagged.split("."))
    following = ".".join(map(str, (*begin, last + 1)))
    return f"{following}.dev{commits}+g{commit}"


def _described(root: Path) -> str:
    """The newest tag, the commits since and the commit; "" where git is missing, knows no tag, or may not look."""
    command = ("git", "describe", "--tags", "--long", "--abbrev=10", "--match", "v[0-9]*")
    try:
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


if __name__ == "__main__":
    print(version())
