"""One backend of Cinder: an engine, and whether the array was found to be what the configuration says.

A backend whose Unisphere is away when Cinder starts is not refused: it starts, says so, and makes up for what it could
not do, the check and the recovery of interrupted operations, at the first call that finds Unisphere back.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from oslo_log import log

from pmax.adapters.cinder.checks import plugin_problems, setup_problems
from pmax.adapters.cinder.origins import facts_of
from pmax.domain.errors import ConfigurationInvalid, PmaxError
from pmax.engine import Engine, tidy_snapshots

LOG = log.getLogger(__name__)

#: How much longer a service may take to start because of tidying.
_TIDYING_BUDGET_S = 30.0


class Backend:
    """An engine that is used only once its array has been seen.

    Args:
        engine: of the backend.
        protocol: name of the protocol plugin that its volumes are attached by.

    Attributes:
        engine: as it is, seen or not.
        facts: versions and the like, for those who listen; empty until the array has been seen.
    """

    def __init__(self, engine: Engine, protocol: str) -> None:
        self.engine = engine
        self._protocol = protocol
        self.facts: Mapping[str, str] = {}
        self._is_checked = False
        self._is_recovered = False
        # Made at run time, so that it is a green one wherever Cinder has replaced the native one.
        self._opening = threading.Lock()

    def recover(self) -> None:
        """Finish or take back what a service that died left under way; without Unisphere, later."""
        if self.engine.unfinished():
            try:
                self.engine.readers.arrays.unisphere_version()
            except PmaxError as error:
                LOG.warning("operations that were interrupted cannot be recovered yet: %s", error)
                return
            for recovered in self.engine.recover():
                LOG.warning("%s", recovered)
        self._is_recovered = True

    def tidy(self) -> None:
        """Delete temporary snapshots of clones that were made long ago; what cannot be done now is done next time."""
        try:
            for tidied in tidy_snapshots(self.engine, budget_s=_TIDYING_BUDGET_S):
                LOG.info("%s old temporary snapshots of device %s are gone", tidied.deleted, tidied.device_id)
        except PmaxError as error:
            LOG.warning("temporary snapshots cannot be looked for now: %s", error)

    def check(self) -> None:
        """Compare the configuration with the array, and change nothing there.

        Raises:
            ConfigurationInvalid: with everything that is wrong.
            Unavailable: Unisphere gave no answer.
        """
        plugins = self.engine.plugins
        problems = plugin_problems(plugins, self._protocol)
        problems += setup_problems(self.engine.settings, plugins, self.engine.readers)
        if problems:
            raise ConfigurationInvalid(problems)
        if not self.engine.settings.port_groups:
            LOG.warning("powermax_port_groups is empty: only volumes whose type names a port group can be attached")
        self.facts = facts_of(self.engine.settings, self.engine.readers)
        self._is_checked = True

    def ready(self) -> Engine:
        """The engine, to be used for an operation.

        Raises:
            ConfigurationInvalid: the array could not be seen at the start, and is not what the configuration says.
            Unavailable: it cannot be seen now either.
        """
        if not (self._is_checked and self._is_recovered):
            with self._opening:
                self._make_up()
        return self.engine

    def _make_up(self) -> None:
        if not self._is_checked:
            self.check()
            LOG.info("Unisphere is back: array %s is in use", self.engine.settings.array_id)
            self.tidy()
        if not self._is_recovered:
            self.recover()

    def close(self) -> None:
        """Let go of connections and files."""
        self.engine.close()
