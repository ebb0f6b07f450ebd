"""Names get into paths as names and as nothing else."""

from urllib.parse import unquote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from pmax.adapters.rest import paths
from pmax.adapters.rest.dialects import dialect_of
from pmax.domain.errors import InvalidRequest
from pmax.domain.versions import UnisphereVersion

DIALECT = dialect_of(UnisphereVersion.parse("V9.2.0.0"))
PREFIX = "/92/sloprovisioning/symmetrix/000197900123/storagegroup/"


def group_path(name, query=()):
    """The path of a storage group."""
    return paths.STORAGE_GROUP.at(DIALECT, query=query, array="000197900123", name=name)


def test_a_plain_name_stays_as_it_is():
    """Names of our own need no quoting."""
    assert group_path("OS-host_a-I-SG") == PREFIX + "OS-host_a-I-SG"


def test_the_colons_of_initiators_stay():
    """Initiators are written with colons, as every client sends them."""
    path = paths.INITIATOR.at(DIALECT, array="000197900123", name="SE-4E:000:iqn.1993-08.org:a")
    assert path.endswith("/initiator/SE-4E:000:iqn.1993-08.org:a")


@pytest.mark.parametrize("name", ["", ".", "..", "a\nb", "a\x00", "a\x7f", "\ud800"])
def test_what_is_no_name_is_refused(name):
    """Empty names, dots alone and control characters cannot be part of a path."""
    with pytest.raises(InvalidRequest):
        group_path(name)


@given(st.text(min_size=1))
def test_any_other_name_is_one_segment_and_comes_back_whole(name):
    """A hostile name neither leaves its place in the path nor begins a query, also after `requests` had its way."""
    try:
        path = group_path(name)
    except InvalidRequest:
        return
    url = requests.Request("GET", f"https://host{path}").prepare().path_url
    assert "?" not in url
    assert "#" not in url
    assert unquote(url.removeprefix(PREFIX)) == name
    assert "/" not in url.removeprefix(PREFIX)


def test_a_query_is_quoted():
    """Filters are quoted too, and a key may come several times."""
    query = (("volume_identifier", "<like>OS-a&b=c"), ("status", "A"), ("status", "B"))
    assert group_path("g", query).endswith("g?volume_identifier=%3Clike%3EOS-a%26b%3Dc&status=A&status=B")


def test_every_field_must_be_given():
    """A path with a hole is a fault of ours and never sent."""
    with pytest.raises(TypeError):
        paths.STORAGE_GROUP.at(DIALECT, array="000197900123")


def test_every_template_has_its_place():
    """Templates begin below the base path and use the dialect's version, or none."""
    templates = [each for each in vars(paths).values() if isinstance(each, paths.PathTemplate)]
    assert len(templates) > 20
    assert all(template.text.startswith("/") for template in templates)
    versionless = {template.text for template in templates if "{version}" not in template.text}
    assert versionless == {
        "/version",
        "/90/system/version",
        "/common/Iterator/{iterator}",
        "/common/Iterator/{iterator}/page",
        "/performance/Array/keys",
        "/performance/PortGroup/metrics",
    }
