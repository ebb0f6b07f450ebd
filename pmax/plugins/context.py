"""What the host hands to a plugin when it asks for handlers."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

import attrs

from pmax.domain.commands import AttachVolume
from pmax.domain.masking import PortGroup
from pmax.domain.replication_modes import ReplicationMode
from pmax.domain.settings import Settings
from pmax.plugins.protocols import HostProtocol
from pmax.ports.readers import Readers
from pmax.ports.runtime import Clock


class PluginAnswers(Protocol):
    """What all plugins together answer to what one of them may ask; `PluginManager` implements it."""

    @abstractmethod
    def protocols(self) -> dict[str, HostProtocol]:
        """Every protocol by name.

        Raises:
            ConfigurationInvalid: two plugins give a protocol of one name.
        """

    @abstractmethod
    def protocol(self, name: str) -> HostProtocol:
        """The protocol of this name.

        Raises:
            InvalidRequest: no plugin registers it; says which there are, and which plugins failed to load.
        """

    @abstractmethod
    def replication_modes(self) -> tuple[ReplicationMode, ...]:
        """Every replication mode.

        Raises:
            ConfigurationInvalid: two plugins give modes that could be meant by the same word, or add the same to names.
        """

    @abstractmethod
    def replication_mode(self, written: str) -> ReplicationMode:
        """The mode that a `replication_device` means.

        Args:
            written: its `mode`, as it stands there; "" if it has none.

        Raises:
            InvalidRequest: no plugin registers it; says which there are, and which plugins failed to load.
        """

    @abstractmethod
    def choose_port_group(
        self, context: PluginContext, command: AttachVolume, candidates: tuple[PortGroup, ...]
    ) -> PortGroup:
        """The port group of a new masking view.

        Raises:
            InvalidRequest: a plugin chose something that is not among the candidates.
        """


@attrs.frozen(kw_only=True)
class PluginContext:
    """Everything that a handler may keep.

    Attributes:
        settings: of the backend.
        readers: reading ports of the array.
        clock: time.
        plugins: what the plugins answer, this one's among them.
    """

    settings: Settings
    readers: Readers
    clock: Clock
    plugins: PluginAnswers
