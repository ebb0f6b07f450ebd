import pytest

from pmax.domain.errors import InvalidRequest
from pmax.domain.versions import UnisphereVersion, rest_path_version


@pytest.mark.parametrize(
    ("text", "numbers", "stage"),
    [
        ("V9.2.0.8", (9, 2, 0, 8), "V"),
        ("V10.0.0.1", (10, 0, 0, 1), "V"),
        ("T9.1.0.17", (9, 1, 0, 17), "T"),
        ("x10.1.0.2", (10, 1, 0, 2), "X"),
    ],
)
def test_version_is_a_stage_and_numbers(text, numbers, stage):
    """The letter tells releases from test builds; the rest is numbers."""
    version = UnisphereVersion.parse(text)
    assert (version.numbers, version.stage) == (numbers, stage)
    assert version.is_release is (stage == "V")
    assert str(version) == text.upper()


@pytest.mark.parametrize("text", ["", "9.2.0.8", "V", "V9", "V9.2.0.8-rc", "VV9.2", "V9..2", "V9.2\n"])
def test_anything_else_is_no_version(text):
    """What does not look like a version is refused."""
    with pytest.raises(InvalidRequest) as caught:
        UnisphereVersion.parse(text)
    assert caught.value.field == "Unisphere version"


def test_versions_are_compared_by_numbers():
    """Unisphere 10 is newer than 9, and the stage makes no version older."""
    assert UnisphereVersion.parse("V10.0.0.0") > UnisphereVersion.parse("V9.2.0.8")
    assert UnisphereVersion.parse("T9.2.0.0") < UnisphereVersion.parse("V9.2.0.1")
    assert not UnisphereVersion.parse("T9.2.0.0") < UnisphereVersion.parse("V9.2.0.0")


@pytest.mark.parametrize(
    ("text", "path_version"),
    [
        ("V9.0.0.1", 90),
        ("V9.1.0.5", 91),
        ("V9.2.0.8", 92),
        ("V9.3.0.0", 92),
        ("V10.0.0.0", 100),
        ("V10.3.0.2", 100),
        ("X10.1.0.0", 100),
    ],
)
def test_path_version_of_each_server(text, path_version):
    """Each server is asked in the newest API version that pmax knows and the server has."""
    assert rest_path_version(UnisphereVersion.parse(text)) == path_version


@pytest.mark.parametrize(
    ("text", "remedy"), [("V8.4.0.15", "upgrade Unisphere for PowerMax to 9.0"), ("V11.0.0.0", "newer pmax")]
)
def test_servers_that_pmax_cannot_handle(text, remedy):
    """A server that is too old or too new is refused by name, with a remedy."""
    with pytest.raises(InvalidRequest, match=remedy) as caught:
        rest_path_version(UnisphereVersion.parse(text))
    assert caught.value.value == text
