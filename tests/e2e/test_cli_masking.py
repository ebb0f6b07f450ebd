"""The verbs that show hosts, initiators, port groups, masking views and paths, against one simulator over HTTPS.

Nothing here changes what others see: tests that need another state have a simulator of their own.
"""

import csv
import io
from collections.abc import Iterator

import pytest
import yaml

from pmax.simulator import Simulator
from tests.e2e.cli_process import ARRAY, IQN, WWPN, CommandLine

VIEW = "OS-node1-I-OS-iscsi-PG-MV"
PARENT = "OS-node1-I-OS-iscsi-PG-SG"
CHILD = "OS-node1-SRP_1-DiamodNONE-OS-iscsi-PG"
STRANGER = "iqn.1994-05.com.example:stranger"
WIDTH = 80


@pytest.fixture(scope="module")
def shell(tmp_path_factory) -> Iterator[CommandLine]:
    """A shell on an array with a host that sees volume 00003 and is logged in on one of two ports, and two strangers.

    One stranger is logged in over FC, the other has logged out.
    """
    with Simulator(tls=True) as simulator:
        shell = CommandLine.of(simulator, tmp_path_factory.mktemp("masking"))
        shell.furnish()
        array = simulator.arrays[ARRAY]
        array.log_in(IQN, "SE-4E:0")
        array.log_in(WWPN, "FA-1D:4", "FA-2D:4")
        array.log_in(STRANGER, "SE-4E:0")
        array.log_out(STRANGER)
        yield shell
        assert shell.changes() == []
        assert not simulator.defects


HOSTS = """\
Host           Protocol  Initiators  Logged in  Masking views
─────────────────────────────────────────────────────────────
OS-node1-I-IG  iSCSI              1          1              1
"""


def test_hosts(shell) -> None:
    """A host is a row with the number of its logins; it is shown by its group's name and by the computer's."""
    assert shell.run("host", "list").out == HOSTS
    shown = [shell.json("host", "show", name) for name in ("OS-node1-I-IG", "node1", "node1.example.com")]
    assert shown[0] == shown[1] == shown[2]
    assert shown[0] == {
        "array_id": ARRAY,
        "host": "OS-node1-I-IG",
        "protocol": "iSCSI",
        "host_groups": 0,
        "initiators": [{"name": IQN, "is_logged_in": True, "logged_in_on": ["SE-4E:0"]}],
        "masking_views": [VIEW],
        "port_groups": ["OS-iscsi-PG"],
        "volumes": [{"device_id": "00003", "lun": 1, "masking_view": VIEW, "paths": 2}],
    }
    text = shell.call("host", "show", "node1").out
    assert f"Initiators     {IQN}  on SE-4E:0\n" in text
    assert "Volumes        00003 as LUN 1 (2 paths)\n" in text


def test_initiators(shell) -> None:
    """Members of hosts and strangers are rows; the filter leaves those that are logged in nowhere."""
    rows = {row["initiator"]: row for row in shell.json("initiator", "list")}
    assert rows == {
        WWPN: {"initiator": WWPN, "host": None, "is_logged_in": True, "ports": ["FA-1D:4", "FA-2D:4"]},
        IQN: {"initiator": IQN, "host": "OS-node1-I-IG", "is_logged_in": True, "ports": ["SE-4E:0"]},
        STRANGER: {"initiator": STRANGER, "host": None, "is_logged_in": False, "ports": []},
    }
    assert [row["initiator"] for row in shell.json("initiator", "list", "--not-logged-in")] == [STRANGER]


