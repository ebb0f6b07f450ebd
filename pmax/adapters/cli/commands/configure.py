"""`pmax configure`: asks what has to be known, tries it, and writes the configuration."""

from __future__ import annotations

import argparse
import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.base import Action
from pmax.adapters.cli.questions import Questions
from pmax.adapters.cli.refusals import WrongUsage
from pmax.adapters.cli.selection import find_array
from pmax.domain.identifiers import ArrayId
from pmax.domain.service_levels import offered_service_levels
from pmax.domain.settings import Secret, Settings, UnisphereServer
from pmax.engine import Engine

_PORT: Final = 8443
_PRIVATE: Final = 0o600
_NONE: Final = "None"


@attrs.define
class _Answers:
    """What goes into the file, option by option, in the order in which it is written."""

    options: dict[str, str] = attrs.field(factory=dict)

    def text(self, section: str) -> str:
        lines = (f"{name} = {value}\n" for name, value in self.options.items())
        return f"[{section}]\n{''.join(lines)}"


class Configure(Action):
    """Ask, try, and write a configuration file.

    What an option tells is not asked. Nothing is written before Unisphere has accepted the user. The password goes into
    a file of its own that only you can read, or into the keyring; it is never an option.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take what could be asked."""
        parser = super().get_parser(prog_name)
        add = parser.add_argument
        add("--output", metavar="FILE", type=Path, help="what to write [~/.config/pmax/pmax.conf]")
        add("--section", metavar="NAME", default="powermax", help="name of the backend in the file [powermax]")
        add("--unisphere", metavar="HOST[:PORT]", help=f"name or address of Unisphere; port {_PORT} unless told")
        add("--username", metavar="NAME", help="of a user of Unisphere")
        add("--password-file", metavar="FILE", type=Path, help="file with the password; it stays where it is")
        add("--keyring", action="store_true", help="keep the password in the keyring (pip install 'pmax[keyring]')")
        add("--ca-file", metavar="FILE", type=Path, help="certificate of the authority that signed Unisphere's")
        add("--plain-http", action="store_true", help="for a simulator on this machine that serves without TLS")
        add("--serial", metavar="SERIAL", help="of the array, or its last digits")
        add("--srp", metavar="NAME", help="storage resource pool for new volumes")
        add("--service-level", metavar="NAME", help="for new volumes; None for none")
        add("--port-group", metavar="NAME", action="append", help="for new masking views; repeat it")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Ask, try, write.

        Raises:
            WrongUsage: something is not told and there is nobody to ask, or the file is there already.
        """
        file = parsed_args.output or _usual_place()
        if file.exists():
            what = f"{file} exists, and is not overwritten"
            raise WrongUsage(what, "give --output another file, or move it away; several backends fit into one file")
        questions = Questions(self.app.stdin, self.app.stderr, getpass.getpass)
        server = self._server(parsed_args, questions)
        answers = _Answers()
        with _trial(server) as engine:
            self.hint(f"pmax: Unisphere {engine.readers.arrays.unisphere_version()} accepts {server.username}")
            self._describe_server(answers, server, parsed_args)
            self._describe_array(answers, engine, parsed_args, questions)
        self._keep_password(answers, server, file, parsed_args)
        _write(file, answers.text(parsed_args.section))
        self.app.stdout.write(f"{file}\n")
        self.hint("pmax: `pmax doctor` checks everything else")
        return exit_status.DONE

    def _server(self, parsed_args: argparse.Namespace, questions: Questions) -> UnisphereServer:
        place = parsed_args.unisphere or questions.ask("Unisphere", "--unisphere HOST[:PORT]")
        host, colon, port = place.rpartition(":")
        if not colon or "]" in port:
            host, port = place, str(_PORT)
        if not port.isdecimal():
            raise WrongUsage(f"{place} does not end with a port number", "write --unisphere HOST[:PORT]")
        username = parsed_args.username or questions.ask("User", "--username NAME", "smc")
        if parsed_args.password_file is not None:
            try:
                password = parsed_args.password_file.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise WrongUsage(f"{parsed_args.password_file}: {error.strerror}", "correct --password-file") from error
        else:
            password = questions.secret(f"Password of {username}", "--password-file FILE")
        if parsed_args.ca_file is not None and not parsed_args.ca_file.is_file():
            raise WrongUsage(f"{parsed_args.ca_file} is no file", "correct --ca-file")
        return UnisphereServer(
            host=host.strip("[]"),
            port=int(port),
            username=username,
            password=Secret(password),
            verify=str(parsed_args.ca_file) if parsed_args.ca_file else True,
            scheme="http" if parsed_args.plain_http else "https",
        )

    def _describe_server(self, answers: _Answers, server: UnisphereServer, parsed_args: argparse.Namespace) -> None:
        answers.options |= {"san_ip": server.host, "san_api_port": str(server.port), "san_login": server.username}
        if parsed_args.plain_http:
            answers.options["pmax_scheme"] = "http"
        else:
            answers.options["driver_ssl_cert_verify"] = "true"
        if parsed_args.ca_file is not None:
            answers.options["driver_ssl_cert_path"] = str(parsed_args.ca_file.absolute())

    def _describe_array(
        self, answers: _Answers, engine: Engine, parsed_args: argparse.Namespace, questions: Questions
    ) -> None:
        readers = engine.readers
        known = readers.arrays.list_arrays()
        chosen = parsed_args.serial or questions.choose("Array", "--serial SERIAL", known)
        array_id = find_array(chosen, known)
        srps = readers.arrays.list_srps(array_id)
        srp = parsed_args.srp or (srps[0] if len(srps) == 1 else questions.choose("Pool", "--srp NAME", srps))
        if srp not in srps:
            raise WrongUsage(f"array {array_id} has no storage resource pool {srp}", f"choose of {', '.join(srps)}")
        array = readers.arrays.get_array(array_id)
        levels = (*offered_service_levels(array, readers.arrays.list_service_levels(array_id)), _NONE)
        level = parsed_args.service_level or questions.choose("Service level", "--service-level NAME", levels)
        groups = parsed_args.port_group
        if groups is None:
            every = readers.masking.list_port_groups(array_id)
            groups = [questions.choose("Port group", "--port-group NAME", every)] if every else []
        answers.options |= {"powermax_array": array_id, "powermax_srp": srp, "powermax_service_level": level}
        if groups:
            answers.options["powermax_port_groups"] = f"[{', '.join(groups)}]"

    def _keep_password(
        self, answers: _Answers, server: UnisphereServer, file: Path, parsed_args: argparse.Namespace
    ) -> None:
        if parsed_args.keyring:
            try:
                import keyring
            except ImportError as error:
                raise WrongUsage("keyring is not installed", "pip install 'pmax[keyring]'") from error
            service = f"pmax {server.endpoint}"
            keyring.set_password(service, server.username, server.password.reveal)
            answers.options["pmax_password_keyring"] = service
            return
        place = parsed_args.password_file
        if place is None:
            place = file.with_suffix(".password")
            _write(place, f"{server.password.reveal}\n")
        answers.options["pmax_password_file"] = str(place.absolute())


def _usual_place() -> Path:
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return home / "pmax" / "pmax.conf"


def _write(file: Path, text: str) -> None:
    """Write a file that nobody else can read, whatever the umask is."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        raise WrongUsage(f"{file}: {error.strerror}", "give --output another file") from error


@contextmanager
def _trial(server: UnisphereServer) -> Iterator[Engine]:
    """An engine that only looks, for a server of which nothing else is known yet."""
    from pmax.bootstrap import build_engine

    settings = Settings(array_id=ArrayId("0" * 12), srp="", servers=(server,))
    engine = build_engine(settings, load_entry_points=False)
    try:
        yield engine
    finally:
        engine.close()
