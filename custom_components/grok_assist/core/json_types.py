"""What JSON is before one of our dataclasses is made of it, and what is made of values that JSON has no words for."""

import base64
from collections.abc import Collection, Mapping
import math
from typing import Any, Final

import orjson

INTEGER_BITS: Final = 63
MOST_LEVELS: Final = 16

type JsonObject = dict[str, Any]
type JsonMapping = Mapping[str, Any]


def unpacked(packed: object) -> bytes:
    """Return the bytes that a base64 text stands for; none where anything in it is no base64."""
    try:
        return base64.b64decode(packed, validate=True) if isinstance(packed, str) else b""
    except ValueError:
        return b""


def whole(value: object) -> int | None:
    """Return a number as a whole one that is not negative; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < math.inf else None


def packed_json(value: object) -> bytes:
    """Write JSON, whatever the value holds."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return orjson.dumps(plain(value))


def plain(value: object, levels: int = MOST_LEVELS) -> Any:
    """Return a value as JSON can hold it: what it has no form for becomes text, half a character a replacement."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case None | bool() | float():
            return value
        case int() if value.bit_length() <= INTEGER_BITS:
            return int(value)
        case bytes() | bytearray() | int():
            return str(value)
        case Mapping() if levels:
            return {plain(str(key)): plain(held, levels - 1) for key, held in value.items()}
        case Collection() if levels:
            return [plain(held, levels - 1) for held in value]
    return plain(str(value))
