"""`pmax drift`: Cinder's own tables, and what the openstack command writes, against an array."""

import json
import uuid

import pytest
import sqlalchemy

from tests.e2e.cli_process import ARRAY, IQN, CommandLine

pytestmark = [pytest.mark.powermax_simulator(tls=True), pytest.mark.xdist_group("drift")]

FINE, LARGER, GONE, ATTACHED, LOST = (str(uuid.UUID(int=number)) for number in range(1, 6))


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with three volumes of Cinder's, one of which a host sees, and one that Cinder has forgotten."""
    shell = CommandLine.of(powermax_simulator, tmp_path)
    for number, volume_id in enumerate((FINE, LARGER, ATTACHED, LOST), start=3):
        made = shell.json("volume", "create", f"OS-{volume_id}", "--size", "2")
        assert made["device_id"] == f"{number:05}"
    shell.json("volume", "attach", ATTACHED, "--host", "node1", "--initiator", IQN)
    shell.simulator.requests.clear()
    return shell


@pytest.fixture
def cinder_conf(tmp_path) -> str:
    """A `cinder.conf` whose database Cinder's own models made; one volume is on another array, and one is deleted."""
    models = pytest.importorskip("cinder.db.models")
    url = f"sqlite:///{tmp_path / 'cinder.sqlite'}"
    engine = sqlalchemy.create_engine(url)
    wanted = ("volumes", "volume_attachment", "snapshots")
    models.BASE.metadata.create_all(engine)
    volumes, attachments, snapshots = (models.BASE.metadata.tables[name] for name in wanted)
    with engine.begin() as connection:
        for number, (volume_id, size) in enumerate(((FINE, 2), (LARGER, 5), (GONE, 1), (ATTACHED, 2)), start=3):
            connection.execute(volumes.insert().values(**row(volume_id, number, size)))
        connection.execute(volumes.insert().values(**row(str(uuid.UUID(int=8)), 8, 1, "000197900998")))
        connection.execute(volumes.insert().values(**{**row(str(uuid.UUID(int=9)), 9, 1), "deleted": True}))
        held = {"id": str(uuid.UUID(int=20)), "volume_id": FINE, "attached_host": "node7", "deleted": False}
        connection.execute(attachments.insert().values(**held))
        taken = {"id": str(uuid.UUID(int=30)), "volume_id": ATTACHED, "deleted": False, "volume_type_id": "type"}
        connection.execute(snapshots.insert().values(**taken))
    engine.dispose()
    file = tmp_path / "cinder.conf"
    file.write_text(f"[database]\nconnection = {url}\n")
    return str(file)


def row(volume_id: str, device: int, size: int, array: str = ARRAY) -> dict[str, object]:
    """A volume as Cinder stores it."""
    return {
        "id": volume_id,
        "size": size,
        "status": "available",
        "host": f"controller@powermax#Diamond+None+SRP_1+{array}",
        "provider_location": str({"array": array, "device_id": f"{device:05}"}),
        "replication_status": "disabled",
        "volume_type_id": "type",
        "deleted": False,
    }


def test_against_the_database(shell, cinder_conf, tmp_path) -> None:
    """Every difference is told both ways, with status 4; neither the database nor the array is written to."""
    before = (tmp_path / "cinder.sqlite").read_bytes()
    finished = shell.run("drift", "--cinder-config", cinder_conf, "-f", "json")
    assert finished.status == 4, finished.err
    found = [(each["aspect"], each["volume_id"], each["device_id"]) for each in finished.data]
    assert sorted(found, key=str) == [
        ("attachment", FINE, "00003"),
        ("attachment", ATTACHED, "00005"),
        ("existence", GONE, "00005"),
        ("existence", None, "00006"),
        ("identifier", ATTACHED, "00005"),
        ("size", LARGER, "00004"),
        ("snapshot", ATTACHED, "00005"),
    ]
    assert (tmp_path / "cinder.sqlite").read_bytes() == before
    assert shell.changes() == []
    assert shell.call("drift", "--cinder-config", cinder_conf).widest <= 80


def test_against_a_file(shell, tmp_path) -> None:
    """What `openstack volume list --long` writes is compared as far as it tells; agreement is status 0."""
    file = tmp_path / "volumes.json"
    listed = [
        {"ID": volume_id, "Name": "v", "Status": "available", "Size": 2, "Attached to": attached}
        for volume_id, attached in ((FINE, []), (LARGER, []), (ATTACHED, [{"server_id": "vm"}]), (LOST, []))
    ]
    file.write_text(json.dumps(listed))
    finished = shell.call("drift", "--volumes", str(file))
    assert (finished.status, finished.out) == (0, "Cinder and the array agree.\n")
    file.write_text(json.dumps(listed[:-1]))
    assert shell.call("drift", "--volumes", str(file)).status == 4
    [finding] = shell.call("audit", "--rule", "VOL01", "--volumes", str(file), "-f", "json").data
    assert finding["finding"] == "VOL01:00006"


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), ("{", "is no JSON"), ("3", "no list of volumes"), ('[{"Size": 1}]', "has no id")],
)
def test_a_file_that_is_none(shell, tmp_path, content, said) -> None:
    """What cannot be understood is refused with status 2 before the array is asked."""
    file = tmp_path / "volumes.json"
    if content is not None:
        file.write_text(content)
    finished = shell.call("drift", "--volumes", str(file))
    assert (finished.status, list(shell.simulator.requests)) == (2, [])
    assert said in " ".join(finished.err.split())


@pytest.mark.parametrize(
    ("config", "status", "said"),
    [
        ("", 2, "has no connection in [database]"),
        ("[database]\nconnection = sqlite:////nowhere/at/all.sqlite\n", 1, "cannot be read"),
        ("[database]\nconnection = mysql+nothing://cinder:s3cret@db/cinder\n", 1, "cannot be read"),
    ],
)
def test_a_database_that_is_none(shell, tmp_path, config, status, said) -> None:
    """A database that cannot be read is told without its password."""
    file = tmp_path / "cinder.conf"
    file.write_text(config)
    finished = shell.call("drift", "--cinder-config", str(file))
    assert finished.status == status
    assert said in " ".join(finished.err.split())
    assert "s3cret" not in finished.err


def test_drift_wants_a_source(shell) -> None:
    """Without a source there is nothing to compare."""
    assert shell.call("drift").status == 2
