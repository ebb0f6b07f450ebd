"""The Cinder volume driver over Fibre Channel: `volume_driver = pmax.adapters.cinder.fc.PowerMaxFCDriver`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cinder import exception, interface, objects
from cinder.common import constants
from cinder.volume import driver
from oslo_log import log

from pmax.adapters.cinder.fabric import Fabric
from pmax.adapters.cinder.operations import PowerMaxOperations
from pmax.domain.commands import Attachment, Detachment

LOG = log.getLogger(__name__)


@interface.volumedriver
class PowerMaxFCDriver(PowerMaxOperations, driver.FibreChannelDriver):
    """Volumes of Dell PowerMax and VMAX arrays, attached over Fibre Channel."""

    protocol = "fc"
    storage_protocol = constants.FC

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._fabric = Fabric.of_cinder()

    def _connected(
        self, volume: objects.Volume, connector: Mapping[str, Any], attachment: Attachment
    ) -> dict[str, Any]:
        """Zone the host to the targets that it reaches; without its zones the attachment is taken back."""
        try:
            connection_info = self._fabric.narrowed(attachment.connection_info)
            self._fabric.add_zones(connection_info)
            return connection_info
        except Exception:  # foreign code: the drivers of the switches
            LOG.warning("volume %s could not be zoned to %s", volume.id, connector.get("host"))
            if not attachment.was_attached:
                self.terminate_connection(volume, connector)
            raise

    def _disconnected(self, detachment: Detachment | None) -> dict[str, Any]:
        """Remove the zones when the host has no volume left behind these targets."""
        nothing: dict[str, Any] = {"driver_volume_type": "fibre_channel", "data": {}}
        if detachment is None:
            return nothing
        connection_info = self._fabric.narrowed({**nothing, **detachment.disconnection_info})
        try:
            self._fabric.remove_zones(connection_info)
        except exception.CinderException:
            # The volume is detached, and a second attempt would have no map to work from: an error here would only keep
            # the instance from being deleted.
            LOG.exception("zones remain in the fabric: %s", connection_info["data"])
        return connection_info
