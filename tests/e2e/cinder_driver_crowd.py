"""Many requests at a time in one volume service, under eventlet or native threads. Run as a script.

Arguments: `eventlet` or `native`, and the directory with cinder.conf. Prints how many volumes went through their life.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

VOLUMES = 8
HOSTS = 3


def life(driver: Any, number: int) -> None:
    """A volume's life on a host that others use too."""
    from tests.e2e.cinder_driver_backend import created, iscsi_connector
    from tests.unit.adapters.cinder import cinder_objects

    host = f"node{number % HOSTS}"
    connector = iscsi_connector(f"{host}.example.com", f"iqn.1994-05.com.redhat:{host}")
    volume = created(driver, cinder_objects.volume())
    driver.initialize_connection(volume, connector)
    driver.extend_volume(volume, 2)
    driver.terminate_connection(volume, connector)
    driver.delete_volume(volume)


def started(directory: Path) -> Any:
    """The driver, as the service starts it."""
    from cinder import coordination

    from tests.e2e.cinder_driver_backend import load_driver, read_cinder_conf

    read_cinder_conf(directory / "cinder.conf")
    coordination.COORDINATOR.start()
    driver = load_driver()
    driver.do_setup(None)
    driver.check_for_setup_error()
    return driver


def run_native(work: Callable[[int], None]) -> None:
    """With threads of the machine."""
    with ThreadPoolExecutor(VOLUMES) as pool:
        list(pool.map(work, range(VOLUMES)))


def run_green(work: Callable[[int], None]) -> None:
    """With green threads; a clock among them shows that none stops the others for long."""
    import eventlet

    threads = [eventlet.spawn(work, number) for number in range(VOLUMES)]
    for thread in threads:
        thread.wait()


def main(threads: str, directory: str) -> None:
    """Start a service and let everything happen at once."""
    if threads == "eventlet":
        import eventlet

        eventlet.monkey_patch()
    driver = started(Path(directory))
    run = run_green if threads == "eventlet" else run_native
    run(lambda number: life(driver, number))
    print(VOLUMES)  # noqa: T201 - the answer to the test


if __name__ == "__main__":
    main(*sys.argv[1:])
