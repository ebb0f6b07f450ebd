"""Real Cinder with back ends whose stanzas are wrong, beside one that is right."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pmax.simulator import Simulator
from tests.e2e.configuration_mistakes import SECRET
from tests.e2e.real_cinder.cloud import Cloud, cloud_of
from tests.e2e.real_cinder.user import User

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400), pytest.mark.xdist_group("real cinder, configuration")]

#: One of each way to find out (`configuration_mistakes` has all): what is written, and what the log says of it.
MISTAKES: dict[str, tuple[dict[str, object], tuple[str, ...]]] = {
    "dollar": ({"san_password": "pa$" + SECRET}, ("san_password cannot be read", "$$ where a dollar sign is meant")),
    "unknown_pool": ({"powermax_srp": "SRP_9"}, ("powermax_srp 'SRP_9'", "which has SRP_1")),
    "directory": ({"pmax_journal_directory": "/dev/null/x"}, ("pmax_journal_directory /dev/null/x cannot be used",)),
    "no_dictionary": ({"replication_device": SECRET}, ("replication_device", "NAME:VALUE pairs")),
}
#: The last one: of several services in one process only the last tells that it lives.
RIGHT = "right"


@pytest.fixture
def mixed(tmp_path: Path) -> Iterator[Cloud]:
    """A cloud that is not started, with a back end for each mistake, one without Unisphere, and one that is right."""
    with cloud_of(tmp_path, "native") as made, Simulator() as gone:
        made.stanzas = {
            name: made.stanza("iscsi", volume_backend_name=name, **options) for name, (options, _) in MISTAKES.items()
        }
        port = gone.url.rpartition(":")[2].strip("/")
        made.stanzas["away"] = made.stanza("iscsi", volume_backend_name="away", san_api_port=port)
        made.stanzas[RIGHT] = made.stanza("iscsi", volume_backend_name=RIGHT)
        made.default = "service_down_time = 9\nreport_interval = 3"
        gone.close()
        try:
            yield made
        finally:
            made.stop()


def states(user: User) -> dict[str, str]:
    """What Cinder says of each back end."""
    services = user.api.services.list(binary="cinder-volume")
    return {each.host.partition("@")[2]: each.state for each in services}


def test_mistakes_stay_where_they_are(mixed: Cloud) -> None:
    """Who is wrong is down, with option and remedy in the log; who is right works; and the others do once mended."""
    cloud = mixed
    with cloud.leaving_nothing():
        cloud.launch()
        cloud.wait_for_pools({f"node@{RIGHT}"})
        user = User(cloud)
        volume = user.create(user.volume_type(RIGHT))
        wrong = MISTAKES.keys() - {"no_dictionary"}
        cloud.wait(lambda: {name for name in wrong if states(user)[name] == "down"} == wrong, "who is wrong is down")
        assert states(user)[RIGHT] == "up"
        log = cloud.log
        missing = {name: words for name, (_, words) in MISTAKES.items() if not all(each in log for each in words)}
        assert not missing
        assert "node@away starts degraded" in log
        assert SECRET not in log
        cloud.stop()
        cloud.stanzas = {name: cloud.stanza("iscsi", volume_backend_name=name) for name in cloud.stanzas}
        cloud.default = "service_down_time = 86400"
        cloud.start()
        user = User(cloud)
        made = [user.create(user.volume_type(name)) for name in ("dollar", "no_dictionary", "away")]
        user.delete(volume, *made)
