"""Names and numbers that identify things, checked once.

What belongs here: the type of each identifier and the one function that turns text into it. What does not: names that
pmax builds out of others (`naming`).

Formats and limits are those of unisphere-rest.md, section 5. An identifier that has been checked is a plain `str` with
a type of its own, so it costs nothing and cannot be mistaken for another kind.
"""

from __future__ import annotations

import re
from typing import NewType

from pmax.domain.errors import InvalidRequest

#: Serial number of an array: 12 digits.
ArrayId = NewType("ArrayId", str)
#: A device of an array: 5 hexadecimal digits, upper case.
DeviceId = NewType("DeviceId", str)
#: World wide name: 16 hexadecimal digits for a port or initiator, 32 for a volume, lower case, no separators.
Wwn = NewType("Wwn", str)
#: Name of an iSCSI node, lower case.
Iqn = NewType("Iqn", str)

#: Storage groups, masking views, initiator groups, port groups, SRPs and tags.
OBJECT_NAME_LENGTH = 64
SNAPSHOT_NAME_LENGTH = 32
DEVICE_ID_LENGTH = 5
#: RFC 3720, section 3.2.6.1.
IQN_LENGTH = 223

_ARRAY_ID = re.compile(r"[0-9]{12}")
_DEVICE_ID = re.compile(r"(?:0[xX])?([0-9a-fA-F]{1,5})")
_WWN = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}")
_IQN = re.compile(r"iqn\.[0-9]{4}-[0-9]{2}\.[^\s/]+|eui\.[0-9a-f]{16}|naa\.(?:[0-9a-f]{16}|[0-9a-f]{32})")
_OBJECT_NAME = re.compile(rf"[A-Za-z0-9_-]{{1,{OBJECT_NAME_LENGTH}}}")
_SNAPSHOT_NAME = re.compile(rf"[!-~]{{1,{SNAPSHOT_NAME_LENGTH}}}")

#: How a volume's world wide name begins: the format, then the registered number of the maker.
_WWN_OF_VOLUMES = "60000970"
#: What stands between the array and the device in it: the letter S, in ASCII.
_WWN_DEVICE_MARK = "53"


def array_id(text: str, kind: str = "array serial") -> ArrayId:
    """Check the serial number of an array.

    Args:
        text: the serial number.
        kind: what it is in the user's words.

    Raises:
        InvalidRequest: it does not have exactly 12 digits; the field is `kind`.
    """
    if not _ARRAY_ID.fullmatch(text):
        raise InvalidRequest(kind, text, "give its 12 digits, such as 000197900123")
    return ArrayId(text)


def device_id(text: str) -> DeviceId:
    """Check the id of a device and write it as the array does.

    Takes what people copy from tools and logs: `588`, `00588`, `0x588`, in either case.

    Returns:
        5 hexadecimal digits, upper case, padded with zeros.

    Raises:
        InvalidRequest: it is not a hexadecimal number of up to 5 digits.
    """
    match = _DEVICE_ID.fullmatch(text)
    if match is None:
        raise InvalidRequest("device id", text, "give up to 5 hexadecimal digits, such as 00588")
    return DeviceId(match[1].upper().zfill(DEVICE_ID_LENGTH))


def wwn(text: str) -> Wwn:
    """Check a world wide name and write it without separators.

    Returns:
        16 or 32 hexadecimal digits, lower case.

    Raises:
        InvalidRequest: it has another number of digits or other characters.
    """
    bare = text.replace(":", "").lower()
    if not _WWN.fullmatch(bare):
        raise InvalidRequest("world wide name", text, "give 16 hexadecimal digits (a port) or 32 (a volume)")
    return Wwn(bare)


def iqn(text: str) -> Iqn:
    """Check the name of an iSCSI node.

    Returns:
        The name in lower case, as the array keeps it; iSCSI names are compared without case (RFC 3722).

    Raises:
        InvalidRequest: it does not have the form of an iSCSI name, or is longer than 223 bytes.
    """
    name = text.lower()
    if not name.isprintable() or len(name.encode()) > IQN_LENGTH or not _IQN.fullmatch(name):
        rule = f"an iSCSI name reads iqn.YYYY-MM.domain:name, without blanks, in at most {IQN_LENGTH} bytes"
        raise InvalidRequest("iSCSI initiator name", text, rule)
    return Iqn(name)


def object_name(text: str, kind: str) -> str:
    """Check the name of an object of the array.

    Args:
        text: the name.
        kind: what it names, in the user's words ("port group").

    Raises:
        InvalidRequest: the array would refuse the name; the field is `kind`.
    """
    if not _OBJECT_NAME.fullmatch(text):
        rule = f"a name has 1 to {OBJECT_NAME_LENGTH} characters out of letters A-Z, digits, `_` and `-`"
        if len(text) > OBJECT_NAME_LENGTH:
            rule += f", and this one has {len(text)}"
        raise InvalidRequest(kind, text, rule)
    return text


def snapshot_name(text: str) -> str:
    """Check the name of a SnapVX snapshot.

    The length and the colon are known limits; that blanks, slashes and characters beyond ASCII are refused is assumed,
    since the name is part of a path of the service.

    Raises:
        InvalidRequest: the array would refuse the name.
    """
    if not _SNAPSHOT_NAME.fullmatch(text) or ":" in text or "/" in text:
        rule = f"a name has 1 to {SNAPSHOT_NAME_LENGTH} ASCII characters, without blanks, `:` and `/`"
        if len(text) > SNAPSHOT_NAME_LENGTH:
            rule += f", and this one has {len(text)}"
        raise InvalidRequest("snapshot name", text, rule)
    return text


def volume_wwn(array: ArrayId, device: DeviceId) -> Wwn:
    """World wide name that the array gives to a device, unless another one was set upon it.

    SRDF/Metro targets and migrated devices carry the name of another device: there, read it from the array.
    Source: unisphere-rest.md 5, derived from three samples.
    """
    return Wwn(_WWN_OF_VOLUMES + array + _WWN_DEVICE_MARK + device.encode("ascii").hex())
