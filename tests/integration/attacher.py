"""Attaches and detaches at random, as a process of its own: `attacher PORT STATE SEED DEVICE…`."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from pmax.domain.commands import AttachVolume, DetachVolume
from pmax.domain.identifiers import device_id
from pmax.domain.volumes import VolumeTarget
from tests.integration.test_concurrency import HOSTS, served_engine
from tests.stage import ARRAY, GOLD, connector

ROUNDS = 15


def main(port: str, state: str, seed: str, *devices: str) -> None:
    """Attach or detach a random volume on a random host, over and over."""
    engine = served_engine(int(port), Path(state))
    chance = random.Random(int(seed))  # noqa: S311 - not a secret
    for _ in range(ROUNDS):
        target = VolumeTarget(array_id=ARRAY, device_id=device_id(chance.choice(devices)))
        host = connector(chance.choice(HOSTS))
        command = chance.choice((AttachVolume, DetachVolume))
        engine.execute(command(target=target, connector=host, protocol="iscsi", policy=GOLD))
    engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
