import pytest

from pmax.domain import identifiers
from pmax.domain.errors import InvalidRequest


def test_array_serial_has_twelve_digits():
    """The serial of an array is taken as it is."""
    assert identifiers.array_id("000197900123") == "000197900123"


@pytest.mark.parametrize(
    "text", ["", "197900123", "0001979001234", "00019790012A", "000197900123\n", " 00197900123", "٠٠٠١٩٧٩٠٠١٢٣"]
)
def test_anything_else_is_no_array_serial(text):
    """Whatever does not have exactly twelve ASCII digits is refused, with the text as it was given."""
    with pytest.raises(InvalidRequest) as caught:
        identifiers.array_id(text)
    assert (caught.value.field, caught.value.value) == ("array serial", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("588", "00588"),
        ("00588", "00588"),
        ("0x588", "00588"),
        ("0X00588", "00588"),
        ("031d8", "031D8"),
        ("0012f", "0012F"),
        ("FFFFF", "FFFFF"),
        ("0", "00000"),
    ],
)
def test_device_id_is_written_as_the_array_does(text, expected):
    """However people copy it, a device id has five hexadecimal digits in upper case."""
    assert identifiers.device_id(text) == expected


@pytest.mark.parametrize("text", ["", "0x", "000588", "0x123456", "00G01", "5_88", "-588", "00588 ", "00588\n", "٥٨٨"])
def test_anything_else_is_no_device_id(text):
    """What Python would take for a number is not yet a device id."""
    with pytest.raises(InvalidRequest) as caught:
        identifiers.device_id(text)
    assert caught.value.field == "device id"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10:00:00:90:FA:5E:1A:04", "10000090fa5e1a04"),
        ("5000097398000404", "5000097398000404"),
        ("60000970000197900049533030334536", "60000970000197900049533030334536"),
    ],
)
def test_wwn_is_written_without_separators(text, expected):
    """A world wide name is kept in lower case, without colons."""
    assert identifiers.wwn(text) == expected


@pytest.mark.parametrize("text", ["", "1000", "10000090fa5e1a0", "10000090fa5e1a04a", "10000090fa5e1a0g"])
def test_wwn_has_16_or_32_digits(text):
    """A world wide name of another length, or with another character, is refused."""
    with pytest.raises(InvalidRequest) as caught:
        identifiers.wwn(text)
    assert caught.value.field == "world wide name"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("iqn.1991-05.com.company.lcseb130", "iqn.1991-05.com.company.lcseb130"),
        ("iqn.1993-08.org.debian:01:4AF2BC", "iqn.1993-08.org.debian:01:4af2bc"),
        ("iqn.1994-05.com.redhat:my_host", "iqn.1994-05.com.redhat:my_host"),
        ("eui.02004567A425678D", "eui.02004567a425678d"),
        ("naa.52004567BA64678D", "naa.52004567ba64678d"),
        ("naa.62004567BA64678D0123456789ABCDEF", "naa.62004567ba64678d0123456789abcdef"),
    ],
)
def test_iscsi_name_is_kept_in_lower_case(text, expected):
    """All three kinds of iSCSI names are taken, and compared without case."""
    assert identifiers.iqn(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "iqn",
        "iqn.1991-05.",
        "iqn.91-05.com.company",
        "iqn.1991-05.com company",
        "iqn.1991-05.com/company",
        "iqn.1991-05.com\ncompany",
        "iqn.1991-05.com\ud800",
        "eui.0200",
        "10000090fa5e1a04",
        "iqn.1991-05.com." + "a" * 223,
    ],
)
def test_anything_else_is_no_iscsi_name(text):
    """An iSCSI name that could not exist is refused before it reaches a query."""
    with pytest.raises(InvalidRequest) as caught:
        identifiers.iqn(text)
    assert caught.value.field == "iSCSI initiator name"


@pytest.mark.parametrize("text", ["a", "OS-ISCSI-PG", "SRP_1", "x" * 64])
def test_object_name_that_the_array_takes(text):
    """Letters, digits, underscores and dashes make a name of up to 64 characters."""
    assert identifiers.object_name(text, "port group") == text


@pytest.mark.parametrize("text", ["", "a b", "a.b", "a+b", "naïve", "a\n", "x" * 65])
def test_object_name_that_the_array_refuses(text):
    """A name that the array would refuse is an error of the kind of object that it names."""
    with pytest.raises(InvalidRequest) as caught:
        identifiers.object_name(text, "port group")
    assert (caught.value.field, caught.value.value) == ("port group", text)


def test_name_of_65_characters_is_told_its_length():
    """The error for a name that is too long counts its characters."""
    with pytest.raises(InvalidRequest, match=r"64 characters.*this one has 65"):
        identifiers.object_name("x" * 65, "storage group")


@pytest.mark.parametrize("text", ["OS-PowerMaxSnapshot", "temp-00001-snapshot_for_clone", "x" * 32, "a.b"])
def test_snapshot_name_that_the_array_takes(text):
    """A snapshot name has up to 32 characters."""
    assert identifiers.snapshot_name(text) == text


@pytest.mark.parametrize("text", ["", "a:b", "a/b", "a b", "naïve", "a\n"])
def test_snapshot_name_that_the_array_refuses(text):
    """Colons, and what could not stand in a path, are refused in snapshot names."""
    with pytest.raises(InvalidRequest) as caught:
        identifiers.snapshot_name(text)
    assert caught.value.field == "snapshot name"


def test_snapshot_name_of_33_characters_is_told_its_length():
    """The error for a snapshot name that is too long counts its characters."""
    with pytest.raises(InvalidRequest, match=r"32 ASCII characters.*this one has 33"):
        identifiers.snapshot_name("x" * 33)


def test_wwn_of_a_volume_follows_from_array_and_device():
    """A volume's world wide name contains its array and, in ASCII, the letter S and its device id."""
    array, device = identifiers.array_id("000197900049"), identifiers.device_id("003E6")
    assert identifiers.volume_wwn(array, device) == "60000970000197900049533030334536"
