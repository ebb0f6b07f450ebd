"""How a backend starts: from a real cinder.conf, with every mistake named at once, and without touching the array."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cinder import exception

from pmax.simulator import Simulator
from tests.e2e.cinder_driver_backend import ARRAY, CinderBackend, cinder_backend, created
from tests.unit.adapters.cinder import cinder_objects


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend and its array."""
    with cinder_backend(tmp_path) as made:
        yield made


@pytest.fixture
def served(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend whose array is served over HTTPS."""
    with cinder_backend(tmp_path, tls=True) as made:
        made.simulator.serve()
        yield made


def start_served(backend: CinderBackend, **options: str | None):
    """Set a driver up that reaches the simulator over HTTPS."""
    address = urlsplit(backend.simulator.url)
    backend.configure(**{"san_ip": address.hostname, "san_api_port": str(address.port), **options})
    driver = backend.load(over_network=True)
    driver.do_setup(None)
    return driver


def test_making_a_driver_asks_nothing_of_the_array(backend: CinderBackend) -> None:
    """Cinder makes the driver before it is ready for trouble, so nothing is sent then."""
    backend.configure()
    with backend.counting() as calls:
        backend.load()
    assert calls == []


@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
def test_a_good_stanza_starts_and_changes_nothing(backend: CinderBackend, protocol: str) -> None:
    """Starting reads the array and changes nothing there."""
    with backend.unchanged():
        driver = backend.start(protocol)
    assert driver.initialized


@pytest.mark.parametrize(("mode", "is_told"), [(0o644, True), (0o640, False)])
def test_a_configuration_that_everybody_may_read(
    backend: CinderBackend, caplog: pytest.LogCaptureFixture, mode: int, *, is_told: bool
) -> None:
    """It is told when the backend starts, without the password; a group may read it, as Cinder's does."""
    backend.configure(san_password="planted-secret")
    file = backend.directory / "cinder.conf"
    file.chmod(mode)
    backend.load().do_setup(None)
    assert (f"everybody may read {file}" in caplog.text) == is_told
    assert "planted-secret" not in caplog.text


def test_every_mistake_of_a_stanza_is_named_at_once(backend: CinderBackend) -> None:
    """An empty stanza gives one error with all options that are missing; nothing is sent."""
    backend.configure(san_ip=None, san_password=None, powermax_array=None, powermax_srp=None, powermax_port_groups=None)
    driver = backend.load()
    driver.do_setup(None)
    with backend.counting() as calls, pytest.raises(exception.InvalidConfigurationValue) as raised:
        driver.check_for_setup_error()
    assert all(name in raised.value.msg for name in ("san_ip", "san_password", "powermax_array", "powermax_srp"))
    assert calls == []


def test_every_mistake_that_the_array_shows_is_named_at_once(backend: CinderBackend) -> None:
    """What the array does not have is named together, with what it has instead."""
    backend.configure(
        powermax_srp="SRP_9", powermax_service_level="diamond", powermax_port_groups="[OS-iscsi-PG, no-such-PG]"
    )
    driver = backend.load()
    driver.do_setup(None)
    with backend.unchanged(), pytest.raises(exception.InvalidConfigurationValue) as raised:
        driver.check_for_setup_error()
    message = raised.value.msg
    assert all(name in message for name in ("SRP_9", "SRP_1", "write Diamond", "no-such-PG"))
    assert "OS-iscsi-PG" not in message


def test_an_unknown_array_is_named_with_those_that_there_are(backend: CinderBackend) -> None:
    """The serial is named, and the serials that Unisphere manages."""
    backend.configure(powermax_array="000000000001")
    driver = backend.load()
    driver.do_setup(None)
    with backend.unchanged(), pytest.raises(exception.InvalidConfigurationValue, match=f"000000000001.*{ARRAY}"):
        driver.check_for_setup_error()


def test_wrong_credentials_are_named(backend: CinderBackend) -> None:
    """The error says which options to check, and does not tell the password."""
    backend.configure(san_password="a wrong password")
    driver = backend.load()
    driver.do_setup(None)
    with pytest.raises(exception.InvalidConfigurationValue, match="san_password") as raised:
        driver.check_for_setup_error()
    assert "a wrong password" not in raised.value.msg


def test_an_untrusted_certificate_is_named(served: CinderBackend) -> None:
    """A certificate of an unknown authority is a mistake in the configuration, with its remedy."""
    driver = start_served(served)
    with pytest.raises(exception.InvalidConfigurationValue, match="driver_ssl_cert_path"):
        driver.check_for_setup_error()


def test_a_trusted_certificate_lets_a_backend_work_over_https(served: CinderBackend) -> None:
    """With the authority's certificate the driver works over the network."""
    driver = start_served(served, driver_ssl_cert_path=str(served.simulator.ca_path))
    driver.check_for_setup_error()
    volume = created(driver, cinder_objects.volume())
    driver.delete_volume(volume)
    served.assert_empty()


def test_an_address_without_unisphere_starts_degraded(backend: CinderBackend, caplog: pytest.LogCaptureFixture) -> None:
    """A Unisphere that is down is no mistake in the configuration: the log says so, and the backend starts."""
    with Simulator() as gone:
        port = urlsplit(gone.url).port
    backend.configure(san_ip="127.0.0.1", san_api_port=str(port))
    driver = backend.load(over_network=True)
    driver.do_setup(None)
    driver.check_for_setup_error()
    assert "starts degraded" in caplog.text


def test_a_stanza_without_port_groups_starts_with_a_warning(
    backend: CinderBackend, caplog: pytest.LogCaptureFixture
) -> None:
    """Volume types may name their port groups themselves, so it is no mistake to configure none."""
    backend.start(powermax_port_groups=None)
    assert "powermax_port_groups is empty" in caplog.text


def test_a_driver_that_was_not_set_up_says_so(backend: CinderBackend) -> None:
    """A call before the set-up is an error, and not a crash."""
    backend.configure()
    with pytest.raises(exception.InvalidConfigurationValue, match="not set up"):
        backend.load().create_volume(cinder_objects.volume())


def test_a_driver_can_be_set_up_again(backend: CinderBackend) -> None:
    """Cinder tries again when a backend did not start: what was wrong before is forgotten."""
    backend.configure(powermax_srp="SRP_9")
    driver = backend.load()
    driver.do_setup(None)
    with pytest.raises(exception.InvalidConfigurationValue):
        driver.check_for_setup_error()
    backend.configure()
    driver.do_setup(None)
    driver.check_for_setup_error()


def test_two_backends_in_one_process_keep_apart(backend: CinderBackend) -> None:
    """Nothing of a backend is kept in its class: each has its own name and pools (T13)."""
    first = backend.start(volume_backend_name="first", powermax_service_level="Gold")
    first_stats = first.get_volume_stats(refresh=True)
    second = backend.start("fc", volume_backend_name="second")
    assert second.get_volume_stats(refresh=True)["volume_backend_name"] == "second"
    assert first_stats["volume_backend_name"] == "first"
    assert first._backend is not second._backend
