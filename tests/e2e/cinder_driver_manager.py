"""Cinder's real volume manager, with its database, and the iSCSI driver in it. Run as a script.

Argument: an empty directory. It is a process of its own because Cinder's database can be chosen once in a process only.
Prints as JSON what became of a volume, step by step.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cinder import context, objects, rpc
from cinder.db import migration
from oslo_config import cfg

from pmax.adapters.cinder.iscsi import PowerMaxISCSIDriver
from pmax.simulator.mount import SimulatorAdapter
from tests.e2e.cinder_driver_backend import ARRAY, CinderBackend, cinder_backend, iscsi_connector

HOST = "node@powermax"
POOL = f"Gold+None+SRP_1+{ARRAY}"
DATABASE = """\
[oslo_concurrency]
lock_path = {directory}/locks

[database]
connection = sqlite:///{directory}/cinder.sqlite
"""


class InProcessDriver(PowerMaxISCSIDriver):
    """The driver, reaching the simulator without a socket."""


def started_manager(backend: CinderBackend) -> Any:
    """The manager of a volume service that has just started with an empty database."""
    from cinder.volume.manager import VolumeManager

    backend.configure(default="transport_url = fake://", more=DATABASE.format(directory=backend.directory))
    InProcessDriver.http_adapter = SimulatorAdapter(backend.simulator.application)
    InProcessDriver.clock = backend.clock
    migration.db_sync()
    rpc.init(cfg.CONF)
    service = objects.Service(
        context.get_admin_context(), host=HOST, binary="cinder-volume", topic="cinder-volume", availability_zone="nova"
    )
    service.create()
    path = f"{__name__}.{InProcessDriver.__name__}"
    manager = VolumeManager(volume_driver=path, host=HOST, service_name="powermax")
    manager.init_host(service_id=service.id)
    manager.init_host_with_rpc()
    return manager


def limited_type() -> str:
    """The id of a volume type with limits, made by an administrator."""
    from cinder.volume import qos_specs, volume_types

    admin = context.get_admin_context()
    made = volume_types.create(admin, "gold", {"pool_name": POOL})
    limits = qos_specs.create(admin, "slow", {"consumer": "back-end", "total_iops_sec": "500"})
    qos_specs.associate_qos_with_type(admin, limits.id, made.id)
    return str(made.id)


class Life:
    """A volume of a user who is no administrator, and what becomes of it."""

    def __init__(self, backend: CinderBackend, manager: Any) -> None:
        self.backend = backend
        self.manager = manager
        self.user = context.RequestContext(user_id="user", project_id="project", is_admin=False)
        volume = objects.Volume(
            self.user,
            host=f"{HOST}#{POOL}",
            size=2,
            status="creating",
            attach_status="detached",
            user_id="user",
            project_id="project",
            volume_type_id=limited_type(),
            metadata={"owner": "me"},
            availability_zone="nova",
            use_quota=False,
        )
        volume.create()
        self.id = volume.id

    @property
    def volume(self) -> objects.Volume:
        """As the database has it now."""
        return objects.Volume.get_by_id(self.user, self.id)

    def run(self) -> dict[str, object]:
        """Everything that Cinder's API would ask of the volume service."""
        self.manager.create_volume(
            self.user, self.volume, request_spec={}, filter_properties={}, allow_reschedule=False
        )
        seen: dict[str, object] = {
            "created": [self.volume.status, self.volume.provider_location, dict(self.volume.metadata)]
        }
        attachment = objects.VolumeAttachment(self.user, volume_id=self.id, attach_status="reserved", attach_mode="rw")
        attachment.create()
        seen["told"] = self.manager.attachment_update(self.user, self.volume, iscsi_connector(), attachment.id)
        groups = self.backend.array.storage_groups.values()
        seen["limits"] = {group.name: group.host_io_limit.io_per_second for group in groups if group.host_io_limit}
        self.manager.attachment_delete(self.user, attachment.id, self.volume)
        self.volume.finish_detach(attachment.id)
        seen["detached"] = [self.volume.status, sorted(self.backend.state()["masking views"])]
        self.manager.extend_volume(self.user, self.volume, 5, [])
        seen["extended"] = self.volume.size
        self.manager.delete_volume(self.user, self.volume)
        seen["left"] = {kind: sorted(things) for kind, things in self.backend.state().items() if things}
        return seen


def main(directory: str) -> None:
    """Let a volume live, and tell of it."""
    with cinder_backend(Path(directory)) as backend:
        manager = started_manager(backend)
        print(json.dumps({"started": manager.is_working(), **Life(backend, manager).run()}))  # noqa: T201 - the answer


if __name__ == "__main__":
    main(*sys.argv[1:])
