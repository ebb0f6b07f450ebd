"""`pmax metrics`: figures for Prometheus."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.base import Action
from pmax.adapters.cli.metrics import ArrayMetrics, EngineMetrics
from pmax.adapters.cli.patience import Patience, seconds
from pmax.adapters.cli.refusals import WrongUsage
from pmax.domain.errors import PmaxError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

_PORT = 9468
_HIGHEST_PORT = 65535


class Metrics(Action):
    """Serve figures for Prometheus until told to stop.

    Looks at Unisphere, the array's pools and the journal at each interval, and tells calls, latencies, retries,
    operations and outcomes of this process. Prints one line when it is ready, and stops on Ctrl-C or SIGTERM.
    """

    usage = "--listen [ADDRESS:]PORT"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take where to listen."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--listen",
            metavar="[ADDRESS:]PORT",
            type=_address,
            default=("127.0.0.1", _PORT),
            help=f"where to serve /metrics; 0 picks a free port [127.0.0.1:{_PORT}]",
        )
        parser.add_argument("--interval", metavar="S", type=seconds, default=60.0, help="between two looks [60]")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Serve.

        Raises:
            WrongUsage: prometheus_client is not installed, or nothing can be served there.
        """
        try:
            import prometheus_client
        except ImportError as error:
            raise WrongUsage("prometheus_client is not installed", "pip install 'pmax[metrics]'") from error
        address, port = parsed_args.listen
        registry = prometheus_client.CollectorRegistry()
        EngineMetrics(registry).listen(self.session.engine.signals)
        try:
            server, thread = prometheus_client.start_http_server(port, address, registry)
        except OSError as error:
            what = f"nothing can be served at {address} port {port}: {error.strerror}"
            raise WrongUsage(what, "choose another --listen") from error
        with Patience() as patience:
            self.app.stdout.write(f"listening on http://{address}:{server.server_port}/metrics\n")
            self.app.stdout.flush()
            self._serve(registry, patience, parsed_args.interval)
        server.shutdown()
        server.server_close()
        thread.join()
        return exit_status.DONE

    def _serve(self, registry: CollectorRegistry, patience: Patience, interval_s: float) -> None:
        figures = ArrayMetrics(registry)
        while True:
            self._look(figures)
            if patience.is_over(interval_s):
                return

    def _look(self, figures: ArrayMetrics) -> None:
        """Read what there is to tell; that Unisphere does not answer is a figure, too."""
        engine = self.session.engine
        figures.unfinished.set(len(engine.unfinished()))
        arrays = engine.readers.arrays
        try:
            for name in arrays.list_srps(self.array_id):
                srp = arrays.get_srp(self.array_id, name)
                figures.pool_gib.labels(self.array_id, name, "total").set(srp.total_gib)
                figures.pool_gib.labels(self.array_id, name, "used").set(srp.used_gib)
                figures.pool_gib.labels(self.array_id, name, "subscribed").set(srp.subscribed_gib)
        except PmaxError as error:
            figures.is_up.set(0)
            self.hint(f"pmax: {error}")
        else:
            figures.is_up.set(1)


def _address(text: str) -> tuple[str, int]:
    address, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and int(port) <= _HIGHEST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is no [ADDRESS:]PORT")
    return address.strip("[]") or "127.0.0.1", int(port)
