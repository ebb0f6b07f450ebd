"""How things are named (reference section 5): arrays, volumes, their world-wide names, groups, initiators."""

import re

SYMMETRIX_ID = re.compile(r"\d{12}")
GROUP_NAME = re.compile(r"[A-Za-z0-9_\-]{1,64}")
VOLUME_ID = re.compile(r"[0-9A-F]{5}")
WWPN = re.compile(r"[0-9a-f]{16}")
IQN = re.compile(r"(iqn|eui|naa)\.[!-~]{1,219}")
NQN = re.compile(r"(nqn\.[!-~]{1,219}):([0-9A-Fa-f]{32})")
MAX_IDENTIFIER_LENGTH = 64
MAX_DEVICE_NUMBER = 0xFFFFF


def volume_id_of(number: int) -> str:
    """Return the id of a device number: five upper-case hexadecimal digits."""
    return f"{number:05X}"


def wwn_of(symmetrix_id: str, volume_id: str) -> str:
    """Return the world-wide name of a volume: vendor prefix, array, "S" and the id as ASCII codes."""
    return f"60000970{symmetrix_id}53{volume_id.encode().hex().upper()}"


def nguid_of(wwn: str) -> str:
    """Return the NGUID that belongs to a world-wide name (derived from one sample; reference section 5)."""
    return f"{wwn[16:32]}{wwn[1:7]}6{wwn[7:16]}"


def device_range(volume_ids: list[str]) -> str:
    """Return ids as a task description shows them: one id, `first:last` if contiguous, else a list (assumed)."""
    if len(volume_ids) == 1:
        return volume_ids[0]
    numbers = sorted(int(volume_id, 16) for volume_id in volume_ids)
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{volume_id_of(numbers[0])}:{volume_id_of(numbers[-1])}"
    return ", ".join(sorted(volume_ids))
