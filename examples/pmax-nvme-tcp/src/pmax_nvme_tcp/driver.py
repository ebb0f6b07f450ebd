"""The Cinder driver: everything but the name of the protocol is pmax's."""

from __future__ import annotations

from cinder import interface

from pmax.adapters.cinder.operations import PowerMaxOperations


@interface.volumedriver
class PowerMaxNVMeTCPDriver(PowerMaxOperations):
    """PowerMax volumes over NVMe/TCP."""

    protocol = "nvme-tcp"
    storage_protocol = "NVMe-TCP"
