"""The Cinder volume driver over iSCSI: `volume_driver = pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver`."""

from __future__ import annotations

from cinder import interface
from cinder.common import constants
from cinder.volume.drivers.san import san

from pmax.adapters.cinder.base import PowerMaxDriver


@interface.volumedriver
class PowerMaxISCSIDriver(PowerMaxDriver, san.SanISCSIDriver):
    """Volumes of Dell PowerMax and VMAX arrays, attached over iSCSI."""

    protocol = "iscsi"
    storage_protocol = constants.ISCSI
