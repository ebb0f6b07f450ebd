import pytest

from pmax.domain.legacy_names import StagingNames, is_staging_name, legacy_host

TOKEN = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"


@pytest.mark.parametrize(
    ("masking_view", "host"),
    [
        ("OS-myhost-No_SLO-e14f48b8-MV", "myhost"),
        ("OS-myhost-SRP_1-Diamond-NONE-MV", "myhost"),
        ("OS-my-host-SRP_1-Gold-OLTP-MV", "my-host"),
        ("OS-myhost-SRP_1-Gold-DSS_REP-I-CD-RE-0a1b2c3d-MV", "myhost"),
        ("OS-myhost-No_SLO-F-MV", "myhost"),
    ],
)
def test_view_of_the_smi_s_era(masking_view, host):
    """A view that carries an SRP and a level, or No_SLO, is of the old layout and gives its host away."""
    assert legacy_host(masking_view, "SRP_1", ("I", "F", "NT")) == host


@pytest.mark.parametrize(
    "masking_view",
    [
        "OS-myhost-F-PG-MV",
        "OS-myhost-SRP_2-Diamond-NONE-MV",  # another SRP
        "OS-myhost-SRP_1-Diamond-FAST-MV",  # no such workload
        "OS-myhost-I-No_SLO-MV",  # modern: the port group is called No_SLO
        "OS-myhost-NT-SRP_1-a-NONE-MV",  # modern: the port group is called SRP_1-a-NONE
        "OS-SRP_1-Diamond-NONE-MV",  # no host
        "STG-myhost-No_SLO-MV",
    ],
)
def test_view_of_another_kind(masking_view):
    """A modern view is never mistaken for an old one, whatever its port group is called."""
    assert legacy_host(masking_view, "SRP_1", ("I", "F", "NT")) is None


def test_srp_is_no_pattern():
    """Characters of the SRP stand for themselves."""
    assert legacy_host("OS-myhost-SRPX1-Diamond-NONE-MV", "SRP.1", ()) is None


def test_staging_names():
    """What exists only during a move is named after host and move, and can be recognised."""
    names = StagingNames("myhost", TOKEN)
    assert names.storage_group == f"STG-myhost-{TOKEN}-SG"
    assert names.masking_view == f"STG-myhost-{TOKEN}-MV"
    assert names.seed_volume == f"tempvol-{TOKEN}"
    assert names.placeholder_volume == f"hold-{TOKEN}"
    assert is_staging_name(names.storage_group)
    assert not is_staging_name("OS-myhost-I-PG-SG")
