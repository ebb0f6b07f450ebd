"""Cinder call → Command → model update: everything that the drivers of all protocols share.

A driver knows Cinder's objects and words, and nothing of how an array is changed. What this product does not do yet
(snapshots, clones, retype…) is not here, so that Cinder's base class says that it is not implemented.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs
import requests
from cinder import objects
from cinder.context import RequestContext
from cinder.volume import volume_utils
from cinder.volume.drivers.san import san
from oslo_config import cfg
from oslo_log import log

import pmax
from pmax.adapters.cinder.backend import Backend
from pmax.adapters.cinder.connectors import count_on_host, parse_connector
from pmax.adapters.cinder.coordination import CinderLocks
from pmax.adapters.cinder.errors import CONNECTING, DELETING, cinder_errors
from pmax.adapters.cinder.extra_specs import policy_to_leave, volume_policy
from pmax.adapters.cinder.locations import (
    Location,
    model_update,
    required_target,
    volume_target,
)
from pmax.adapters.cinder.metadata import creation_metadata
from pmax.adapters.cinder.statistics import VENDOR_NAME, BackendFacts, Reading, read_pools, statistics
from pmax.adapters.options import POWERMAX_OPTIONS, settings_from_backend
from pmax.adapters.system import SystemClock
from pmax.bootstrap import build_engine
from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    Attachment,
    AttachVolume,
    CreateVolume,
    DeleteVolume,
    Detachment,
    DetachVolume,
    ExtendVolume,
)
from pmax.domain.errors import ConfigurationInvalid, NotFound, PmaxError, Unavailable
from pmax.domain.naming import volume_identifier
from pmax.domain.settings import Settings
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine
from pmax.ports.runtime import Clock

LOG = log.getLogger(__name__)

#: What the upstream driver calls a backend to which the operator gives no name; types may ask for it.
_UNNAMED_BACKEND = "PowerMaxCommon"

#: Options of Cinder itself that this driver reads.
_CINDER_OPTIONS = (
    "san_ip",
    "san_login",
    "san_password",
    "san_api_port",
    "driver_ssl_cert_verify",
    "driver_ssl_cert_path",
    "max_over_subscription_ratio",
    "reserved_percentage",
)


class PowerMaxDriver(san.SanDriver):
    """What the drivers of all protocols share.

    A subclass sets `protocol` and `storage_protocol`. Tests and embedders may also set `http_adapter` and `clock`, to
    reach a simulator in the same process and to let time pass as they like.

    Attributes:
        protocol: name of the protocol plugin.
        storage_protocol: the same in Cinder's word.
        http_adapter: what carries the calls to Unisphere; None for the network.
        clock: time.
    """

    VERSION = pmax.__version__
    VENDOR = VENDOR_NAME
    # There is no third-party CI that a wiki page could describe.
    CI_WIKI_NAME = None
    # Everything that services of a cluster must agree on is on the array, in Cinder's database, or locked in Cinder's
    # coordinator; each service has a journal of its own.
    SUPPORTS_ACTIVE_ACTIVE = True

    protocol: str
    storage_protocol: str
    http_adapter: requests.adapters.BaseAdapter | None = None
    clock: Clock = SystemClock()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(POWERMAX_OPTIONS)
        self._backend: Backend | None = None
        self._problems: tuple[str, ...] = ()
        self._reading: Reading | None = None
        self._read_at_s = 0.0

    @classmethod
    def get_driver_options(cls) -> list[cfg.Opt]:
        """Options that an operator may set in the backend's stanza for this driver."""
        return [*POWERMAX_OPTIONS, *cls._get_oslo_driver_opts(*_CINDER_OPTIONS)]

    # --- start -------------------------------------------------------------------------------------------------------

    def do_setup(self, context: RequestContext) -> None:
        """Build the engine, and recover what a service that died left under way.

        A mistake in the configuration is kept for `check_for_setup_error`, which tells all of them at once.
        """
        if self._backend is not None:
            self._backend.close()
            self._backend = None
        self._problems = ()
        try:
            self._backend = Backend(self.build(self._settings()))
        except ConfigurationInvalid as error:
            self._problems = error.problems
            return
        with cinder_errors():
            self._backend.recover()

    def build(self, settings: Settings) -> Engine:
        """The engine of this backend."""
        return build_engine(settings, clock=self.clock, locks=CinderLocks(self.clock), http_adapter=self.http_adapter)

    def check_for_setup_error(self) -> None:
        """Tell every mistake in the configuration, its own and those that reading the array shows. Changes nothing.

        A Unisphere that gives no answer is no mistake: the backend starts without it, and the log says so.
        """
        with cinder_errors():
            if self._problems:
                raise ConfigurationInvalid(self._problems)
            try:
                self._opened().check()
                return
            except Unavailable as error:
                reason = str(error)
        LOG.error("%s starts degraded: %s. It recovers by itself once Unisphere answers.", self.host, reason)

    def _settings(self) -> Settings:
        settings = settings_from_backend(self.configuration)
        if settings.journal_directory is None:
            directory = Path(cfg.CONF.state_path) / "pmax" / quote(self.host or "cinder", safe="@")
            settings = attrs.evolve(settings, journal_directory=str(directory))
        return settings

    def _opened(self) -> Backend:
        if self._backend is None:
            raise ConfigurationInvalid(self._problems or ("the driver was not set up",))
        return self._backend

    # --- volumes -----------------------------------------------------------------------------------------------------

    def create_volume(self, volume: objects.Volume) -> dict[str, Any]:
        """Make a volume.

        Returns:
            `provider_location` and `metadata`.
        """
        with cinder_errors():
            engine = self._opened().ready()
            array_id = engine.settings.array_id
            policy = volume_policy(volume, engine.settings, engine.readers)
            array = engine.readers.arrays.get_array(array_id)
            creation = engine.execute(
                CreateVolume(
                    array_id=array_id,
                    identifier=volume_identifier(volume.id),
                    capacity=Capacity.for_volume(volume.size),
                    policy=policy,
                )
            )
            metadata = creation_metadata(volume.metadata or {}, creation, policy, array)
            return model_update(Location(creation.array_id, creation.device_id), metadata)

    def delete_volume(self, volume: objects.Volume) -> None:
        """Delete a volume. Succeeds only if the array says that it is gone, or that it never was there."""
        with cinder_errors(DELETING):
            engine = self._opened().ready()
            target = volume_target(volume, engine.settings.array_id)
            targets = (target,) if target else self._made_but_not_recorded(engine, volume)
            if not targets:
                LOG.info("volume %s has no device on array %s: nothing to delete", volume.id, engine.settings.array_id)
            for target in targets:
                if not engine.execute(DeleteVolume(target=target)).was_present:
                    LOG.info("device %s of volume %s was gone already", target.device_id, volume.id)

    @staticmethod
    def _made_but_not_recorded(engine: Engine, volume: objects.Volume) -> tuple[VolumeTarget, ...]:
        """Devices of a volume whose creation was cut off before Cinder learned of the device."""
        array_id, identifier = engine.settings.array_id, volume_identifier(volume.name_id)
        return tuple(
            VolumeTarget(array_id=array_id, device_id=device_id, identifiers=(identifier,))
            for device_id in engine.readers.volumes.find_devices_by_identifier(array_id, identifier)
        )

    def extend_volume(self, volume: objects.Volume, new_size: int) -> None:
        """Make a volume larger, attached or not. `new_size` is in GiB."""
        with cinder_errors():
            engine = self._opened().ready()
            target = required_target(volume, engine.settings.array_id)
            engine.execute(ExtendVolume(target=target, capacity=Capacity.for_volume(new_size)))

    # --- hosts -------------------------------------------------------------------------------------------------------

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
            self._opened().engine.plugins.protocol(self.protocol).initiators(parse_connector(connector))

    def initialize_connection(
        self, volume: objects.Volume, connector: Mapping[str, Any], initiator_data: object = None
    ) -> dict[str, Any]:
        """Let a host see a volume, and say how it connects: `driver_volume_type` and `data`."""
        with cinder_errors():
            attachment = self._attach(volume, connector)
        return self._connected(volume, connector, attachment)

    def _attach(self, volume: objects.Volume, connector: Mapping[str, Any]) -> Attachment:
        engine = self._opened().ready()
        return engine.execute(
            AttachVolume(
                target=required_target(volume, engine.settings.array_id),
                connector=parse_connector(connector),
                protocol=self.protocol,
                policy=volume_policy(volume, engine.settings, engine.readers),
                volume_key=volume.id,
            )
        )

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
        with cinder_errors():
            detachment = None
            if not (connector and self._is_used_by_another(volume, connector)):
                detachment = self._detach(volume, connector)
        return self._disconnected(detachment)

    @staticmethod
    def _is_used_by_another(volume: objects.Volume, connector: Mapping[str, Any]) -> bool:
        host = parse_connector(connector).host
        # Cinder records no attachment for its own copying of an image out of a volume.
        own = 0 if volume.status == "uploading" else 1
        is_used = count_on_host(volume.volume_attachment or (), host) > own
        if is_used:
            LOG.info("volume %s stays attached to %s: another instance there uses it", volume.id, host)
        return is_used

    def _detach(self, volume: objects.Volume, connector: Mapping[str, Any] | None) -> Detachment | None:
        engine = self._opened().ready()
        target = volume_target(volume, engine.settings.array_id)
        if target is None:
            LOG.info("volume %s has no device, so no host sees it", volume.id)
            return None
        try:
            return engine.execute(
                DetachVolume(
                    target=target,
                    connector=parse_connector(connector) if connector else None,
                    protocol=self.protocol,
                    policy=policy_to_leave(volume, engine.settings, engine.readers),
                )
            )
        except NotFound as error:
            if error.kind != "volume":
                raise
            LOG.warning("volume %s is no longer on the array, so no host sees it: %s", volume.id, error)
            return None

    def _disconnected(self, detachment: Detachment | None) -> dict[str, Any] | None:
        """What Cinder is told after a detach; `detachment` is None when nothing was to be done."""
        return None

    # --- statistics --------------------------------------------------------------------------------------------------

    def _update_volume_stats(self) -> None:
        """Read the figures for the scheduler; when they cannot be read, the last ones stand and are marked as old."""
        facts, failure = self._facts(), ""
        try:
            engine = self._opened().ready()
            self._reading = read_pools(engine.readers, engine.settings.array_id, engine.settings.srp)
            self._read_at_s = self.clock.now_s()
        except PmaxError as error:
            failure = str(error)
        if failure:
            age_s = self.clock.now_s() - self._read_at_s
            known = f"those of {age_s:.0f} s ago stand" if self._reading else "none are known yet"
            LOG.error("the capacities of %s cannot be read, %s: %s", facts.name, known, failure)
        self._stats = statistics(facts, self._reading, is_current=not failure)

    def _facts(self) -> BackendFacts:
        return BackendFacts(
            name=self.configuration.safe_get("volume_backend_name") or _UNNAMED_BACKEND,
            storage_protocol=self.storage_protocol,
            driver_version=self.VERSION,
            max_over_subscription_ratio=volume_utils.get_max_over_subscription_ratio(
                self.configuration.safe_get("max_over_subscription_ratio"), supports_auto=True
            ),
            reserved_percentage=self.configuration.safe_get("reserved_percentage") or 0,
        )


def _plain(connection_info: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that Cinder may add its own keys to."""
    return {**connection_info, "data": dict(connection_info["data"])}
