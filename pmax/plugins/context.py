"""What the host hands to a plugin when it asks for handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from pmax.domain.settings import Settings
from pmax.ports.readers import Readers
from pmax.ports.runtime import Clock

if TYPE_CHECKING:
    from pmax.plugins.manager import PluginManager


@attrs.frozen(kw_only=True)
class PluginContext:
    """Everything that a handler may keep.

    Attributes:
        settings: of the backend.
        readers: reading ports of the array.
        clock: time.
        plugins: typed access to the other plugins' hooks and protocols.
    """

    settings: Settings
    readers: Readers
    clock: Clock
    plugins: PluginManager
