"""Storage features of Dell PowerMax and VMAX arrays, driven through Unisphere's REST API."""

__version__ = "0.1.0"
__all__ = ["__version__"]
