"""Options of ours beside those of the driver that ships with Cinder."""

from __future__ import annotations

import subprocess
import sys

import pytest
from oslo_config import cfg

from pmax.adapters.options import POWERMAX_OPTIONS

OURS = next(option for option in POWERMAX_OPTIONS if option.name == "powermax_array")
THEIRS = cfg.StrOpt("powermax_array", help="Another text.")


@pytest.mark.parametrize("order", [(OURS, THEIRS), (THEIRS, OURS)], ids=["ours first", "theirs first"])
def test_two_definitions_of_a_name(order: tuple[cfg.Opt, ...]) -> None:
    """Whichever is registered second is taken as registered already, and the value is read."""
    conf = cfg.ConfigOpts()
    for option in order:
        conf.register_opt(option, group="backend")
    conf([], default_config_files=[])
    conf.set_override("powermax_array", "000197900999", group="backend")

    assert conf.backend.powermax_array == "000197900999"


def test_other_names_are_other_options() -> None:
    """Only the name makes two options the same."""
    assert cfg.StrOpt("powermax_srp") != OURS
    assert OURS != "powermax_array"


PROGRAM = """
from oslo_utils import importutils
from cinder.volume import configuration, driver
from pmax.adapters.options import POWERMAX_OPTIONS
upstream = importutils.import_module("cinder.volume.drivers.dell_emc.powermax.common").powermax_opts
for first, second in ((upstream, POWERMAX_OPTIONS), (POWERMAX_OPTIONS, upstream)):
    for number, options in enumerate((first, second)):
        configuration.Configuration(driver.volume_opts, config_group=f"b{number}").append_config_values(list(options))
print("together")
"""


def test_both_drivers_in_one_service() -> None:
    """A volume service can have a backend of the upstream driver and one of ours, in either order."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "together", done.stderr
