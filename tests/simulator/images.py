"""Pictures in a request: decoded and looked at, as the real API does."""

import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Final
from urllib.parse import urlsplit

from PIL import Image

from .errors import RefusalError, invalid

_MAX_BYTES: Final = 20 * 1024 * 1024
_FORMATS: Final = ("JPEG", "PNG")
_PARAM: Final = "input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The size of a picture in pixels."""

    width: int
    height: int


# A public address is not fetched, so its picture counts as one of this size.
_UNSEEN: Final = Picture(width=1024, height=768)


@lru_cache(maxsize=16)
def picture_of(address: str) -> Picture:
    """Give the size of the picture behind a data URL or a public address.

    Raises:
        RefusalError: 400, the address is malformed or the picture cannot be used.
    """
    if address.startswith("data:"):
        return _decoded(_payload(address))
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "." not in parts.hostname:
        raise invalid("The image_url must be a data URL or a public URL.", _PARAM)
    return _UNSEEN


def _payload(address: str) -> bytes:
    """Give the bytes that a data URL carries."""
    header, comma, text = address.partition(",")
    media_type, _, encoding = header.removeprefix("data:").partition(";")
    if not comma or encoding != "base64" or not media_type.startswith("image/"):
        raise invalid("The image_url is not a base64 data URL of an image.", _PARAM)
    try:
        payload = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise invalid("The image_url does not hold valid base64.", _PARAM) from None
    if len(payload) > _MAX_BYTES:
        raise invalid("The image is larger than the maximum of 20 MiB.", _PARAM)
    return payload


def _decoded(payload: bytes) -> Picture:
    """Decode a whole picture, because a truncated one shows only then."""
    try:
        with Image.open(BytesIO(payload), formats=_FORMATS) as image:
            image.load()
            return Picture(width=image.width, height=image.height)
    except OSError, SyntaxError, ValueError, Image.DecompressionBombError:
        raise _unusable() from None


def _unusable() -> RefusalError:
    """Give the refusal of bytes that are no whole JPEG or PNG."""
    return invalid("The image could not be decoded. Supported are whole JPEG and PNG images.", _PARAM)
