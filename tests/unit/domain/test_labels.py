import pytest

from pmax.domain.errors import InvalidRequest
from pmax.domain.labels import HOST_LABELS, PORT_GROUP_LABELS, truncate
from pmax.domain.naming import NamePolicy

DEFAULT = NamePolicy()


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("abcdefghijklmnopqrstuvwxyz0123456789", 19, "abcdefghi123456789"),
        ("DiamondNONE", 10, "DiamodNONE"),
        ("DiamondOLTP_REP", 10, "DiamoP_REP"),
        ("PlatinumNONE", 10, "PlatimNONE"),
        ("OptimizedNONE", 10, "OptimdNONE"),
        ("GoldDSS_REP", 10, "GoldDS_REP"),
        ("SilverOLTP", 10, "SilverOLTP"),
        ("STORAGE_POOL_ONE_LONG", 12, "STORAGE_LONG"),
        ("MySuperLongGenericVolumeGroupName", 27, "MySuperLongGelumeGroupName"),
        ("", 10, ""),
    ],
)
def test_truncation_keeps_beginning_and_end(text, length, expected):
    """A text that is too long keeps its first and its last half."""
    assert truncate(text, length) == expected


@pytest.mark.parametrize(
    ("host", "older", "newer"),
    [
        ("myhost.example.com", "myhost", "myhost"),
        ("sixteen-chars-ok", "sixteen-chars-ok", "sixteen-chars-ok"),
        ("seventeen-chars-x", "hars-x84fcaf86db", "hars-x84fcaf86db"),
        ("compute-node-0042.prod.example.com", "e-004258c19175fe", "e-004258c19175fe"),
        ("COMPUTE-NODE-0042", "e-004258c19175fe", "E-004258c19175fe"),
        ("Compute-Rack12-NodeAB", "nodeabf236eac8ab", "NodeABf236eac8ab"),
        ("controller-node-rack7-slot12", "slot12d998873915", "slot12d998873915"),
        ("my-very-long-compute-hostname-17", "ame-17194b205525", "ame-17194b205525"),
        ("192.168.10.20", "192", "192"),
        ("HostX", "HostX", "HostX"),
    ],
)
def test_host_label_in_both_generations(host, older, newer):
    """A host is written in the newer form; both forms are known, each once."""
    assert DEFAULT.host_label(host) == newer
    assert DEFAULT.known_host_labels(host) == tuple(dict.fromkeys((newer, older)))


@pytest.mark.parametrize(
    ("port_group", "older", "newer"),
    [
        ("OS-ISCSI-PG", "OS-ISCSI-PG", "OS-ISCSI-PG"),
        ("os-pg-12char", "os-pg-12char", "os-pg-12char"),
        ("os-failover-pg", "ver-pg355b04", "ver-pg355b04"),
        ("OS-FAILOVER-PG", "ver-pg355b04", "VER-PG355b04"),
        ("OS-fibre-channel-PG", "nel-pg3a789b", "nel-PG3a789b"),
        ("PowerMaxISCSIPortGroup1", "group1168425", "Group1168425"),
        ("MY_ISCSI_PORTGROUP_A", "roup_a5cd164", "ROUP_A5cd164"),
    ],
)
def test_port_group_label_in_both_generations(port_group, older, newer):
    """A port group is written in the newer form; both forms are known, each once."""
    assert DEFAULT.port_group_label(port_group) == newer
    assert DEFAULT.known_port_group_labels(port_group) == tuple(dict.fromkeys((newer, older)))


@pytest.mark.parametrize(
    ("template", "long_host", "short_host"),
    [
        ("shortHostName", "e-004258c19175fe", "HostX"),
        ("shortHostName[:6]uuid[:9]", "comput58c705b5e", "HostX699ea069f"),
        ("shortHostName[:6]-testHost", "comput-testHost", "HostX-testHost"),
        ("shortHostName[-6:]uuid[:9]", "e-004258c705b5e", "HostX699ea069f"),
        ("shortHostName[-6:]-testHost", "e-0042-testHost", "HostX-testHost"),
    ],
)
def test_host_template(template, long_host, short_host):
    """A template decides how a host is written; the domain is cut off first."""
    policy = NamePolicy(host_template=template)
    assert policy.host_label("compute-node-0042.prod.example.com") == long_host
    assert policy.host_label("HostX") == short_host


