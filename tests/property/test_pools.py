import string

from hypothesis import given
from hypothesis import strategies as st

from pmax.domain.arrays import Array, Microcode
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import array_id
from pmax.domain.pools import PoolName, advertised_pools
from pmax.domain.service_levels import unless_none

parts = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=20)
none = st.sampled_from(["None", "NONE", "none", "nONe"])
serials = st.text(string.digits, min_size=12, max_size=12).map(array_id)
levels = parts.filter(unless_none)
written = st.one_of(
    st.tuples(levels | none),
    st.tuples(levels, parts | none),
    st.tuples(none, none),
)
arrays = st.builds(
    Array,
    array_id=serials,
    model=st.sampled_from(["PowerMax_2000", "VMAX250F", "VMAX200K", "Symmetrix"]),
    microcode=st.sampled_from([Microcode((5977, 1131)), Microcode((5978, 669)), Microcode((6079, 65))]),
)


@given(written, parts, serials)
def test_pool_name_survives_the_round_trip(form, srp, serial):
    """A pool name reads as it was written, and means the same when it is read again."""
    text = "+".join((*form, srp, serial))
    pool = PoolName.parse(text)
    assert str(pool) == text
    assert PoolName.parse(str(pool)) == pool


@given(levels, st.none() | parts.filter(unless_none), parts, serials)
def test_built_pool_survives_the_round_trip(service_level, workload, srp, serial):
    """A pool that was built of its parts is read back as the same."""
    pool = PoolName(service_level, workload, srp, serial)
    assert PoolName.parse(str(pool)) == pool


@given(st.text(string.ascii_letters + string.digits + "+_- ", max_size=60))
def test_pool_name_is_understood_or_refused(text):
    """No text is a pool name by accident: it reads back the same, or it is refused under its own name."""
    try:
        assert str(PoolName.parse(text)) == text
    except InvalidRequest as error:
        assert (error.field, error.value) == ("pool_name", text)  # noqa: PT017 -- either outcome is right


@given(arrays, st.lists(st.text(max_size=12)).map(tuple), st.lists(parts).map(tuple))
def test_advertised_pools_are_names_and_differ(array, service_levels, workloads):
    """Whatever an array lists, each pool has a name of its own that a type can name."""
    pools = advertised_pools(array, service_levels, workloads, "SRP_1")
    assert len({str(pool) for pool in pools}) == len(pools)
    for pool in pools:
        assert PoolName.parse(str(pool)) == pool
    if not array.supports_workloads:
        assert {pool.workload for pool in pools} <= {None, "OLTP", "OLTP_REP", "DSS", "DSS_REP"}
