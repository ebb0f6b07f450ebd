"""NVMe over TCP for pmax, as a plugin."""

__version__ = "0.1.0"
