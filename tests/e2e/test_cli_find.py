"""`pmax find`, and trees as pictures."""

import xml.etree.ElementTree as ET

import pytest

from tests.e2e.cli_process import ARRAY, IQN, CommandLine

pytestmark = pytest.mark.xdist_group("find")

CINDER_ID = "e8c8a5f0-7d1a-4d4c-9e05-1a2b3c4d5e6f"
WWPN = "10000090fa5e1a04"
CHILD = "OS-node1-SRP_1-DiamodNONE-OS-iscsi-PG"

FOUND = """\
Kind    Name   Matched                 Detail
─────────────────────────────────────────────────────────────────────────
volume  00003  part of its identifier  finance-01, 10 GiB, seen by hosts
volume  00004  part of its identifier  archive-01, 3 GiB, seen by no host
"""


@pytest.fixture(scope="module")
def shell(module_simulator, tmp_path_factory) -> CommandLine:
    """A shell with volume 00003 seen by a host, 00004 by nobody, one of Cinder's, and an initiator of nobody."""
    shell = CommandLine.of(module_simulator, tmp_path_factory.mktemp("find"))
    shell.furnish()
    shell.json("volume", "create", f"OS-{CINDER_ID}", "--size", "1")
    shell.simulator.arrays[ARRAY].log_in(WWPN, "FA-1D:4")
    return shell


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("3", [("volume", "00003")]),
        ("0x00004", [("volume", "00004")]),
        ("finance", [("volume", "00003")]),
        ("60000970000197900999533030303033", [("volume", "00003")]),
        (CINDER_ID, [("volume", "00005")]),
        ("node1:1", [("volume", "00003")]),
        ("node1.example.com:LUN1", [("volume", "00003")]),
        (IQN, [("host", "OS-node1-I-IG")]),
        ("10:00:00:90:FA:5E:1A:04", [("initiator", WWPN)]),
        ("fa-1d:4", [("port", "FA-1D:4")]),
        ("5000097398999000", [("port", "FA-1D:4")]),
        ("node1-SRP", [("storage group", CHILD)]),
        ("iscsi-pg-mv", [("masking view", "OS-node1-I-OS-iscsi-PG-MV")]),
        ("OS-fibre", [("port group", "OS-fibre-PG")]),
        (
            "node1",
            [
                ("host", "OS-node1-I-IG"),
                ("storage group", "OS-node1-I-OS-iscsi-PG-SG"),
                ("storage group", CHILD),
                ("masking view", "OS-node1-I-OS-iscsi-PG-MV"),
            ],
        ),
    ],
)
def test_what_a_text_means(shell, text, hits) -> None:
    """Ids, names and parts of names, initiators, ports and LUNs are found, each once, and with few calls."""
    shell.simulator.requests.clear()
    assert [(row["kind"], row["name"]) for row in shell.json("find", text)] == hits
    assert len(shell.simulator.requests) <= 30


def test_the_table(shell) -> None:
    """For people it is a table that fits; `--filter` and `--limit` work as everywhere."""
    assert shell.run("find", "-01").out == FOUND
    assert [row["name"] for row in shell.json("find", "-01", "--limit", "1")] == ["00003"]
    assert [row["name"] for row in shell.json("find", "node1", "--filter", "kind=host")] == ["OS-node1-I-IG"]


@pytest.mark.parametrize("text", ["nobody", "iqn.2000-01.com.example:nobody", "node1:77", "FA-9Z:1", "../x", "FFFFF"])
def test_nothing_is_found(shell, text) -> None:
    """What nothing matches is said to be not there, with status 3."""
    finished = shell.call("find", text)
    assert (finished.status, finished.out) == (3, "")
    assert text in finished.err


def test_a_tree_as_a_picture(shell, tmp_path) -> None:
    """`tree --svg` writes a picture that is whole, holds every name of the tree, and fetches nothing."""
    picture = tmp_path / "tree.svg"
    finished = shell.call("tree", "--svg", str(picture))
    assert (finished.status, finished.out) == (0, ""), finished.err
    root = ET.parse(picture).getroot()  # noqa: S314 - we made it
    text = "".join(root.itertext()).replace("\xa0", " ")
    assert all(name in text for name in ("OS-node1-I-IG", CHILD, "00003", "archive-01"))
    assert "url(http" not in picture.read_text()


def test_a_picture_that_cannot_be_written(shell, tmp_path) -> None:
    """A folder that is not there is told, with status 2."""
    finished = shell.call("tree", "--svg", str(tmp_path / "nowhere" / "tree.svg"))
    assert finished.status == 2
    assert "nowhere" in finished.err
