"""Cinder's own objects, made in memory: nothing here is a double, and no database is read."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from cinder import context, objects

objects.register_all()

TYPE_ID = "0b1f3f0c-6a4e-4b8e-9f43-0b8b3a7a7c11"
QOS_ID = "5c1f3f0c-6a4e-4b8e-9f43-0b8b3a7a7c12"


def volume_type(
    extra_specs: Mapping[str, str], qos: Mapping[str, str] | None = None, consumer: str = "back-end"
) -> objects.VolumeType:
    """A volume type, with a QoS specification if `qos` is given."""
    specs = None
    if qos is not None:
        specs = objects.QualityOfServiceSpecs(id=QOS_ID, name="limits", consumer=consumer, specs=dict(qos))
    return objects.VolumeType(
        context.get_admin_context(),
        id=TYPE_ID,
        name="a type",
        extra_specs=dict(extra_specs),
        qos_specs_id=QOS_ID if specs else None,
        qos_specs=specs,
    )


def attachment(host: str | None, **connector: Any) -> objects.VolumeAttachment:
    """An attachment to a host; None for one that is reserved only."""
    return objects.VolumeAttachment(
        id=str(uuid.uuid4()),
        attached_host=host,
        attach_status="attached" if host else "reserved",
        connector={"host": host, **connector} if host else None,
    )


def volume(
    volume_id: str | None = None,
    *,
    size: int = 1,
    of_type: objects.VolumeType | None = None,
    attachments: Sequence[objects.VolumeAttachment] = (),
    **fields: Any,
) -> objects.Volume:
    """A volume as the volume manager hands it to a driver."""
    values: dict[str, Any] = {
        "id": volume_id or str(uuid.uuid4()),
        "_name_id": None,
        "size": size,
        "multiattach": False,
        "status": "available",
        "provider_location": None,
        "metadata": {},
        "volume_type_id": of_type.id if of_type else None,
        "volume_type": of_type,
        "volume_attachment": objects.VolumeAttachmentList(objects=list(attachments)),
        "host": "node@powermax#Diamond+None+SRP_1+000197900123",
        "display_name": "a volume",
        "encryption_key_id": None,
        "replication_status": None,
        "replication_driver_data": None,
        "group_id": None,
    }
    return objects.Volume(context.get_admin_context(), **{**values, **fields})


def snapshot(of: objects.Volume, snapshot_id: str | None = None, **fields: Any) -> objects.Snapshot:
    """A snapshot of a volume as the volume manager hands it to a driver."""
    values: dict[str, Any] = {
        "id": snapshot_id or str(uuid.uuid4()),
        "volume_id": of.id,
        "volume": of,
        "volume_size": of.size,
        "status": "creating",
        "provider_location": None,
        "metadata": {},
        "display_name": "a snapshot",
    }
    return objects.Snapshot(context.get_admin_context(), **{**values, **fields})
