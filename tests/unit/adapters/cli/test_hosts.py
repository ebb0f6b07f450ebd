"""What the command line says about a compute host."""

import pytest

from pmax.adapters.cli.hosts import HostOptions, Way, way_to
from pmax.adapters.cli.refusals import WrongUsage
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import MaskingView
from pmax.domain.naming import NamePolicy
from pmax.plugins.protocol_fc import FibreChannelProtocol
from pmax.plugins.protocol_iscsi import IscsiProtocol

IQN = "iqn.1994-05.com.example:node1"
WWPN = "10000090fa5e1a04"


@pytest.mark.parametrize(
    ("options", "protocol"),
    [
        (HostOptions(initiator=IQN), "iscsi"),
        (HostOptions(wwpns=(WWPN,)), "fc"),
        (HostOptions(protocol="nvme_tcp"), "nvme_tcp"),
        (HostOptions(protocol="fc", wwpns=(WWPN,)), "fc"),
        (HostOptions(), None),
    ],
)
def test_initiators_tell_the_protocol(options, protocol) -> None:
    """An IQN means iSCSI and WWPNs mean Fibre Channel; a protocol that is named needs to agree."""
    assert options.told_protocol() == protocol


@pytest.mark.parametrize(
    "options", [HostOptions(protocol="fc", initiator=IQN), HostOptions(initiator=IQN, wwpns=(WWPN,))]
)
def test_contradictions_are_refused(options) -> None:
    """Initiators of one protocol cannot go with another."""
    with pytest.raises(WrongUsage, match="fc and iscsi at once"):
        options.told_protocol()


def test_initiators_are_written_as_the_array_keeps_them() -> None:
    """Case and separators of an IQN or WWPN do not matter."""
    options = HostOptions(initiator=IQN.upper(), wwpns=("10:00:00:90:FA:5E:1A:04",), properties=("nqn=a=b",))
    assert options.connector_properties() == {"initiator": IQN, "wwpns": [WWPN], "nqn": "a=b"}


@pytest.mark.parametrize("options", [HostOptions(initiator="node1"), HostOptions(wwpns=("12",))])
def test_what_is_no_initiator_is_refused(options) -> None:
    """A text that cannot be an IQN or a WWPN is refused before anything is sent."""
    with pytest.raises(InvalidRequest):
        options.connector_properties()


@pytest.mark.parametrize("text", ["nqn", "=value"])
def test_a_property_has_a_key_and_a_value(text) -> None:
    """A property without a key or without an equals sign is refused."""
    with pytest.raises(WrongUsage, match="KEY=VALUE"):
        HostOptions(properties=(text,)).connector_properties()


def view(name: str) -> MaskingView:
    """A masking view of port group PG1."""
    return MaskingView(array_id=ArrayId("000197900123"), name=name, storage_group="SG", port_group="PG1")


VIEWS = [view("made-by-hand"), view("OS-node1-F-PG1-MV"), view("OS-node2-I-PG1-MV")]


@pytest.mark.parametrize(
    ("host", "way"),
    [
        ("node1.example.com", Way("fc", "PG1")),
        ("node2", Way("iscsi", "PG1")),
        (None, Way("fc", "PG1")),
        ("node3", Way("iscsi")),
    ],
)
def test_the_name_of_a_view_tells_its_host_and_protocol(host, way) -> None:
    """A host is recognised by its label in the name of a view, its protocol by the letter behind it."""
    assert way_to(host, VIEWS, (FibreChannelProtocol(), IscsiProtocol()), NamePolicy()) == way


def test_known_initiators_fill_a_connector() -> None:
    """What the array knows about a host is put under the keys that the protocol reads."""
    assert HostOptions.of_known("iscsi", (IQN,)) == {"initiator": IQN}
    assert HostOptions.of_known("fc", (WWPN,)) == {"wwpns": [WWPN]}
    assert HostOptions.of_known("iscsi", ()) == {}
