"""What every driver is: how it starts, and what it tells the scheduler.

A driver knows Cinder's objects and words, and nothing of how an array is changed. Its calls stand in one module for
each noun (`volumes`, `snapshots`, `hosts`). What this product does not do yet (retype, groups…) stands nowhere, so that
Cinder's base class says that it is not implemented.
"""

from __future__ import annotations

import requests
from cinder import objects
from cinder.context import RequestContext
from cinder.volume import volume_utils
from cinder.volume.drivers.san import san
from oslo_config import cfg
from oslo_log import log

import pmax
from pmax.adapters.cinder.backend import Backend
from pmax.adapters.cinder.coordination import CinderLocks
from pmax.adapters.cinder.errors import cinder_errors
from pmax.adapters.cinder.origins import origin_of
from pmax.adapters.cinder.places import with_directories
from pmax.adapters.cinder.statistics import VENDOR_NAME, BackendFacts, Reading, read_pools, statistics
from pmax.adapters.options import POWERMAX_OPTIONS, settings_from_backend, warn_of_open_files
from pmax.adapters.system import SystemClock
from pmax.bootstrap import build_engine
from pmax.domain.errors import ConfigurationInvalid, IllegalTransition, PmaxError, Unavailable
from pmax.domain.events import Origin
from pmax.domain.identifiers import ArrayId
from pmax.domain.replication_devices import ReplicationDevice
from pmax.domain.settings import Settings
from pmax.engine import Engine
from pmax.ports.runtime import Clock

LOG = log.getLogger(__name__)

#: What the upstream driver calls a backend to which the operator gives no name; types may ask for it.
_UNNAMED_BACKEND = "PowerMaxCommon"


