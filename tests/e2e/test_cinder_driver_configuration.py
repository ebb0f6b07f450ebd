"""Every mistake that the option table allows: told with its option, its value and its remedy, and gone once mended."""

from collections.abc import Iterator

import pytest
from cinder import exception
from oslo_config import cfg

from tests.e2e.cinder_driver_backend import CinderBackend, cinder_backend
from tests.e2e.configuration_mistakes import MISTAKES, READ_BY_CINDER, SECRET, WRONG_KINDS, Mistake


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CinderBackend]:
    """A back end whose stanza is right."""
    with cinder_backend(tmp_path_factory.mktemp("cinder")) as made:
        yield made


def message_of(backend: CinderBackend, **lines: str | list[str] | None) -> str:
    """What Cinder is told of a stanza that is wrong, while nothing is changed on the array."""
    backend.configure(**lines)
    driver = backend.load()
    with backend.unchanged():
        driver.do_setup(None)
        with pytest.raises(exception.InvalidConfigurationValue) as raised:
            driver.check_for_setup_error()
    return str(raised.value.msg)


def test_every_option_of_another_kind(backend: CinderBackend, caplog: pytest.LogCaptureFixture) -> None:
    """A stanza in which each option there is has a value of another kind is told with all of them, and no secret."""
    lines = {name: value for mistake in WRONG_KINDS for name, value in mistake.lines.items()}
    message = message_of(backend, **lines)
    problems = message.partition(": ")[2].split("; ")
    for mistake in WRONG_KINDS:
        assert [each for each in problems if all(words in each for words in mistake.words)], mistake
    assert SECRET not in message + caplog.text


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_is_told(backend: CinderBackend, mistake: Mistake, caplog: pytest.LogCaptureFixture) -> None:
    """Cinder is told that the configuration is wrong: which option, which value, and what to do; nothing changes."""
    message = message_of(backend, **mistake.lines)
    missing = [words for words in mistake.words if words not in message]
    assert not missing, message
    assert SECRET not in message + caplog.text


@pytest.mark.parametrize("mistake", MISTAKES[::15], ids=str)
def test_the_mended_stanza_works(backend: CinderBackend, mistake: Mistake) -> None:
    """Nothing is remembered of a mistake: once it is mended, the restarted back end offers its pools."""
    message_of(backend, **mistake.lines)
    assert backend.start().get_volume_stats(refresh=True)["pools"]


def test_cinder_refuses_by_itself(backend: CinderBackend) -> None:
    """What Cinder reads before it makes a driver is told by Cinder, with option and remedy, and without the value."""
    for option in READ_BY_CINDER:
        backend.configure(**{option: SECRET})
        with pytest.raises(cfg.ConfigFileValueError, match=f"{option}.* NAME:VALUE pairs") as raised:
            backend.load()
        assert SECRET not in str(raised.value)


def test_a_file_of_authorities_that_is_none(backend: CinderBackend) -> None:
    """A file that holds no certificate is told before anything is sent over the network."""
    backend.configure(driver_ssl_cert_path=__file__)
    driver = backend.load(over_network=True)
    driver.do_setup(None)
    with pytest.raises(exception.InvalidConfigurationValue, match=f"driver_ssl_cert_path.*{__file__}.*PEM"):
        driver.check_for_setup_error()
