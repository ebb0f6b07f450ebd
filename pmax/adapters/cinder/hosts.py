"""Cinder's calls for compute hosts: attach and detach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from cinder import objects
from cinder.context import RequestContext
from oslo_log import log

from pmax.adapters.cinder.base import PowerMaxDriver
from pmax.adapters.cinder.connectors import attachments_on_host, other_hosts, parse_connector
from pmax.adapters.cinder.coordination import CinderLocks
from pmax.adapters.cinder.errors import CONNECTING, cinder_errors
from pmax.adapters.cinder.extra_specs import policy_on_other_array, policy_to_leave, volume_policy
from pmax.adapters.cinder.locations import required_target, volume_target
from pmax.adapters.cinder.replicas import other_side
from pmax.adapters.cinder.turns import Turns
from pmax.domain.commands import Attachment, AttachVolume, Detachment, DetachVolume
from pmax.domain.errors import IllegalTransition
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine

LOG = log.getLogger(__name__)


class HostOperations(PowerMaxDriver):
    """Who sees a volume. A protocol that has more to do than the array itself overrides the last two methods."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._turns = Turns(self.clock, CinderLocks(self.clock))

    def create_export(self, context: RequestContext, volume: objects.Volume, connector: Mapping[str, Any]) -> None:
        """Nothing to do: a volume is shown to a host when it is attached."""

    def ensure_export(self, context: RequestContext, volume: objects.Volume) -> None:
        """Nothing to do: what the array shows stays shown when Cinder restarts."""

    def remove_export(self, context: RequestContext, volume: objects.Volume) -> None:
        """Nothing to do: a volume is taken from a host when it is detached."""

    def validate_connector(self, connector: Mapping[str, Any]) -> None:
        """Refuse a connector that lacks what the protocol needs, before anything is read or changed."""
        super().validate_connector(connector)
        with cinder_errors(CONNECTING):
            self._set_up().engine.plugins.protocol(self.protocol).initiators(parse_connector(connector))

    def initialize_connection(
        self, volume: objects.Volume, connector: Mapping[str, Any], initiator_data: object = None
    ) -> dict[str, Any]:
        """Let a host see a volume, and say how it connects: `driver_volume_type` and `data`."""
        with cinder_errors(), self._turn(volume, connector):
            attachment = self._attach(volume, connector)
        return self._connected(volume, connector, attachment)

    def _attach(self, volume: objects.Volume, connector: Mapping[str, Any]) -> Attachment:
        engine = self._engine(while_failed_over=True)
        wanted = parse_connector(connector)
        target = required_target(volume, engine.settings.array_id)
        return engine.execute(
            AttachVolume(
                target=target,
                connector=wanted,
                protocol=self.protocol,
                policy=self._policy(volume, target, engine),
                volume_key=volume.id,
                other_hosts=other_hosts(volume.volume_attachment or (), wanted.host),
                other_side=other_side(volume),
            ),
            self._about(volume),
        )

    def _policy(self, volume: objects.Volume, target: VolumeTarget, engine: Engine) -> VolumePolicy:
        """How the volume is to be kept on the array that is in use.

        Raises:
            IllegalTransition: it is not on that array, since it did not fail over with the backend.
        """
        if not self.is_failed_over:
            return volume_policy(volume, engine.settings, engine.readers)
        if target.array_id != engine.settings.array_id:
            state = f"on array {target.array_id}, from which the backend is failed over"
            raise IllegalTransition("volume", volume.id, state, "attaching")
        return policy_on_other_array(volume, engine.settings, engine.readers)

    def _connected(
        self, volume: objects.Volume, connector: Mapping[str, Any], attachment: Attachment
    ) -> dict[str, Any]:
        """What Cinder is told after an attach."""
        return _plain(attachment.connection_info)

    def terminate_connection(
        self, volume: objects.Volume, connector: Mapping[str, Any] | None, **kwargs: object
    ) -> dict[str, Any] | None:
        """Take a volume from a host; without a connector, from every host.

        A host on which another instance uses the volume keeps seeing it.
        """
        with cinder_errors(), self._turn(volume, connector) as attachments:
            detachment = None
            if not (connector and _is_used_by_another(volume, connector, attachments)):
                detachment = self._detach(volume, connector, attachments)
        return self._disconnected(detachment)

    @contextmanager
    def _turn(
        self, volume: objects.Volume, connector: Mapping[str, Any] | None
    ) -> Iterator[Sequence[objects.VolumeAttachment]]:
        """Let no other instance of the same host come or go meanwhile; gives the attachments of the volume."""
        if connector is None:
            yield volume.volume_attachment or ()
            return
        array_id = self._set_up().engine.settings.array_id
        with self._turns.of(array_id, volume, parse_connector(connector).host) as attachments:
            yield attachments

    def _detach(
        self,
        volume: objects.Volume,
        connector: Mapping[str, Any] | None,
        attachments: Sequence[objects.VolumeAttachment],
    ) -> Detachment | None:
        engine = self._engine(while_failed_over=True)
        target = volume_target(volume, engine.settings.array_id)
        if target is None:
            LOG.info("volume %s has no device, so no host sees it", volume.id)
            return None
        leaving = parse_connector(connector) if connector else None
        staying = other_hosts(attachments, leaving.host) if leaving else ()
        return engine.execute(
            DetachVolume(
                target=target,
                connector=leaving,
                protocol=self.protocol,
                policy=policy_to_leave(volume, engine.settings, engine.readers),
                other_hosts=staying,
                other_side=other_side(volume),
            ),
            self._about(volume),
        )

    def _disconnected(self, detachment: Detachment | None) -> dict[str, Any] | None:
        """What Cinder is told after a detach; `detachment` is None when nothing was to be done."""
        return None


def _is_used_by_another(
    volume: objects.Volume, connector: Mapping[str, Any], attachments: Sequence[objects.VolumeAttachment]
) -> bool:
    host = parse_connector(connector).host
    # Cinder records no attachment for its own copying of an image out of a volume.
    own = 0 if volume.status == "uploading" else 1
    is_used = len(attachments_on_host(attachments, host)) > own
    if is_used:
        LOG.info("volume %s stays attached to %s: another instance there uses it", volume.id, host)
    return is_used


def _plain(connection_info: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that Cinder may add its own keys to."""
    return {**connection_info, "data": dict(connection_info["data"])}
