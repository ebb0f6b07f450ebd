"""Adaptive copy from outside: pmax finds the plugin by its entry point, and everything else goes on as usual."""

from __future__ import annotations

import pytest

from pmax.testing import Bench, ReplicationModeContract


class TestAdaptiveCopy(ReplicationModeContract):
    """The suite, over two arrays of the simulator's usual fixture."""

    mode_name = "AdaptiveCopy"

    def test_found_by_its_entry_point(self, bench: Bench) -> None:
        """Installing the package is all that is needed."""
        plugins = bench.engine.plugins
        assert plugins.hooks_of("adaptive_copy") == ("pmax_register_replication_modes",)
        package = plugins.package_of("adaptive_copy")
        assert package is not None
        assert package.name == "pmax-adaptive-copy"

    def test_names_on_both_arrays(self, bench: Bench) -> None:
        """Groups carry the suffix and the name of the mode, as those of other modes do theirs."""
        volume = bench.create()

        groups = set(bench.array.volumes[volume.device_id].storage_groups)
        default, managed = sorted(groups, key=lambda name: name.endswith("-rdf-sg"))
        assert default.endswith("-RC-SG")
        assert managed == "OS-23_24_070-AdaptiveCopy-rdf-sg"

    @pytest.mark.parametrize("written", ["adaptive", "Adaptive Copy"])
    def test_how_operators_write_it(self, bench: Bench, written: str) -> None:
        """The mode of a replication device may be written in short."""
        assert bench.engine.plugins.replication_mode(written).name == "AdaptiveCopy"