class PowerMaxDriver(san.SanDriver):
    """What the drivers of all protocols share.

    A subclass sets `protocol` and `storage_protocol`. Tests and embedders may also set `http_adapter` and `clock`, to
    reach a simulator in the same process and to let time pass as they like.

    Attributes:
        protocol: name of the protocol plugin.
        storage_protocol: the same in Cinder's word.
        cinder_options: names of Cinder's own options that the driver reads.
        takes_group_snapshots: whether all volumes of a group can be snapped at one moment; who can do that says so.
        replicates_groups: likewise whether the volumes of a group can be replicated together.
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
    cinder_options: tuple[str, ...] = (
        "san_ip",
        "san_login",
        "san_password",
        "san_api_port",
        "driver_ssl_cert_verify",
        "driver_ssl_cert_path",
        "max_over_subscription_ratio",
        "reserved_percentage",
    )
    takes_group_snapshots = False
    replicates_groups = False
    http_adapter: requests.adapters.BaseAdapter | None = None
    clock: Clock = SystemClock()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(POWERMAX_OPTIONS)
        self._backend: Backend | None = None
        self._problems: tuple[str, ...] = ()
        self._reading: Reading | None = None
        self._read_at_s = 0.0
        active_backend_id = kwargs.get("active_backend_id")
        self._active_backend_id: str | None = str(active_backend_id) if active_backend_id else None
        self._primary_array_id = ArrayId("")
        self._replication_devices: tuple[ReplicationDevice, ...] = ()

    @classmethod
    def get_driver_options(cls) -> list[cfg.Opt]:
        """Options that an operator may set in the backend's stanza for this driver."""
        return [*POWERMAX_OPTIONS, *cls._get_oslo_driver_opts(*cls.cinder_options)]

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
            self._backend = Backend(self.build(self._place(self._settings())), self.protocol)
        except ConfigurationInvalid as error:
            self._problems = error.problems
            return
        with cinder_errors():
            self._backend.recover()

    def build(self, settings: Settings) -> Engine:
        """The engine of this backend."""
        return build_engine(settings, clock=self.clock, locks=CinderLocks(self.clock), http_adapter=self.http_adapter)

    def check_for_setup_error(self) -> None:
        """Tell every mistake in the configuration, its own and those that reading the array shows.

        If there is none, what clones of long ago have left is tidied away; nothing else is changed. A Unisphere that
        gives no answer is no mistake: the backend starts without it, and the log says so.
        """
        with cinder_errors():
            if self._problems:
                raise ConfigurationInvalid(self._problems)
            try:
                self._set_up().check()
                self._set_up().tidy()
                return
            except Unavailable as error:
                reason = str(error)
        LOG.error("%s starts degraded: %s. It recovers by itself once Unisphere answers.", self.host, reason)

    def _settings(self) -> Settings:
        settings = settings_from_backend(self.configuration)
        warn_of_open_files(cfg.CONF, (self.configuration.config_group,))
        return with_directories(settings, cfg.CONF.state_path, self.host or "cinder")

    def _place(self, settings: Settings) -> Settings:
        """The settings for the array on which the volumes are: not the configured one while the backend is failed over.

        Raises:
            ConfigurationInvalid: it is failed over, and nobody knows any more to where.
        """
        self._primary_array_id, self._replication_devices = settings.array_id, settings.replication_devices
        if not self.is_failed_over:
            return settings
        if not settings.replication_devices:
            problem = f"the backend is failed over to {self._active_backend_id}, but has no replication_device any more"
            raise ConfigurationInvalid((problem,))
        return settings.on_other_array(settings.replication_devices[0])

    @property
    def is_failed_over(self) -> bool:
        """Whether the volumes are on the other array: Cinder keeps a target then, whoever named it."""
        return self._active_backend_id is not None

    def _engine(self, *, while_failed_over: bool = False) -> Engine:
        """The engine, for an operation.

        Args:
            while_failed_over: whether the operation makes sense on one array, while the other may be lost.

        Raises:
            IllegalTransition: it does not, and the backend is failed over.
            ConfigurationInvalid: the driver was not set up, or not as the array is.
            Unavailable: the array has not been seen since the start, and cannot be seen now.
        """
        backend = self._set_up()
        if self.is_failed_over and not while_failed_over:
            state = (
                f"failed over to array {backend.engine.settings.array_id}; fail it back first, with the target default"
            )
            raise IllegalTransition("backend", str(self.host), state, "anything but attaching and detaching")
        return backend.ready()

    def _about(self, volume: objects.Volume) -> Origin:
        """For which volume an operation is, for those who listen."""
        return origin_of(volume, self._set_up().facts)

    def _set_up(self) -> Backend:
        if self._backend is None:
            raise ConfigurationInvalid(self._problems or ("the driver was not set up",))
        return self._backend

    # --- statistics --------------------------------------------------------------------------------------------------

    def _update_volume_stats(self) -> None:
        """Read the figures for the scheduler; when they cannot be read, the last ones stand and are marked as old."""
        facts, failure, age_s = self._facts(), "", None
        try:
            engine = self._engine(while_failed_over=True)
            self._reading = read_pools(engine.readers, engine.settings.array_id, engine.settings.srp)
            self._read_at_s = self.clock.now_s()
        except PmaxError as error:
            failure = str(error)
        if failure:
            age_s = self.clock.now_s() - self._read_at_s
            known = f"those of {age_s:.0f} s ago stand" if self._reading else "none are known yet"
            LOG.error("the capacities of %s cannot be read, %s: %s", facts.name, known, failure)
        self._stats = statistics(facts, self._reading, age_s)

    def _facts(self) -> BackendFacts:
        return BackendFacts(
            name=self.configuration.safe_get("volume_backend_name") or _UNNAMED_BACKEND,
            storage_protocol=self.storage_protocol,
            driver_version=self.VERSION,
            max_over_subscription_ratio=volume_utils.get_max_over_subscription_ratio(
                self.configuration.safe_get("max_over_subscription_ratio"), supports_auto=True
            ),
            reserved_percentage=self.configuration.safe_get("reserved_percentage") or 0,
            takes_group_snapshots=self.takes_group_snapshots,
            replicates_groups=self.replicates_groups and bool(self._replication_targets()),
            replication_targets=self._replication_targets(),
        )

    def _replication_targets(self) -> tuple[str, ...]:
        """Arrays to which volumes can be replicated, by the configuration."""
        if self._backend is None:
            return ()
        devices = self._backend.engine.settings.replication_devices
        return tuple(dict.fromkeys(str(device.target_array_id) for device in devices))
