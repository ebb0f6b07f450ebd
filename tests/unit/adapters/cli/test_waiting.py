"""`--wait`: how far something is, told until it is over."""

import io
import os
import signal

import pytest

from pmax.adapters.cli.refusals import StillGoing
from pmax.adapters.cli.waiting import Advance, Waiting
from pmax.domain.errors import DeadlinePassed

ADVANCES = (
    Advance(words="40 % copied", percent=40, is_over=False),
    Advance(words="40 % copied", percent=40, is_over=False),
    Advance(words="70 % copied", percent=70, is_over=False),
    Advance(words="100 % copied", percent=100, is_over=True),
)


class Terminal(io.StringIO):
    """A screen that somebody watches."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def waiting(screen: io.StringIO, **changes: object) -> Waiting:
    """Waits without a pause between looks."""
    options = {"screen": screen, "is_quiet": False, "what": "copying friday", "shown_by": "pmax snapshot list"}
    return Waiting(**{**options, "pauses_s": (0.001,), **changes})


def test_a_pipe_gets_a_line_whenever_something_has_changed() -> None:
    """Elsewhere than on a terminal there are plain lines, no two of them alike."""
    screen = io.StringIO()
    waiting(screen).until_over(iter(ADVANCES).__next__)
    lines = [f"pmax: copying friday: {percent} % copied\n" for percent in (40, 70, 100)]
    assert screen.getvalue() == "".join(lines)


def test_a_terminal_gets_a_bar() -> None:
    """On a terminal a bar grows until it is full."""
    screen = Terminal()
    waiting(screen).until_over(iter(ADVANCES).__next__)
    assert "copying friday" in screen.getvalue()
    assert "100 % copied" in screen.getvalue()
    assert "pmax:" not in screen.getvalue()


@pytest.mark.parametrize("screen", [io.StringIO(), Terminal()])
def test_quiet_tells_nothing(screen) -> None:
    """With -q nothing is told, watched or not."""
    waiting(screen, is_quiet=True).until_over(iter(ADVANCES).__next__)
    assert screen.getvalue() == ""


def test_time_ends() -> None:
    """When the time is over, the error says how far it was."""
    with pytest.raises(DeadlinePassed, match=r"copying friday \(40 % copied\)"):
        waiting(io.StringIO(), limit_s=0.003).until_over(lambda: ADVANCES[0])


def test_ctrl_c_says_what_goes_on_and_what_shows_it() -> None:
    """After Ctrl-C nobody waits, the array goes on, and the command is told that shows how far it is."""

    def interrupted() -> Advance:
        os.kill(os.getpid(), signal.SIGINT)
        return ADVANCES[0]

    with pytest.raises(StillGoing) as raised:
        waiting(io.StringIO()).until_over(interrupted)
    assert str(raised.value) == "copying friday: 40 % copied; the array goes on by itself"
    assert raised.value.shown_by == "pmax snapshot list"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
