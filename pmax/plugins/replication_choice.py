"""Which replication device and which mode a policy means: by the configuration and the modes alone, nothing is read."""

from __future__ import annotations

import attrs

from pmax.domain.errors import InvalidRequest
from pmax.domain.policies import VolumePolicy
from pmax.domain.replication import Replication
from pmax.domain.replication_devices import LEGACY_BACKEND_ID, OPTION, ReplicationDevice
from pmax.domain.settings import Settings
from pmax.plugins.context import PluginAnswers


def device_called(devices: tuple[ReplicationDevice, ...], backend_id: str | None) -> ReplicationDevice:
    """The replication device that a type means.

    Args:
        devices: of the backend.
        backend_id: as the type has it; None if it names none. A single device is meant by every type.

    Raises:
        InvalidRequest: there is none, or none of that name.
    """
    if not devices:
        rule = f"the backend has no {OPTION}; add one, or take replication_enabled out of the type"
        raise InvalidRequest("replication_enabled", "<is> True", rule)
    if len(devices) == 1:
        return devices[0]
    wanted = backend_id or LEGACY_BACKEND_ID
    for device in devices:
        if device.backend_id == wanted:
            return device
    known = ", ".join(device.backend_id for device in devices)
    raise InvalidRequest("storagetype:replication_device_backend_id", wanted, f"the backend has {known}")


def find_replication(settings: Settings, plugins: PluginAnswers, policy: VolumePolicy) -> Replication | None:
    """Where and how volumes of a policy are replicated; None if they are not.

    Raises:
        InvalidRequest: no device or no mode answers to what the policy and the configuration say.
    """
    if not policy.replication_enabled:
        return None
    device = device_called(settings.replication_devices, policy.replication_backend)
    return Replication(array_id=settings.array_id, device=device, mode=plugins.replication_mode(device.mode))


def with_replication_suffix(settings: Settings, plugins: PluginAnswers, policy: VolumePolicy) -> VolumePolicy:
    """The policy with what its replication mode adds to names.

    A device or a mode that does not exist is left to the handler that needs it: who takes a volume away need not.
    """
    try:
        replication = find_replication(settings, plugins, policy)
    except InvalidRequest:
        return policy
    return policy if replication is None else attrs.evolve(policy, replication_suffix=replication.mode.suffix)
