"""One Cinder database, first with the upstream driver, then with pmax, then with the upstream driver again.

An operator changes `volume_driver` in cinder.conf and starts the services again. Nothing else changes, and nothing that
was there stops working.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.real_cinder.cloud import cloud_of
from tests.e2e.real_cinder.moving import Moving
from tests.e2e.real_cinder.user import MULTIATTACH, User
from tests.judges.backend import PORTS
from tests.judges.hosts import connector_of

pytestmark = [pytest.mark.judge, pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(params=["iscsi", "fc"])
def moving(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Moving]:
    """A cloud that was never started."""
    with cloud_of(tmp_path, "native") as cloud:
        yield Moving(cloud, request.param)


class Estate:
    """What a user has on one back end: a volume by itself, one that is attached, one on two hosts."""

    def __init__(self, user: User, protocol: str) -> None:
        self.protocol = protocol
        self.gold = user.volume_type(protocol)
        self.shared_type = user.volume_type(protocol, **MULTIATTACH)
        self.free, self.attached = user.create(self.gold), user.create(self.gold)
        self.shared = user.create(self.shared_type)
        self.attachments: list[dict[str, Any]] = []
        for volume, number in ((self.attached, 1), (self.shared, 1), (self.shared, 2)):
            self.attach(user, volume, number)

    def attach(self, user: User, volume: Any, number: int) -> None:
        """Attach a volume to a host, which then logs in on the ports of the array as a host does."""
        connector = connector_of(self.protocol, number)
        self.attachments.append(user.attach(volume, connector))
        for initiator in connector.get("wwpns") or [connector["initiator"]]:
            user.cloud.array.log_in(initiator, *PORTS[self.protocol])

    def used_and_given_up(self, user: User) -> None:
        """Everything is used by whatever driver there is now, and deleted."""
        assert user.extend(self.attached, 2).status == "in-use"
        assert user.cloud.device(self.attached).cylinders == 1093
        self.attach(user, self.free, 1)
        self.attach(user, self.shared, 3)
        for attachment in self.attachments:
            user.detach(attachment)
        assert user.cloud.array.masking_views == {}
        user.delete(self.free, self.attached, self.shared)


def test_there_and_back(moving: Moving) -> None:
    """Volumes of the upstream driver live on under pmax, and volumes of pmax under the upstream driver.

    Under pmax nothing is left on the array. In the end it is not looked at: the upstream driver leaves an empty storage
    group when the hosts of a shared volume come and go, its own volumes included.
    """
    with moving.cloud.leaving_nothing():
        theirs = Estate(moving.to_upstream(), moving.protocol)
        user = moving.to_pmax()
        theirs.used_and_given_up(user)
    ours = Estate(user, moving.protocol)
    ours.used_and_given_up(moving.to_upstream())
