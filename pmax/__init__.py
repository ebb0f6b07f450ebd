"""Storage features of Dell PowerMax and VMAX arrays, driven through Unisphere's REST API."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("pmax")
except PackageNotFoundError:
    #: Sources that nobody installed; the version is given when they are built.
    __version__ = "0+not.installed"

__all__ = ["__version__"]
