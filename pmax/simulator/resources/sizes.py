"""Reads sizes, names and other shared parts of bodies that make or change volumes."""

from pmax.simulator import capacity
from pmax.simulator.body import Fields
from pmax.simulator.dialect import Dialect
from pmax.simulator.identifiers import MAX_IDENTIFIER_LENGTH
from pmax.simulator.refusals import BadRequest
from pmax.simulator.rules.srdf_facts import RemoteGroups
from pmax.simulator.rules.volumes import Naming

_LAST_LUN_ADDRESS = 0xFFFF
_CHOICES = ("identifier_name", "identifier_name_plus_volume_id", "append_number", "none")


def read_cylinders(attribute: Fields) -> int:
    """Return the size that `volumeAttribute` describes, in whole cylinders."""
    size = attribute.decimal("volume_size")
    unit = attribute.choice("capacityUnit", capacity.UNITS)
    cylinders = capacity.cylinders_of(size, unit)
    if cylinders > capacity.MAX_CYLINDERS:
        raise BadRequest(f"A volume of {size} {unit} is too large")
    return cylinders


def read_naming(identifier: Fields | None) -> Naming:
    """Return how `volumeIdentifier` wants volumes to be called.

    `append_number` is a choice on older versions and a field beside the name (reference section 5).
    """
    if identifier is None:
        return Naming()
    has_choice = "volumeIdentifierChoice" in identifier
    choice = identifier.choice("volumeIdentifierChoice", _CHOICES) if has_choice else "identifier_name"
    identifier.ignore("volumeIdentifierChoice")
    first_number = identifier.optional_integer("append_number")
    if choice == "none":
        identifier.ignore("identifier_name")
        return Naming()
    name = identifier.text("identifier_name")
    if not 0 < len(name) <= MAX_IDENTIFIER_LENGTH or not name.isprintable():
        raise BadRequest(f"A volume identifier has 1 to {MAX_IDENTIFIER_LENGTH} printable characters")
    if choice == "append_number" and first_number is None:
        first_number = 1
    return Naming(name=name, appends_volume_id=choice == "identifier_name_plus_volume_id", first_number=first_number)


def read_remote_groups(fields: Fields, dialect: Dialect) -> RemoteGroups:
    """Return what `remoteSymmSGInfoParam` wants on up to two remote arrays, where the version has it."""
    if not dialect.takes_remote_groups:
        return RemoteGroups()
    info = fields.optional_fields("remoteSymmSGInfoParam")
    if info is None:
        return RemoteGroups()
    remote = []
    for number in (1, 2):
        symmetrix_id = info.optional_text(f"remote_symmetrix_{number}_id")
        names = info.optional_texts(f"remote_symmetrix_{number}_sgs")
        if symmetrix_id is not None:
            remote.append((symmetrix_id, names))
    return RemoteGroups(groups=tuple(remote), is_forced=info.boolean("force", default=False))


def read_lun_address(fields: Fields, dialect: Dialect) -> int | None:
    """Return `starting_lun_address`, four hexadecimal digits, where the version has it."""
    if not dialect.takes_starting_lun:
        return None
    text = fields.optional_text("starting_lun_address")
    if text is None:
        return None
    try:
        number = int(text, 16)
    except ValueError as error:
        raise BadRequest(f"[{text[:20]}] is no host LUN address") from error
    if not 0 <= number <= _LAST_LUN_ADDRESS:
        raise BadRequest(f"[{text[:20]}] is no host LUN address")
    return number
