"""The part of OpenStack: Cinder's drivers, loaded and called as its volume service loads and calls them."""

from __future__ import annotations

import uuid
from typing import Any

from cinder import context, coordination, objects
from cinder.volume import configuration, driver, volume_utils
from oslo_config import cfg
from oslo_utils import importutils
from stage import Stage

PROJECT = "a project"


def read_cinder_conf(stage: Stage) -> None:
    """Let oslo.config read the file, and start Cinder's coordinator for locks, as the volume service does."""
    path = str(stage.directory / "cinder.conf")
    cfg.CONF(args=[], project="cinder", default_config_files=[path], default_config_dirs=[])
    objects.register_all()
    coordination.COORDINATOR.start()


def start_driver(backend: str) -> driver.VolumeDriver:
    """Make the driver of a stanza with the arguments that Cinder's volume manager gives it, and set it up."""
    options = importutils.import_module("cinder.volume.manager").volume_backend_opts
    settings = configuration.Configuration(options, config_group=backend)
    made: driver.VolumeDriver = importutils.import_object(
        settings.volume_driver,
        configuration=settings,
        host=f"tour@{backend}",
        cluster_name=None,
        is_vol_db_empty=True,
        active_backend_id=None,
    )
    made.do_setup(context.get_admin_context())
    made.check_for_setup_error()
    made.init_capabilities()
    made.set_initialized()
    volume_utils.require_driver_initialized(made)
    return made


def stop() -> None:
    """Let go of the locks."""
    coordination.COORDINATOR.stop()


def new_volume(name: str, size: int) -> objects.Volume:
    """A volume as Cinder's scheduler hands it to the volume service: it exists in Cinder only."""
    return objects.Volume(
        context.get_admin_context(),
        id=str(uuid.uuid4()),
        _name_id=None,
        display_name=name,
        size=size,
        status="creating",
        project_id=PROJECT,
        provider_location=None,
        volume_type_id=None,
        group_id=None,
        metadata={},
        host="node@powermax-iscsi",
        multiattach=False,
        replication_status=None,
        replication_driver_data=None,
        volume_attachment=objects.VolumeAttachmentList(objects=[]),
    )


def new_snapshot(name: str, volume: objects.Volume) -> objects.Snapshot:
    """A snapshot as Cinder's manager hands it to the driver."""
    return objects.Snapshot(
        context.get_admin_context(),
        id=str(uuid.uuid4()),
        display_name=name,
        volume_id=volume.id,
        volume=volume,
        volume_size=volume.size,
        status="creating",
        project_id=PROJECT,
        provider_location=None,
        metadata={},
    )


def new_type(name: str, extra_specs: dict[str, str]) -> objects.VolumeType:
    """A volume type, as an operator makes one."""
    return objects.VolumeType(
        context.get_admin_context(),
        id=str(uuid.uuid4()),
        name=name,
        extra_specs=extra_specs,
        qos_specs_id=None,
        qos_specs=None,
    )


def retype(backend: driver.VolumeDriver, volume: objects.Volume, to: objects.VolumeType) -> bool:
    """What the volume manager does when a user retypes a volume; whether the driver did it without copying."""
    is_done, update = backend.retype(context.get_admin_context(), volume, to, {}, {"host": backend.host})
    if is_done:
        volume.update({**(update or {}), "volume_type_id": to.id, "volume_type": to})
    return is_done


def attach(backend: driver.VolumeDriver, volume: objects.Volume, host: dict[str, Any]) -> dict[str, Any]:
    """Attach a volume as Cinder does: check the connector, ask the driver, and record the attachment."""
    backend.validate_connector(host)
    told: dict[str, Any] = backend.initialize_connection(volume, host)
    record = objects.VolumeAttachment(id=str(uuid.uuid4()), attached_host=host["host"], connector=host)
    volume.volume_attachment.objects.append(record)
    return told


def detach(backend: driver.VolumeDriver, volume: objects.Volume, host: dict[str, Any]) -> dict[str, Any] | None:
    """Detach a volume as Cinder does: ask the driver, and forget the attachment."""
    told: dict[str, Any] | None = backend.terminate_connection(volume, host)
    kept = [record for record in volume.volume_attachment if record.attached_host != host["host"]]
    volume.volume_attachment.objects = kept
    return told


def connector(host: str, number: int) -> dict[str, Any]:
    """What a compute host says about itself: one iSCSI initiator and two Fibre Channel ports."""
    wwpns = [f"10000000c9a1b2{number}{port}" for port in ("a", "b")]
    return {
        "host": f"{host}.example.com",
        "initiator": f"iqn.1994-05.com.redhat:{host}",
        "wwpns": wwpns,
        "wwnns": [f"2{wwpn[1:]}" for wwpn in wwpns],
        "multipath": True,
    }
