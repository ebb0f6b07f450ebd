"""All reading ports together, as handlers get them."""

from __future__ import annotations

import attrs

from pmax.ports.arrays import ArrayReader
from pmax.ports.loads import LoadReader
from pmax.ports.masking import MaskingReader
from pmax.ports.replication import ReplicationReader
from pmax.ports.snapshots import SnapshotReader
from pmax.ports.storage_groups import StorageGroupReader
from pmax.ports.surveys import SurveyReader
from pmax.ports.volumes import VolumeReader


@attrs.frozen(kw_only=True)
class Readers:
    """One reader for each kind of thing on an array."""

    arrays: ArrayReader
    volumes: VolumeReader
    storage_groups: StorageGroupReader
    masking: MaskingReader
    snapshots: SnapshotReader
    loads: LoadReader
    surveys: SurveyReader
    replication: ReplicationReader
