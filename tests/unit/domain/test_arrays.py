import pytest

from pmax.domain.arrays import Array, ArrayFamily, Microcode
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import array_id

SERIAL = array_id("000197900123")


def array(model="PowerMax_2000", microcode="5978.669.669", **changes):
    """An array, by what differs."""
    return Array(array_id=SERIAL, model=model, microcode=Microcode.parse(microcode), **changes)


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("PowerMax_2000", ArrayFamily.POWERMAX),
        ("PowerMax 2000", ArrayFamily.POWERMAX),
        ("PowerMax_8000", ArrayFamily.POWERMAX),
        ("PowerMax_2500", ArrayFamily.POWERMAX),
        ("POWERMAX_8500", ArrayFamily.POWERMAX),
        ("VMAX250F", ArrayFamily.ALL_FLASH),
        ("VMAX450F", ArrayFamily.ALL_FLASH),
        ("VMAX850F", ArrayFamily.ALL_FLASH),
        ("VMAX950F", ArrayFamily.ALL_FLASH),
        ("VMAX100K", ArrayFamily.HYBRID),
        ("VMAX200K", ArrayFamily.HYBRID),
        ("VMAX400K", ArrayFamily.HYBRID),
    ],
)
def test_family_of_known_models(model, family):
    """Every supported model has its family, however the service spells it."""
    assert array(model).family is family


@pytest.mark.parametrize(
    ("microcode", "is_all_flash", "family"),
    [
        ("6100.1.1", None, ArrayFamily.POWERMAX),
        ("5978.1.1", False, ArrayFamily.POWERMAX),
        ("5977.1.1", True, ArrayFamily.ALL_FLASH),
        ("5977.1.1", False, ArrayFamily.HYBRID),
        ("5977.1.1", None, ArrayFamily.HYBRID),
    ],
)
def test_unknown_model_is_judged_by_what_it_runs(microcode, is_all_flash, family):
    """A model that is not in the table is no error."""
    assert array("Symmetrix-X", microcode, is_all_flash=is_all_flash).family is family


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5978.669.669", (5978, 669, 669)),
        ("6079.65.0", (6079, 65, 0)),
        ("5977.0952.0892", (5977, 952, 892)),
        ("5978", (5978,)),
    ],
)
def test_microcode_is_numbers(text, numbers):
    """Microcode is read number by number."""
    assert Microcode.parse(text).numbers == numbers


def test_microcode_reads_as_the_array_writes_it():
    """In messages, microcode looks as the array reports it."""
    assert str(Microcode.parse("5978.669.669")) == "5978.669.669"


def test_microcode_is_not_compared_as_text():
    """Microcode 10000 is newer than 5978, and 5978.669 is newer than 5978.70, although text sorts them otherwise."""
    assert Microcode.parse("10000.1.1") > Microcode.parse("5978.1.1")
    assert Microcode.parse("5978.669.1") > Microcode.parse("5978.70.1")


@pytest.mark.parametrize("text", ["", "5978.", "v5978.1", "5978.x.1", "5978.1\n", "٥٩٧٨.1"])
def test_anything_else_is_no_microcode(text):
    """What is not numbers with dots between them is refused."""
    with pytest.raises(InvalidRequest) as caught:
        Microcode.parse(text)
    assert caught.value.field == "microcode"


@pytest.mark.parametrize(
    ("microcode", "gates"),
    [
        # workloads, source and replicated expansion, frees on delete, metro expansion, snap ids
        ("5977.1131.1131", (True, False, False, False, False)),
        ("5978.221.221", (False, True, False, False, False)),
        ("5978.221.222", (False, True, False, True, False)),
        ("5978.222.100", (False, True, True, False, False)),
        ("5978.444.444", (False, True, True, True, False)),
        ("5978.659.999", (False, True, True, True, False)),
        ("5978.660.660", (False, True, True, True, True)),
        ("5978.669.669", (False, True, True, True, True)),
        ("5979.1.1", (False, True, True, True, True)),
        ("6079.65.0", (False, True, True, True, True)),
        ("5978", (False, True, False, False, False)),
    ],
)
def test_gates_of_the_microcode(microcode, gates):
    """Each release opens exactly the gates that it is known to open."""
    it = array(microcode=microcode)
    assert it.can_expand_replicated == it.can_expand_snapshot_source
    assert gates == (
        it.supports_workloads,
        it.can_expand_snapshot_source,
        it.frees_on_delete,
        it.can_expand_metro,
        it.has_snap_ids,
    )


@pytest.mark.parametrize(
    ("model", "listed", "expected"),
    [
        ("PowerMax_2000", None, True),
        ("VMAX250F", None, True),
        ("VMAX200K", None, False),
        ("PowerMax_2000", False, False),
        ("VMAX200K", True, True),
    ],
)
def test_who_can_compress(model, listed, expected):
    """The service's list of compression capable arrays decides; unasked, every family but the hybrids can."""
    assert array(model, is_compression_capable=listed).supports_compression is expected