def test_port_groups(shell) -> None:
    """A port group is a row with its ports, and is shown with the state and address of each."""
    rows = {row["port_group"]: row for row in shell.json("port", "group", "list")}
    assert rows["OS-iscsi-PG"] == {
        "port_group": "OS-iscsi-PG",
        "protocol": "iSCSI",
        "ports": ["SE-4E:0", "SE-5E:0"],
        "masking_views": 1,
    }
    shown = shell.json("port", "group", "show", "OS-iscsi-PG")
    assert [(port["port"], port["is_online"], port["ip_addresses"]) for port in shown["ports"]] == [
        ("SE-4E:0", True, ["10.10.0.250"]),
        ("SE-5E:0", True, ["10.11.0.250"]),
    ]
    assert shown["masking_views"] == [VIEW]
    finished = shell.call("port", "group", "show", "OS-iscsi-PG")
    assert "Ports          SE-4E:0  online  10.10.0.250\n" in finished.out


def test_masking_views(shell) -> None:
    """A view is a row with its parts, in every format, and is shown with logins, ports and LUNs."""
    row = {"masking_view": VIEW, "host": "OS-node1-I-IG", "port_group": "OS-iscsi-PG", "storage_group": PARENT}
    assert shell.json("masking", "view", "list") == [row]
    assert yaml.safe_load(shell.call("masking", "view", "list", "-f", "yaml").out) == [row]
    assert list(csv.DictReader(io.StringIO(shell.call("masking", "view", "list", "-f", "csv").out))) == [row]
    assert shell.call("masking", "view", "list", "-f", "value", "-c", "masking_view").out == f"{VIEW}\n"
    assert shell.json("masking", "view", "list", "--port-group", "OS-fibre-PG") == []
    assert shell.json("masking", "view", "list", "--host", "OS-node1-I-IG") == [row]
    shown = shell.json("masking", "view", "show", VIEW)
    assert shown["initiators"] == [{"name": IQN, "is_logged_in": True, "logged_in_on": ["SE-4E:0"]}]
    assert [port["port"] for port in shown["ports"]] == ["SE-4E:0", "SE-5E:0"]
    assert shown["volumes"] == [{"device_id": "00003", "lun": 1, "masking_view": VIEW, "paths": 2}]


PATH = f"""\
path node1 to 00003  finance-01  10 GiB
└── initiator {IQN}  logged in
    └── host OS-node1-I-IG
        └── view {VIEW}  port group OS-iscsi-PG
            ├── port SE-4E:0  online  logged in  LUN 1
            ├── port SE-5E:0  online  not logged in  LUN 1
            └── group {PARENT}
                └── group {CHILD}  Diamond
                    └── 00003  finance-01  10 GiB  LUN 1
"""


def test_path(shell) -> None:
    """From the initiator to the LUN, with the login state of each port, as a drawing and as data."""
    finished = shell.run("path", "finance-01", "node1")
    assert (finished.status, finished.out, finished.err) == (0, PATH, "")
    assert finished.widest <= WIDTH
    path = shell.json("path", "3", "OS-node1-I-IG")
    [initiator] = path["children"]
    [host] = initiator["children"]
    [view] = host["children"]
    *ports, group = view["children"]
    assert (path["volume"], initiator["name"], host["name"], view["name"]) == ("00003", IQN, "OS-node1-I-IG", VIEW)
    states = [(port["name"], port["is_online"], port["is_logged_in"], port["lun"]) for port in ports]
    assert states == [("SE-4E:0", True, True, 1), ("SE-5E:0", True, False, 1)]
    assert group["children"][0]["children"][0]["lun"] == 1


def test_what_does_not_exist(shell) -> None:
    """What is not there is told with the verb that shows what is."""
    for arguments, what, remedy in (
        (("host", "show", "node9"), "Host node9 does not exist.", "`pmax host list`"),
        (("path", "3", "node9"), "Host node9 does not exist.", "`pmax host list`"),
        (("path", "4", "node1"), "Path from host node1 to volume 00004 does not exist.", "`pmax volume show VOLUME`"),
        (("port", "group", "show", "PG9"), "Port group PG9 does not exist.", "`pmax port group list`"),
        (("masking", "view", "show", "MV9"), "Masking view MV9 does not exist.", "`pmax masking view list`"),
        (("masking", "view", "verify", "MV9"), "Masking view MV9 does not exist.", "`pmax masking view list`"),
    ):
        finished = shell.call(*arguments)
        assert (finished.status, finished.out) == (3, "")
        assert what in finished.err
        assert remedy in finished.err


