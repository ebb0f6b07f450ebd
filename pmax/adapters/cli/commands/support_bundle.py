"""`pmax support-bundle`: what somebody who helps needs to know, in one file without secrets."""

from __future__ import annotations

import argparse
import io
import json
import platform
import sys
import tarfile
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import attrs

from pmax import __version__
from pmax.adapters.cli import exit_status
from pmax.adapters.cli.base import Action
from pmax.adapters.cli.checks import examine, failed
from pmax.adapters.cli.lookup import VolumeFinder
from pmax.adapters.cli.refusals import WrongUsage
from pmax.adapters.cli.session import Session
from pmax.adapters.cli.topology import Topology
from pmax.domain.errors import PmaxError
from pmax.domain.settings import Secret

_PACKAGES = ("attrs", "blinker", "cattrs", "cinder", "cliff", "oslo.config", "pluggy", "requests", "rich", "tooz")
_HIDDEN = "***"


class SupportBundle(Action):
    """Write what a helper needs to know into a file.

    Versions, configuration, plugins, checks, unfinished operations, the calls that were made for all that, and the
    surroundings of one volume. Passwords are left out; look through it before you give it away all the same.
    """

    usage = "--output FILE"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the file and perhaps a volume."""
        parser = super().get_parser(prog_name)
        parser.add_argument("--output", metavar="FILE", type=Path, required=True, help="a tar file, made with gzip")
        parser.add_argument("--volume", metavar="VOLUME", help="also tell who sees this volume")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Gather, and write the file.

        Raises:
            WrongUsage: the file cannot be written.
        """
        session = self.session
        parts = dict(self._parts(session, parsed_args.volume))
        parts["calls.json"] = [attrs.asdict(call) for call in session.calls]  # last, so that it has all of them
        try:
            with tarfile.open(parsed_args.output, "w:gz") as bundle:
                for name, content in parts.items():
                    _add(bundle, f"pmax-support/{name}", content)
        except OSError as error:
            raise WrongUsage(f"{parsed_args.output}: {error.strerror}", "correct --output") from error
        self.app.stdout.write(f"{parsed_args.output}: {', '.join(parts)}\n")
        return exit_status.DONE

    def _parts(self, session: Session, volume: str | None) -> Iterator[tuple[str, Any]]:
        engine = session.engine
        yield "versions.json", _versions()
        yield "configuration.json", told(engine.settings)
        yield (
            "plugins.json",
            {
                "loaded": {name: list(engine.plugins.hooks_of(name)) for name in engine.plugins.names()},
                "failed": {problem.name: problem.reason for problem in engine.plugins.problems},
            },
        )
        yield "checks.json", [told(finding) for finding in examine(engine)]
        yield (
            "journal.json",
            [
                {
                    "operation_id": entry.operation_id,
                    "command": entry.command,
                    "started_s": entry.started_s,
                    "steps": [str(begun.step) for begun in entry.steps],
                    "error": entry.error,
                }
                for entry in engine.unfinished()
            ],
        )
        yield "array.json", _tried(lambda: told(engine.readers.arrays.get_array(session.array_id)))
        if volume is not None:
            yield "volume.json", _tried(lambda: self._volume(session, volume))

    def _volume(self, session: Session, text: str) -> dict[str, Any]:
        found = VolumeFinder(session.engine.readers.volumes, session.array_id).find(text)
        return {"volume": told(found), "tree": Topology(self.surveyor()).volume(found).as_data()}


def told(value: object) -> Any:  # noqa: ANN401 - what JSON can hold
    """A value as JSON can hold it, with every secret hidden."""
    match value:
        case Secret():
            return _HIDDEN
        case None | bool() | int() | float() | str():
            return value
        case dict():
            return {str(key): told(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [told(each) for each in value]
    form: type = type(value)
    if attrs.has(form):
        return {field.name: told(getattr(value, field.name)) for field in attrs.fields(form)}
    return str(value)


def _versions() -> dict[str, str]:
    return {
        "pmax": __version__,
        "python": sys.version,
        "platform": platform.platform(),
        **{name: _version(name) for name in _PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _tried(read: Callable[[], Any]) -> Any:  # noqa: ANN401 - what JSON can hold
    """What could be read, or why it could not: a bundle is wanted most when something does not work."""
    try:
        return read()
    except PmaxError as error:
        finding = failed("read", error)
        return {"error": finding.what, "remedy": finding.remedy}


def _add(bundle: tarfile.TarFile, name: str, content: object) -> None:
    data = json.dumps(content, indent=2, sort_keys=True, default=str).encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    entry.mode = 0o600
    bundle.addfile(entry, io.BytesIO(data))
