"""A volume service that dies at a certain change to the array, as by `kill -9`. Run as a script.

Arguments: the directory with cinder.conf, the certificate to trust, the id of the volume and its location, and at which
change to die, with a minus sign for "before the change is sent" instead of "after it was carried out".
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import requests
from cinder import coordination
from requests.adapters import HTTPAdapter

from tests.e2e.cinder_driver_backend import iscsi_connector, load_driver, read_cinder_conf
from tests.unit.adapters.cinder import cinder_objects


class DeadlyLine(HTTPAdapter):
    """A line that takes its process down with it."""

    def __init__(self, authority: str, at: int) -> None:
        super().__init__()
        self._authority = authority
        self._at = at
        self._changes = 0

    def send(self, request: requests.PreparedRequest, **options: object) -> requests.Response:
        """Die before or after the chosen change."""
        self._changes += request.method != "GET"
        is_the_one = request.method != "GET" and self._changes == abs(self._at)
        if is_the_one and self._at < 0:
            die()
        response = super().send(request, **{**options, "verify": self._authority})
        if is_the_one:
            die()
        return response


def die() -> None:
    """As by `kill -9`: nothing is cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(directory: str, authority: str, volume_id: str, location: str, at: str) -> None:
    """Attach a volume, and die on the way."""
    read_cinder_conf(Path(directory) / "cinder.conf")
    coordination.COORDINATOR.start()
    driver = load_driver(http_adapter=DeadlyLine(authority, int(at)))
    driver.do_setup(None)
    driver.initialize_connection(cinder_objects.volume(volume_id, provider_location=location), iscsi_connector())


if __name__ == "__main__":
    main(*sys.argv[1:])
