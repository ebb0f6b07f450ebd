"""The verbs that only look, against a simulator over HTTPS; as real processes where that matters."""

import csv
import io

import pytest
import requests
import yaml

from tests.e2e.cli_process import ARRAY, IQN, OTHER_ARRAY, WWPN, CommandLine

pytestmark = pytest.mark.powermax_simulator(tls=True)

WIDTH = 80
ATTACHED = "OS-node1-SRP_1-DiamodNONE-OS-iscsi-PG"


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with a configured `pmax`."""
    return CommandLine.of(powermax_simulator, tmp_path)


@pytest.fixture
def furnished(shell) -> CommandLine:
    """The same, with volume 00003 seen by a host and volume 00004 by nobody."""
    shell.furnish()
    return shell


ARRAYS = """\
Array id      Model          Microcode     Family    Is local  Compresses
─────────────────────────────────────────────────────────────────────────
000197900998  PowerMax_2000  5978.669.669  PowerMax  yes       yes
000197900999  PowerMax_2000  5978.669.669  PowerMax  yes       yes
"""


def test_array_list(shell) -> None:
    """Every array that Unisphere manages is a row."""
    assert shell.run("array", "list").out == ARRAYS
    assert [row["array_id"] for row in shell.json("array", "list")] == [OTHER_ARRAY, ARRAY]


def test_array_show(shell) -> None:
    """An array is shown with what it offers, the one named by its last digits too."""
    shown = shell.json("array", "show", "998")
    assert shown["array_id"] == OTHER_ARRAY
    assert shown["srps"] == [
        {
            "name": "SRP_1",
            "total_gib": 26624.0,
            "used_gib": 0.0,
            "free_gib": 26624.0,
            "subscribed_gib": shown["srps"][0]["subscribed_gib"],
            "reserved_percent": 10,
        }
    ]
    text = shell.call("array", "show").out
    assert "Array id        000197900999\n" in text
    assert "SRPs            SRP_1: 0 % of 26,624 GiB used, 0 % promised\n" in text
    assert "Service levels  Diamond\n                Platinum\n" in text


POOLS = """\
                                   Service                       Total
