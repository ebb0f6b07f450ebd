import re

from hypothesis import given
from hypothesis import strategies as st

from pmax.domain import identifiers
from pmax.domain.errors import InvalidRequest

serials = st.from_regex(r"[0-9]{12}", fullmatch=True).filter(str.isascii).map(identifiers.array_id)
devices = st.integers(0, 0xFFFFF)


@given(devices, st.sampled_from(["{:x}", "{:X}", "0x{:x}", "{:05X}", "0X{:05x}"]))
def test_device_id_of_any_spelling(number, form):
    """Every spelling of a number is the same device id, and checking it again changes nothing."""
    checked = identifiers.device_id(form.format(number))
    assert checked == f"{number:05X}"
    assert identifiers.device_id(checked) == checked


@given(st.text(max_size=70))
def test_checks_let_nothing_else_through(text):
    """Whatever text is checked, what comes out has the form of its kind, or the check refuses it."""
    checks = (
        (identifiers.array_id, r"[0-9]{12}"),
        (identifiers.device_id, r"[0-9A-F]{5}"),
        (identifiers.wwn, r"[0-9a-f]{16}([0-9a-f]{16})?"),
        (identifiers.iqn, r"(iqn|eui|naa)\.\S+"),
        (lambda name: identifiers.object_name(name, "name"), r"[A-Za-z0-9_-]{1,64}"),
        (identifiers.snapshot_name, r"[!-~]{1,32}"),
    )
    for check, form in checks:
        try:
            checked = check(text)
        except InvalidRequest as error:
            assert error.value == text  # noqa: PT017 -- either outcome is right, and both are checked
        else:
            assert re.fullmatch(form, checked, re.ASCII)


@given(serials, devices)
def test_wwn_tells_volumes_apart(serial, number):
    """A volume's world wide name is valid, and array and device can be read from it."""
    device = identifiers.device_id(f"{number:x}")
    name = identifiers.volume_wwn(serial, device)
    assert identifiers.wwn(name) == name
    assert (name[8:20], bytes.fromhex(name[22:]).decode()) == (serial, device)
