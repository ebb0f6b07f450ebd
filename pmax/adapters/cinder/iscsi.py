"""The Cinder volume driver over iSCSI: `volume_driver = pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver`."""

from __future__ import annotations

from cinder import interface
from cinder.common import constants
from cinder.volume.drivers.san import san

from pmax.adapters.cinder.operations import PowerMaxOperations


@interface.volumedriver
class PowerMaxISCSIDriver(PowerMaxOperations, san.SanISCSIDriver):
    """Volumes of Dell PowerMax and VMAX arrays, attached over iSCSI."""

    protocol = "iscsi"
    storage_protocol = constants.ISCSI
    cinder_options = (*PowerMaxOperations.cinder_options, "use_chap_auth", "chap_username", "chap_password")