Pool name                          level      Workload  SRP        GiB  Free GiB
────────────────────────────────────────────────────────────────────────────────
Diamond+None+SRP_1+000197900999    Diamond    -         SRP_1   26,624    26,624
"""


def test_pool_list(shell) -> None:
    """The names that a volume type may have are rows, each meaning once, and every spelling with --all."""
    assert shell.call("pool", "list").out.startswith(POOLS)
    pools = shell.json("pool", "list")
    assert pools[0] == {
        "pool_name": f"Diamond+None+SRP_1+{ARRAY}",
        "service_level": "Diamond",
        "workload": None,
        "srp": "SRP_1",
        "total_gib": 26624.0,
        "free_gib": 26624.0,
    }
    assert pools[-1]["service_level"] is None
    every = [pool["pool_name"] for pool in shell.json("pool", "list", "--all")]
    assert {f"Diamond+SRP_1+{ARRAY}", f"Diamond+NONE+SRP_1+{ARRAY}"} < set(every)
    assert len(every) == len(set(every)) > len(pools)


VOLUMES = """\
Device id  Identifier  Size GiB  Is attached  Status
────────────────────────────────────────────────────
00001      -               0.01  no           Ready
00002      -               0.01  no           Ready
00003      finance-01        10  yes          Ready
00004      archive-01         3  no           Ready
"""


def test_volume_list(furnished) -> None:
    """Every volume is a row; the calls do not grow with their number."""
    assert furnished.run("volume", "list").out == VOLUMES
    assert len(furnished.simulator.requests) <= 4
    rows = furnished.json("volume", "list")
    assert [(row["device_id"], row["identifier"], row["size_gib"]) for row in rows[2:]] == [
        ("00003", "finance-01", 10.0),
        ("00004", "archive-01", 3.0),
    ]


@pytest.mark.parametrize(
    ("filters", "devices"),
    [
        (("--identifier", "finance"), ["00003"]),
        (("--storage-group", "OS-SRP_1-Gold-NONE-SG"), ["00004"]),
        (("--storage-group", "OS-node1-I-OS-iscsi-PG-SG"), ["00003"]),
        (("--unattached",), ["00001", "00002", "00004"]),
        (("--limit", "1"), ["00001"]),
        (("--limit", "0"), []),
        (("--filter", "identifier=*-01"), ["00003", "00004"]),
        (("--filter", "identifier=*-01", "--limit", "1"), ["00003"]),
        (("--filter", "storage_groups=OS-SRP_1-Gold-NONE-SG"), ["00004"]),
    ],
)
def test_volume_list_filters(furnished, filters, devices) -> None:
    """Filters leave out what does not match; a parent group stands for its children."""
    assert [row["device_id"] for row in furnished.json("volume", "list", *filters)] == devices


def test_the_formats_of_openstack(furnished) -> None:
    """Every format of cliff gives the same rows, with -c and --sort-column as OpenStack users know them."""
    options = (
        "volume",
        "list",
        "-c",
        "device_id",
        "-c",
        "Identifier",
        "--sort-column",
        "device_id",
        "--sort-descending",
    )
    rows = [["00004", "archive-01"], ["00003", "finance-01"]]
    assert [list(row.values()) for row in furnished.json(*options)[:2]] == rows
    assert [list(row.values()) for row in yaml.safe_load(furnished.run(*options, "-f", "yaml").out)[:2]] == rows
    assert list(csv.reader(io.StringIO(furnished.run(*options, "-f", "csv").out)))[1:3] == rows
    value = furnished.run(*options, "-f", "value").out
    assert [line.split() for line in value.splitlines()[:2]] == rows


def test_an_empty_list_says_so(shell) -> None:
    """A table without rows says that there are none; JSON is an empty list."""
    assert shell.call("volume", "list", "--identifier", "nothing").out == "No volume matches.\n"
    assert shell.json("volume", "list", "--identifier", "nothing") == []


@pytest.mark.parametrize("name", ["3", "0x3", "00003", "finance-01", "60000970000197900999533030303033"])
def test_volume_show(furnished, name) -> None:
    """A volume is found by device id, identifier or WWN, and shown with the hosts that see it."""
    shown = furnished.json("volume", "show", name)
    assert (shown["device_id"], shown["service_level"]) == ("00003", "Diamond")
    [sight] = shown["seen_by"]
    assert (sight["host"], sight["lun"], len(sight["paths"])) == ("OS-node1-I-IG", 1, 2)


def test_volume_show_for_people(furnished) -> None:
    """The same as lines that fit the terminal."""
    finished = furnished.run("volume", "show", "finance-01")
    assert finished.widest <= WIDTH
    assert "Seen by             OS-node1-I-IG as LUN 1" in finished.out


def test_a_volume_of_cinder_is_found_by_its_id(shell) -> None:
    """The id that Cinder shows is enough."""
    cinder_id = "e8c8a5f0-7d1a-4d4c-9e05-1a2b3c4d5e6f"
    shell.json("volume", "create", f"OS-{cinder_id}", "--size", "1")
    assert shell.json("volume", "show", cinder_id)["device_id"] == "00003"


TREE = f"""\
array 000197900999  PowerMax_2000  5978.669.669
├── host OS-node1-I-IG  {IQN}
│   └── view OS-node1-I-OS-iscsi-PG-MV  port group OS-iscsi-PG  SE-4E:0  SE-5E:0
│       └── group OS-node1-I-OS-iscsi-PG-SG
│           └── group {ATTACHED}  Diamond
│               └── 00003  finance-01  10 GiB  LUN 1
├── group OS-SRP_1-Gold-NONE-SG  Gold
│   └── 00004  archive-01  3 GiB
├── 00001  (no identifier)  0.01 GiB
└── 00002  (no identifier)  0.01 GiB
"""
VOLUME_TREE = f"""\
00003  finance-01  10 GiB
└── host OS-node1-I-IG  {IQN}
    └── view OS-node1-I-OS-iscsi-PG-MV  port group OS-iscsi-PG  SE-4E:0  SE-5E:0
        └── group OS-node1-I-OS-iscsi-PG-SG
            └── group {ATTACHED}  Diamond
                └── 00003  finance-01  10 GiB  LUN 1
