"""The driver of 2019 (Cinder 14.3.1, "Stein"), unmodified, under the Cinder that is installed.

It is what volumes in the field were made by, and the only client at hand that speaks versions 83, 84 and 90 of the API,
all of them in one run. Of its release only the driver is loaded: the rest does not run on today's Python.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from types import ModuleType
from typing import Any

from oslo_config import cfg

from tests.judges.cache import fetched
from tests.judges.cinder_records import configuration

RELEASE = "cinder==14.3.1"
PACKAGE = "cinder.volume.drivers.dell_emc.powermax"
CLASSES = {"iscsi": "PowerMaxISCSIDriver", "fc": "PowerMaxFCDriver"}
UNISPHERE = "V9.0.0.1"


@contextmanager
def driver_of_2019(protocol: str) -> Iterator[type]:
    """Yield the driver class of a protocol; the driver of today cannot be started within the block.

    Both drivers register options of the same names with other texts, which oslo.config does not allow side by side.

    Raises:
        Unreachable: the release cannot be fetched.
    """
    modules = _modules()
    today = importlib.import_module(f"{PACKAGE}.common").powermax_opts
    _forget(today)
    try:
        yield getattr(modules[protocol], CLASSES[protocol])
    finally:
        _forget(modules["common"].powermax_opts)


def options_of_2019(options: Mapping[str, Any]) -> dict[str, Any]:
    """What is called otherwise in the stanza of 2019: the port of Unisphere."""
    return {"san_rest_port": options["san_api_port"], "san_api_port": None}


@cache
def _modules() -> dict[str, ModuleType]:
    """Import the modules of the release; afterwards their names mean those of the installed Cinder again."""
    folder = fetched(RELEASE, is_alone=True)
    renamed = importlib.import_module("cinder.volume.volume_utils")
    sys.modules["cinder.volume.utils"] = renamed  # its name in 2019
    sys.modules["cinder.volume"].utils = renamed  # type: ignore[attr-defined]
    importlib.import_module(PACKAGE)
    family = importlib.import_module(PACKAGE.rpartition(".")[0])
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith(PACKAGE)}
    family.__path__.insert(0, str(folder / PACKAGE.rpartition(".")[0].replace(".", "/")))
    try:
        return {name: importlib.import_module(f"{PACKAGE}.{name}") for name in ("common", "iscsi", "fc")}
    finally:
        family.__path__.pop(0)
        for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
            del sys.modules[name]
        sys.modules.update(kept)
        family.powermax = kept[PACKAGE]  # type: ignore[attr-defined]


def _forget(options: list[cfg.Opt]) -> None:
    """Take options out of oslo.config, so that others of the same names can be registered."""
    cfg.CONF.reset()
    for group in (configuration.SHARED_CONF_GROUP, "powermax"):
        with suppress(cfg.NoSuchGroupError):
            cfg.CONF.unregister_opts(options, group=group)
