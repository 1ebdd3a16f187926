"""What JSON is before one of our dataclasses is made of it."""

import base64
from collections.abc import Mapping
from typing import Any

type JsonObject = dict[str, Any]
type JsonMapping = Mapping[str, Any]


def unpacked(packed: object) -> bytes:
    """Return the bytes that a base64 text stands for; none where it is no such text."""
    try:
        return base64.b64decode(packed) if isinstance(packed, str) else b""
    except ValueError:
        return b""