"""
GROUP_TREE = f"""\
group {ATTACHED}  Diamond
├── host OS-node1-I-IG  through view OS-node1-I-OS-iscsi-PG-MV  OS-iscsi-PG
└── 00003  finance-01  10 GiB
"""


@pytest.mark.parametrize(
    ("subject", "drawn"),
    [((), TREE), (("volume", "3"), VOLUME_TREE), (("group", ATTACHED), GROUP_TREE)],
)
def test_tree(furnished, subject, drawn) -> None:
    """Hosts, views, groups, volumes and LUNs hang below each other, and it fits a terminal."""
    finished = furnished.call("tree", *subject)
    assert finished.out == drawn
    assert finished.widest <= WIDTH


def test_the_tree_of_a_host(furnished) -> None:
    """A host is found by the name of its initiator group and by the name of the computer."""
    trees = {furnished.call("tree", "host", name).out for name in ("node1", "node1.example.com", "OS-node1-I-IG")}
    assert len(trees) == 1
    assert "LUN 1" in trees.pop()


def test_the_tree_of_another_array(shell) -> None:
    """An array is found by its last digits."""
    assert shell.call("tree", "array", "998").out.startswith(f"array {OTHER_ARRAY}  PowerMax_2000")


def test_the_tree_for_programs(furnished) -> None:
    """JSON has the same tree, with every path of every volume."""
    host = furnished.json("tree", "host", "node1")
    [view] = host["children"]
    [parent] = view["children"]
    [child] = parent["children"]
    [volume] = child["children"]
    assert [node["kind"] for node in (host, view, parent, child, volume)] == [
        "host",
        "masking view",
        "storage group",
        "storage group",
        "volume",
    ]
    assert (volume["name"], volume["lun"]) == ("00003", 1)
    assert {path["port"] for path in volume["paths"]} == {"SE-4E:0", "SE-5E:0"}


def test_a_long_group_is_cut_in_the_drawing_only(shell) -> None:
    """People see the first volumes of a group and how many more there are; programs get all."""
    for number in range(3):
        shell.json("volume", "create", f"many-{number}", "--size", "1")
    assert "… and 2 more volumes\n" in shell.call("tree", "--limit", "1").out
    [group] = [node for node in shell.json("tree", "--limit", "1")["children"] if node["kind"] == "storage group"]
    assert len(group["children"]) == 3


DOCTOR = [
    "configuration",
    "plugins",
    "journal",
    "time-outs",
    "connection",
    "certificate",
    "version",
    "credentials",
    "array",
    "SRP",
    "service level",
    "port groups",
    "licences",
    "licences",
]


def test_doctor_finds_nothing_wrong(shell) -> None:
    """On a good configuration every check is fine, in the same order in text and JSON, and nothing is changed."""
    finished = shell.call("doctor")
    assert (finished.status, finished.err) == (0, "")
    assert finished.widest <= WIDTH
    assert [row["check"] for row in shell.json("doctor")] == DOCTOR
    assert {row["state"] for row in shell.json("doctor")} == {"ok"}
    assert shell.changes() == []


def test_journal_list(shell) -> None:
    """Without interrupted operations the journal is empty."""
    assert shell.call("journal", "list").out == "No operation was interrupted, and none left anything behind.\n"
    assert shell.json("journal", "list") == []


def test_plugin_list(shell) -> None:
    """What comes with pmax is listed as what strangers add; a blocked plugin is listed as blocked."""
    shell.stanza["pmax_blocked_plugins"] = "audit"
    plugins = {row["plugin"]: row for row in shell.json("plugin", "list")}
    assert plugins["protocol_iscsi"]["hooks"] == ["register_protocols"]
    assert plugins["audit"]["state"] == "blocked"
    assert shell.call("plugin", "list").widest <= WIDTH
    shown = shell.json("plugin", "show", "protocol_iscsi")
    assert (shown["state"], shown["package"], shown["hooks"]) == ("loaded", "pmax", ["register_protocols"])
    assert shell.json("plugin", "show", "audit")["state"] == "blocked"
    assert shell.call("plugin", "show", "nothing").status == 3


def test_another_array_by_its_last_digits(shell) -> None:
    """--array and PMAX_ARRAY choose another array of the same Unisphere, before or after the verb."""
    assert shell.json("--array", "998", "array", "show")["array_id"] == OTHER_ARRAY
    assert shell.json("array", "show", "--array", OTHER_ARRAY)["array_id"] == OTHER_ARRAY
    finished = shell.run("array", "show", "-c", "array_id", "-f", "value", environment={"PMAX_ARRAY": "998"})
    assert finished.out == f"{OTHER_ARRAY}\n"


def test_fibre_channel_too(shell) -> None:
    """A host with WWPNs is shown like one with an IQN."""
    shell.json("volume", "create", "finance-01", "--size", "1")
    shell.json("volume", "attach", "finance-01", "--host", "node2", "--wwpn", WWPN, "--port-group", "OS-fibre-PG")
    assert f"host OS-node2-F-IG  {WWPN}\n" in shell.call("tree").out


def test_the_other_side_of_a_replicated_volume(shell, powermax_simulator) -> None:
    """`tree volume` and `path` show the pair: both devices, the role here, mode and state."""
    shell.furnish()
    group = next(iter(powermax_simulator.arrays[ARRAY].volumes["00003"].storage_groups))
    session = requests.Session()
    session.auth = ("smc", "smc")
    powermax_simulator.mount(session)
    url = f"https://unisphere.invalid:8443/univmax/restapi/92/replication/symmetrix/{ARRAY}/storagegroup/{group}/rdf_group"
    body = {
        "replicationMode": "Synchronous",
        "remoteSymmId": OTHER_ARRAY,
        "rdfgNumber": 70,
        "remoteStorageGroupName": "far",
        "establish": "true",
    }
    answer = session.post(url, json=body)
    assert answer.ok, answer.text
    [pair] = [each for each in shell.json("tree", "volume", "00003")["children"] if each["kind"] == "pair"]
    far = powermax_simulator.srdf.other_side(ARRAY, "00003")[1]
    assert (pair["remote_device_id"], pair["remote_array_id"], pair["role"]) == (far, OTHER_ARRAY, "R1")
    assert (pair["mode"], pair["state"], pair["rdf_group"]) == ("Synchronous", "Synchronized", 70)
    drawn = shell.call("tree", "volume", "00003").out
    assert f"pair {far} of {OTHER_ARRAY}  R1 here  Synchronous  Synchronized  RDF group 70" in drawn
