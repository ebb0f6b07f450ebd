"""All of Cinder in one process: API, scheduler and a volume service for each back end. Run as a script.

Argument: the directory with cinder.conf. Prints the address of the API once every service is up, and goes on until it
is told to stop. Threads are those that Cinder chooses by `OS_CINDER_DISABLE_EVENTLET_PATCHING`.
"""

from __future__ import annotations

try:
    from cinder import monkey_patch
except ImportError:  # before 2026.2 every service of Cinder patched itself, and there was no choice
    import eventlet

    eventlet.monkey_patch()
    HAS_GREEN_THREADS = True
else:
    monkey_patch.patch()  # as the first act of every service of Cinder
    HAS_GREEN_THREADS = monkey_patch.is_patched()

import shlex
import signal
import socketserver
import sys
import threading
from pathlib import Path
from wsgiref import simple_server

import os_brick
import sqlalchemy
from cinder import objects, rpc, utils, version

objects.register_all()  # the modules below name the objects in annotations

from cinder import coordination, service  # noqa: E402
from cinder.common import config, constants  # noqa: E402 - the options of all services are registered by it
from oslo_config import cfg  # noqa: E402
from oslo_log import log  # noqa: E402
from oslo_privsep import priv_context  # noqa: E402
from oslo_service import wsgi  # noqa: E402

from pmax.adapters.system import SystemClock  # noqa: E402

LOG = log.getLogger("cinder")
_LOOK_S = 0.05


class ApiServer(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    """An HTTP server with a thread, native or green, for each request."""

    daemon_threads = True


class QuietHandler(simple_server.WSGIRequestHandler):
    """Keeps requests out of the log, which Cinder fills itself."""

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def configured(directory: Path) -> None:
    """Read cinder.conf, and prepare what all services share."""
    cfg.CONF(
        args=[],
        project="cinder",
        version=version.version_string(),
        default_config_files=[str(directory / "cinder.conf")],
        default_config_dirs=[],
    )
    log.setup(cfg.CONF, "cinder")
    config.set_middleware_defaults()
    priv_context.init(root_helper=shlex.split(utils.get_root_helper()))
    os_brick.setup(cfg.CONF)
    if not HAS_GREEN_THREADS:
        sqlalchemy.event.listen(sqlalchemy.Engine, "begin", _begin_as_writer, insert=True)
    coordination.COORDINATOR.start()
    rpc.init(cfg.CONF)


def _begin_as_writer(connection: sqlalchemy.Connection) -> None:
    """Let writing threads wait for each other, where oslo.db's plain BEGIN makes SQLite refuse the second at once."""
    if "in_transaction" not in connection.info:
        connection.execute(sqlalchemy.text("BEGIN IMMEDIATE"))
        connection.info["in_transaction"] = True


def started_services() -> list[service.Service]:
    """The scheduler and a volume service for each back end."""
    made = [service.Service.create(binary=constants.SCHEDULER_BINARY)]
    for backend in cfg.CONF.enabled_backends:
        host = f"{cfg.CONF.host}@{backend}"
        try:
            binary = constants.VOLUME_BINARY
            one = service.Service.create(host=host, service_name=backend, binary=binary, coordination=True)
        except Exception:
            LOG.exception("Volume service %s failed to start.", host)
        else:
            made.append(one)
    for each in made:
        each.start()
    return made


def main(directory: str) -> None:
    """Serve until a signal comes."""
    is_over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: is_over.set())
    configured(Path(directory))
    services = started_services()
    application = wsgi.Loader(cfg.CONF).load_app(name="osapi_volume")
    with simple_server.make_server("127.0.0.1", 0, application, ApiServer, QuietHandler) as api:
        threading.Thread(target=api.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{api.server_port}", flush=True)  # noqa: T201 - what the starter waits for
        while not is_over.is_set():
            SystemClock().sleep(_LOOK_S)  # an event would be waited for in a way that no signal interrupts
        for each in services:
            each.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
