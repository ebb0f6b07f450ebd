"""`pmax simulator serve`: a Unisphere to try things on, and no array behind it.

The only module of `pmax` that loads the simulator, and only when it serves.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.base import Action
from pmax.adapters.cli.refusals import WrongUsage

if TYPE_CHECKING:
    from pmax.simulator import Fault, Simulator
    from pmax.simulator.certificates import Certificate

_PORT: Final = 8443


class ServeSimulator(Action):
    """Serve a simulated Unisphere to try things on.

    Prints one line when it is ready, and stops on Ctrl-C or SIGTERM. The user is smc with the password smc unless told
    otherwise; addresses that other machines can reach want a password of your own.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take what the simulator can be told."""
        parser = super().get_parser(prog_name)
        parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen [127.0.0.1]")
        parser.add_argument("--port", type=int, default=_PORT, metavar="PORT", help=f"0 picks a free one [{_PORT}]")
        parser.add_argument("--no-tls", action="store_true", help="serve plain HTTP")
        parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate; by default one is made")
        parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its key")
        parser.add_argument("--username", metavar="NAME", help="who may log in [smc]")
        parser.add_argument("--password-file", type=Path, metavar="FILE", help="file with the password of that user")
        parser.add_argument("--unisphere-version", metavar="VERSION", help="what it says it is [V9.2.0.0]")
        parser.add_argument("--fixture", metavar="NAME", help="arrays to begin with: default, families, large or empty")
        parser.add_argument("--state", type=Path, metavar="FILE", help="keep the state in this SQLite file")
        parser.add_argument("--faults", type=Path, metavar="FILE", help="let go wrong what this YAML file says")
        parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help="delay of every answer")
        parser.add_argument("--request-log", type=Path, metavar="FILE", help="write a line of JSON for every request")
        parser.add_argument(
            "--clock", choices=("real", "instant"), default="real", help="whether jobs and copies take their time"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Serve until told to stop."""
        try:
            from pmax.simulator.foreground import serve_until_signal
            from pmax.simulator.serve import Listen, OpenDoor
        except ImportError as error:
            what = f"the simulator cannot be loaded, since {error.name} is not installed"
            raise WrongUsage(what, "pip install 'pmax[simulator]'") from error
        listen = Listen(
            host=parsed_args.host,
            port=parsed_args.port,
            tls=not parsed_args.no_tls,
            certificate=_certificate(parsed_args),
        )
        simulator = _simulator(parsed_args)

        def announce(line: str) -> None:
            self.app.stdout.write(f"{line}\n")
            self.app.stdout.flush()
            if simulator.ca_path is not None:
                self.hint(f"for clients: driver_ssl_cert_path = {simulator.ca_path}")

        try:
            serve_until_signal(simulator, listen, announce)
        except OpenDoor as error:
            raise WrongUsage(str(error), "write it into a file and give --username and --password-file") from error
        except OSError as error:
            where = f"{parsed_args.host} port {parsed_args.port}"
            raise WrongUsage(
                f"nothing can be served at {where}: {error.strerror}", "choose another --host or --port"
            ) from error
        return exit_status.DONE


def _certificate(parsed_args: argparse.Namespace) -> Certificate | None:
    from pmax.simulator.certificates import Certificate

    certificate, key = parsed_args.tls_cert, parsed_args.tls_key
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise WrongUsage("a certificate needs its key", "give --tls-cert and --tls-key, or neither")
    for path in (certificate, key):
        if not path.is_file():
            raise WrongUsage(f"{path} is no file that can be read", "correct --tls-cert or --tls-key")
    return Certificate(certificate, key)


def _simulator(parsed_args: argparse.Namespace) -> Simulator:
    """Make the simulator that the options describe.

    Raises:
        WrongUsage: one of them has no meaning.
    """
    from pmax.simulator import Options, Simulator
    from pmax.simulator.fault_values import WrongField
    from pmax.simulator.persistence import StateFileError

    given: dict[str, Any] = {
        "unisphere_version": parsed_args.unisphere_version,
        "fixture": parsed_args.fixture,
        "username": parsed_args.username,
        "password": _password(parsed_args),
        "clock": parsed_args.clock,
        "latency_s": parsed_args.latency / 1000,
        "request_log": parsed_args.request_log,
        "state": parsed_args.state,
        "faults": _faults(parsed_args),
    }
    try:
        return Simulator(Options(**{name: value for name, value in given.items() if value is not None}))
    except KeyError as error:
        raise WrongUsage(f"there is no fixture {error}", "choose default, families, large or empty") from error
    except StateFileError as error:
        raise WrongUsage(str(error), "give --state another file") from error
    except WrongField as error:
        raise WrongUsage(f"{parsed_args.faults}: {error}", "correct what --faults names") from error
    except ValueError as error:
        raise WrongUsage(f"the simulator cannot be that: {error.args[0]}", "correct --unisphere-version") from error
    except OSError as error:
        raise WrongUsage(f"{error.filename}: {error.strerror}", "correct --request-log") from error


def _faults(parsed_args: argparse.Namespace) -> Sequence[Fault] | None:
    """Read the faults that were asked for.

    Raises:
        WrongUsage: the file cannot be read, or is wrong.
    """
    from pmax.simulator.fault_files import FaultsFileError, read_faults

    path: Path | None = parsed_args.faults
    if path is None:
        return None
    try:
        return read_faults(path)
    except FaultsFileError as error:
        raise WrongUsage(str(error), "correct what --faults names") from error
    except OSError as error:
        raise WrongUsage(f"{path}: {error.strerror}", "correct --faults") from error


def _password(parsed_args: argparse.Namespace) -> str | None:
    path: Path | None = parsed_args.password_file
    if path is None:
        if parsed_args.username is not None:
            raise WrongUsage(f"user {parsed_args.username} has no password", "give --password-file")
        return None
    try:
        password = path.read_text().strip()
    except OSError as error:
        raise WrongUsage(f"{path}: {error.strerror}", "correct --password-file") from error
    if not password:
        raise WrongUsage(f"{path} is empty", "write the password into it")
    return password
