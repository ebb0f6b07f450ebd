"""A cloud whose driver an operator changes: services down, another `volume_driver`, services up again."""

from __future__ import annotations

from tests.e2e.real_cinder.cloud import DRIVERS, Cloud
from tests.e2e.real_cinder.user import User
from tests.judges.upstream import UPSTREAM


class Moving:
    """A cloud with one back end, whose driver is changed while it is down.

    With two of them in one process, the upstream driver, which keeps facts of a back end in its class, would take one
    for the other.

    Args:
        cloud: not started.
        protocol: of the back end, and its name.
        options: of its stanza, whichever driver there is.
    """

    def __init__(self, cloud: Cloud, protocol: str, **options: object) -> None:
        self.cloud = cloud
        self.protocol = protocol
        self._options = options

    def to(self, drivers: dict[str, str], **options: object) -> User:
        """Start the services again with another driver."""
        self.cloud.stop()
        stanza = self.cloud.stanza(self.protocol, drivers[self.protocol], **self._options, **options)
        self.cloud.stanzas = {self.protocol: stanza}
        self.cloud.start()
        return User(self.cloud)

    def to_upstream(self) -> User:
        """The driver that comes with Cinder."""
        return self.to(UPSTREAM, interval=0, retries=100)

    def to_pmax(self) -> User:
        """Ours."""
        return self.to(DRIVERS)