VERIFIED = f"""\
view {VIEW}
ok      initiators      1 initiator, each logged in
ok      ports           2 ports online: SE-4E:0, SE-5E:0
ok      volumes         1 volume with LUN addresses
"""


def test_a_good_view(shell) -> None:
    """Nothing is wrong with a view whose host is logged in, whose ports are online and whose volumes have LUNs."""
    finished = shell.run("masking", "view", "verify", VIEW)
    assert (finished.status, finished.out) == (0, VERIFIED)
    assert {row["state"] for row in shell.json("masking", "view", "verify")} == {"ok"}


BROKEN = f"""\
view {VIEW}
warning initiators      {IQN} is not logged in on any
                        port of OS-iscsi-PG
                        → check that the host is up, and its zoning or its iSCSI
                          sessions to these ports
failed  ports           port SE-5E:0 is offline
                        → bring it online in Unisphere, or take it out of port
                          group OS-iscsi-PG
ok      volumes         1 volume with LUN addresses
"""


@pytest.fixture
def own_shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell on an array of one's own, with volume 00003 seen by a host that is not logged in."""
    shell = CommandLine.of(powermax_simulator, tmp_path)
    shell.furnish()
    return shell


@pytest.mark.powermax_simulator(tls=True)
def test_a_view_with_a_port_offline(own_shell) -> None:
    """A port that is offline is drift; a host that is not logged in may be down on purpose and is a warning."""
    assert own_shell.call("masking", "view", "verify").status == 0
    own_shell.simulator.arrays[ARRAY].set_port_online("SE-5E:0", is_online=False)
    finished = own_shell.run("masking", "view", "verify")
    assert (finished.status, finished.out) == (4, BROKEN)
    finished = own_shell.call("masking", "view", "verify", "-f", "json")
    assert finished.status == 4
    assert [(row["check"], row["state"]) for row in finished.data] == [
        ("initiators", "warning"),
        ("ports", "failed"),
        ("volumes", "ok"),
    ]
    [port] = [port for port in own_shell.json("port", "group", "show", "OS-iscsi-PG")["ports"] if not port["is_online"]]
    assert port["port"] == "SE-5E:0"


@pytest.mark.powermax_simulator(tls=True)
def test_a_view_without_paths(own_shell) -> None:
    """A volume without LUN address and a host without initiators are drift, and each is named with its remedy."""
    own_shell.make("host", {"editHostActionParam": {"removeInitiatorParam": {"initiator": [IQN]}}}, "OS-node1-I-IG")
    finished = own_shell.call("masking", "view", "verify", VIEW, "-f", "json")
    assert finished.status == 4
    findings = {row["check"]: row for row in finished.data}
    assert findings["initiators"]["finding"] == "initiator group OS-node1-I-IG is empty"
    assert findings["ports"]["state"] == "ok"
    assert findings["volumes"]["finding"] == "1 volume without LUN address: 00003"
    assert all(row["remedy"] for row in findings.values() if row["state"] == "failed")


@pytest.mark.powermax_simulator(tls=True)
def test_the_calls_do_not_grow_with_the_volumes(own_shell) -> None:
    """Thirty more volumes behind a view cost not one call more."""
    verbs = [
        ("host", "list"),
        ("host", "show", "node1"),
        ("initiator", "list"),
        ("port", "group", "list"),
        ("masking", "view", "list"),
        ("masking", "view", "show", VIEW),
        ("masking", "view", "verify"),
        ("path", "3", "node1"),
    ]

    def counts() -> list[int]:
        found = []
        for verb in verbs:
            own_shell.simulator.requests.clear()
            assert own_shell.call(*verb).status == 0
            found.append(len(own_shell.simulator.requests))
        return found

    before = counts()
    own_shell.fill(CHILD, 30)
    assert len(own_shell.json("host", "show", "node1")["volumes"]) == 31
    assert counts() == before
