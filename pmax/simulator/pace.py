"""How long the array takes over something: at once, a number of reads, or a time.

A `Pace` is chosen once, by whoever sets up the simulator; a `Progress` is kept by each thing that is under way. A thing
that is made at a pace in seconds also wants a `Timer`, so that it ends though nobody looks.
"""

import attrs


@attrs.frozen
class AtOnce:
    """Done before the answer leaves."""


@attrs.frozen
class AfterReads:
    """Done when it has been read that many times without being done; 0 means that the first read finds it done."""

    reads: int = attrs.field(validator=attrs.validators.ge(0))


@attrs.frozen
class AfterSeconds:
    """Done when that much simulated time has passed.

    Attributes:
        is_scaled: a clock on which work takes no time makes it take none.
    """

    seconds: float = attrs.field(validator=attrs.validators.ge(0))
    is_scaled: bool = True


Pace = AtOnce | AfterReads | AfterSeconds


@attrs.frozen(kw_only=True)
class Progress:
    """What is left of something under way.

    Attributes:
        started_at: epoch seconds.
        due_at: epoch seconds at which it is done; None if time does not decide.
        reads_left: how many more reads will find it under way; None if reads do not decide.
    """

    started_at: float
    due_at: float | None = None
    reads_left: int | None = None

    def is_done(self, now: float) -> bool:
        """Say whether it is over at that time."""
        if self.due_at is not None:
            return self.due_at <= now
        return self.reads_left is None or self.reads_left < 0

    def after_read(self) -> "Progress":
        """Return what is left after one more read."""
        if self.reads_left is None:
            return self
        return attrs.evolve(self, reads_left=self.reads_left - 1)

    def percent(self, now: float) -> int:
        """Return how far it has come, from 0 to 100; what goes by reads is half done until it is done."""
        if self.is_done(now):
            return 100
        if self.due_at is None or self.due_at <= self.started_at:
            return 50
        return max(0, min(99, int(100 * (now - self.started_at) / (self.due_at - self.started_at))))


def begin(pace: Pace, now: float, work_scale: float = 1.0) -> Progress:
    """Return the progress of something that begins now.

    Args:
        pace: how long it takes.
        now: epoch seconds.
        work_scale: of the clock; 0 makes all work take no time.
    """
    match pace:
        case AtOnce():
            return Progress(started_at=now)
        case AfterReads(reads):
            return Progress(started_at=now, reads_left=reads)
        case AfterSeconds(seconds, is_scaled):
            return Progress(started_at=now, due_at=now + seconds * (work_scale if is_scaled else 1.0))