@pytest.mark.parametrize(
    ("template", "long_name", "short_name"),
    [
        ("portGroupName", "Group1168425", "os-fc-pg"),
        ("portGroupName[:6]uuid[:5]", "PowerM2b489", "os-fc-0fbcd"),
        ("portGroupName[:6]-test", "PowerM-test", "os-fc--test"),
        ("portGroupName[-6:]uuid[:5]", "Group12b489", "-fc-pg0fbcd"),
        ("portGroupName[-6:]-test", "Group1-test", "-fc-pg-test"),
    ],
)
def test_port_group_template(template, long_name, short_name):
    """A template decides how a port group is written."""
    policy = NamePolicy(port_group_template=template)
    assert policy.port_group_label("PowerMaxISCSIPortGroup1") == long_name
    assert policy.port_group_label("os-fc-pg") == short_name


def test_forms_without_the_template_stay_known():
    """Objects made before a template was set are found: its form comes first, then the newer and the older default."""
    policy = NamePolicy("shortHostName[:6]uuid[:9]", "portGroupName[-6:]uuid[:5]")
    assert policy.known_host_labels("Compute-Rack12-NodeAB") == (
        "Computf2e701f68",
        "NodeABf236eac8ab",
        "nodeabf236eac8ab",
    )
    assert policy.known_port_group_labels("OS-FAILOVER-PG") == ("VER-PG1a752", "VER-PG355b04", "ver-pg355b04")


@pytest.mark.parametrize(
    "template",
    [
        "",
        "hostName",
        "shortHostNameX",
        "shortHostName[:6]",
        "shortHostName[6]uuid[:9]",
        "shortHostName[:0]uuid[:9]",
        "shortHostName[-0:]uuid[:9]",
        "shortHostName[:6]uuid[:0]",
        "shortHostName[:-6]uuid[:9]",
        "shortHostName[:6:]uuid[:9]",
        "shortHostName[:6]a b",
        "shortHostName[:6]a\\b",
        "shortHostName[:6]ü",
        "portGroupName",
        "shortHostName\n",
    ],
)
def test_template_that_is_not_understood(template):
    """A template beyond the grammar is refused when it is configured, with the forms that are possible."""
    with pytest.raises(InvalidRequest, match=r"write shortHostName or shortHostName\[:x\]uuid\[:y\]") as caught:
        NamePolicy(host_template=template)
    assert caught.value.field == "powermax_short_host_name_template"


@pytest.mark.parametrize("template", ["shortHostName[:8]uuid[:9]", "shortHostName[-12:]-test"])
def test_host_template_that_makes_long_labels(template):
    """A template whose labels could have 17 characters is refused."""
    with pytest.raises(InvalidRequest, match="labels of 17 characters, and at most 16 fit"):
        NamePolicy(host_template=template)


def test_port_group_template_that_makes_long_labels():
    """A template whose labels could have 13 characters is refused, under the name of its own option."""
    with pytest.raises(InvalidRequest, match="labels of 13 characters, and at most 12 fit") as caught:
        NamePolicy(port_group_template="portGroupName[:6]uuid[:7]")
    assert caught.value.field == "powermax_port_group_name_template"


@pytest.mark.parametrize("host", ["", ".example.com", "my host", "höst", "fe80::1", "a" * 30 + "é"])
def test_host_that_no_name_can_hold(host):
    """A host whose label the array would refuse is an error of the compute host, not of the array."""
    with pytest.raises(InvalidRequest) as caught:
        DEFAULT.host_label(host)
    assert caught.value.field == "compute host"


@pytest.mark.parametrize("port_group", ["", "my pg", "pg.1"])
def test_port_group_that_no_name_can_hold(port_group):
    """A port group whose label the array would refuse is an error of the port group."""
    with pytest.raises(InvalidRequest) as caught:
        DEFAULT.port_group_label(port_group)
    assert caught.value.field == "port group"


def test_label_that_could_not_have_been_written_is_not_known():
    """With a template, the default form of a hostile name is left out instead of failing the attach."""
    assert HOST_LABELS.known("shortHostName[:4]uuid[:8]", "host-with-an-é") == ("host8b220118",)


def test_limits_of_the_schemes():
    """Labels of hosts have 16 characters at most, those of port groups 12."""
    assert (HOST_LABELS.length, PORT_GROUP_LABELS.length) == (16, 12)
