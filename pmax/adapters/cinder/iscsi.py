"""The Cinder volume driver over iSCSI: `volume_driver = pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver`."""

from __future__ import annotations

from cinder import interface
from cinder.common import constants
from cinder.volume.drivers.san import san

from pmax.adapters.cinder.base import PowerMaxDriver
from pmax.adapters.cinder.hosts import HostOperations
from pmax.adapters.cinder.volumes import VolumeOperations


@interface.volumedriver
class PowerMaxISCSIDriver(VolumeOperations, HostOperations, san.SanISCSIDriver):
    """Volumes of Dell PowerMax and VMAX arrays, attached over iSCSI."""

    protocol = "iscsi"
    storage_protocol = constants.ISCSI
    cinder_options = (*PowerMaxDriver.cinder_options, "use_chap_auth", "chap_username", "chap_password")
