"""An estate that the driver of 2019 made: volumes of each origin, snapshots, a group, replicas, attachments.

Run as a script it lets that driver make the estate, and writes `recordings/estate_of_2019.json`. What drivers before it
wrote in the SMI-S era, the form of a location, is put into the rows of a volume and a snapshot by the reference
(driver-provisioning 4.1, 4.2 and 10), since no such driver runs any more.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.judges.backend import Backend, location_of
from tests.judges.cinder_records import SNAPSHOTS_TOGETHER
from tests.judges.hosts import connector_of
from tests.judges.recording import Recorder, furnish, rows_of
from tests.judges.replication import REPLICATED, SYNC
from tests.judges.upstream import OVERRULING, CinderBench, cinder_bench
from tests.judges.upstream_2019 import RELEASE, UNISPHERE, driver_of_2019, options_of_2019
from tests.judges.volume_groups import VolumeGroups

FILE = Path(__file__).parent / "recordings" / "estate_of_2019.json"
#: The section of cinder.conf.
STANZA = "old"
DEVICE = SYNC.device("iscsi").partition(",sync_retries")[0]
SMI_S_VOLUME, SMI_S_SNAPSHOT = "of the SMI-S era", "snapshot of the SMI-S era"
SMI_S = (
    "{{'classname': u'Symm_StorageVolume', 'keybindings': {{'CreationClassName': u'Symm_StorageVolume', "
    "'SystemName': u'SYMMETRIX+{array}', 'DeviceID': u'{device_id}', "
    "'SystemCreationClassName': u'Symm_StorageSystem'}}}}"
)


def recorded() -> dict[str, Any]:
    """The estate as it was recorded."""
    estate: dict[str, Any] = json.loads(FILE.read_text())
    return estate


def made(directory: Path) -> dict[str, Any]:
    """Let the driver of 2019 make the estate; return the recording.

    Raises:
        Unreachable: the driver cannot be fetched.
    """
    recorder = Recorder()
    choices = {"unisphere_version": UNISPHERE, "faults": recorder}
    with driver_of_2019("iscsi") as driver, cinder_bench(directory, **choices) as bench:
        furnish(bench.simulator)
        options = options_of_2019(bench.options_for("iscsi", {}))
        names = {"volume_backend_name": STANZA, "replication_device": DEVICE, **options}
        backend = bench.start(driver, "iscsi", stanza=STANZA, **names)
        database = directory / "cinder.sqlite"
        not_ours = rows_of(database)
        _make(bench, backend, recorder)
        rows = rows_of(database)
    for table, others in not_ours.items():
        rows[table] = [row for row in rows[table] if row not in others]
    _write_as_in_the_smi_s_era(rows)
    return {"source": f"the driver of {RELEASE} on Unisphere {UNISPHERE}", "events": recorder.events, "rows": rows}


def _make(bench: CinderBench, backend: Backend, recorder: Recorder) -> None:
    specs = {"volume_backend_name": STANZA}
    gold = backend.volume_type("gold", **specs)
    mirrored = backend.volume_type("mirrored", **specs, **REPLICATED)
    grouped = backend.volume_type("grouped", **specs, **SNAPSHOTS_TOGETHER)

    free = backend.extend(backend.create(gold, display_name="free"), 2)
    attached = backend.create(gold, display_name="attached")
    _attach(backend, attached)
    _write(bench, recorder, free, "data of free")

    source = backend.create(gold, display_name="source")
    _write(bench, recorder, source, "then")
    snapshot = _named(backend.snapshot(source), "snapshot")
    _write(bench, recorder, source, "now")
    _named(backend.create_from_snapshot(snapshot, gold), "from snapshot")
    _named(backend.clone(free), "clone")

    foreign = backend.create(gold, display_name="to be managed")
    device = location_of(foreign)["device_id"]
    backend.unmanage(foreign)
    _named(backend.manage(gold, {"source-name": device}), "managed")

    backend.create(mirrored, display_name="mirrored")
    both = backend.create(mirrored, display_name="mirrored and attached")
    _attach(backend, both)

    groups = VolumeGroups(backend, SNAPSHOTS_TOGETHER)
    group = groups.create("group", grouped)
    for number in range(2):
        member = _named(groups.create_volume(group, grouped), f"member {number}")
        _write(bench, recorder, member, "then")
    taken = groups.snapshot(group)
    for thing in (group, taken.record, *taken.members):
        thing.status = "available"
        thing.save()

    for name in (SMI_S_VOLUME, SMI_S_SNAPSHOT):
        old = backend.create(gold, display_name=name)
        _write(bench, recorder, old, f"data {name}")
        recorder.rename(bench.simulator, location_of(old)["device_id"], old.id)


def _write_as_in_the_smi_s_era(rows: dict[str, list[dict[str, Any]]]) -> None:
    """A volume says where it is in the old form; another one becomes a snapshot of it, which was a device then."""
    by_name = {row["display_name"]: row for row in rows["volumes"]}
    volume, copy = by_name[SMI_S_VOLUME], by_name[SMI_S_SNAPSHOT]
    for row in (volume, copy):
        row["provider_location"] = SMI_S.format(**ast.literal_eval(row["provider_location"]))
    rows["volumes"].remove(copy)
    kept = ("deleted", "display_name", "id", "project_id", "provider_location", "status", "user_id", "volume_type_id")
    snapshot = {name: copy[name] for name in kept}
    rows["snapshots"].append({**snapshot, "volume_id": volume["id"], "volume_size": copy["size"]})


def _write(bench: CinderBench, recorder: Recorder, volume: Any, data: str) -> None:
    recorder.write(bench.simulator, location_of(volume)["device_id"], data)


def _named(thing: Any, name: str) -> Any:
    thing.display_name = name
    thing.save()
    return thing


def _attach(backend: Backend, volume: Any) -> None:
    backend.attach(volume, connector_of("iscsi"))


if __name__ == "__main__":
    for variable in OVERRULING:
        os.environ.pop(variable, None)
    with tempfile.TemporaryDirectory() as folder:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(json.dumps(made(Path(folder)), indent=1, sort_keys=True) + "\n")
    sys.stdout.write(f"{FILE}\n")
