"""The Cinder driver: everything but the name of the protocol is pmax's."""

from __future__ import annotations

from cinder import interface

from pmax.adapters.cinder.base import PowerMaxDriver


@interface.volumedriver
class PowerMaxNVMeTCPDriver(PowerMaxDriver):
    """PowerMax volumes over NVMe/TCP."""

    protocol = "nvme-tcp"
    storage_protocol = "NVMe-TCP"
