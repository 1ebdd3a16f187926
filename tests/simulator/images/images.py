"""Pictures in a request: decoded and looked at, as the real API does."""

import base64
import binascii
import colorsys
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from PIL import Image

from ..errors import RefusalError, invalid

# The colours that are told apart, and how they look at their purest.
COLORS: Final = {
    "red": (220, 30, 30),
    "yellow": (230, 210, 30),
    "green": (30, 170, 50),
    "blue": (40, 80, 210),
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "white": (255, 255, 255),
}
_MAX_BYTES: Final = 20 * 1024 * 1024
_FORMATS: Final = ("JPEG", "PNG")
_PARAM: Final = "input"
_LOCAL_NAMES: Final = (".local", ".localhost", ".lan", ".internal", ".home.arpa")
# Where on the circle of hues (0 to 1) each colour ends; beyond the last it is red again.
_HUES: Final = ((0.08, "red"), (0.19, "yellow"), (0.46, "green"), (0.78, "blue"), (1.0, "red"))
_LEAST_SPREAD: Final = 40
_DARK: Final = 50
_BRIGHT: Final = 205


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The size of a picture in pixels, and its colour on the whole."""

    width: int
    height: int
    color: str | None = None
    """None where nobody has looked at it."""


# A public address is not fetched, so its picture counts as one of this size.
_UNSEEN: Final = Picture(width=1024, height=768)


@lru_cache(maxsize=16)
def picture_of(address: str) -> Picture:
    """Give the size and the colour of the picture behind a data URL or a public address.

    Raises:
        RefusalError: 400, the address is malformed or the picture cannot be used.
    """
    if address.startswith("data:"):
        return looked_at(payload_of(address))
    if not is_public(address):
        raise invalid("The image_url must be a data URL or a public URL.", _PARAM)
    return _UNSEEN


def is_public(address: str) -> bool:
    """Whether an address is one that the vendor's servers can reach: of the web, and not in somebody's home."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        has_name = "." in host or ":" in host
        if parts.scheme not in {"http", "https"} or not has_name or host.endswith(_LOCAL_NAMES):
            return False
    except ValueError:
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        return True


def payload_of(address: str) -> bytes:
    """Give the bytes that a data URL carries.

    Raises:
        RefusalError: 400, it is malformed or carries too much.
    """
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


def looked_at(payload: bytes) -> Picture:
    """Decode a whole picture, because a truncated one shows only then.

    Raises:
        RefusalError: 400, these are no bytes of a JPEG or PNG.
    """
    try:
        with Image.open(BytesIO(payload), formats=_FORMATS) as image:
            image.load()
            return Picture(width=image.width, height=image.height, color=_color_of(image))
    except OSError, SyntaxError, ValueError, Image.DecompressionBombError:
        raise _unusable() from None


def _color_of(image: Image.Image) -> str:
    """Name the colour that a picture has on average."""
    average = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    red, green, blue = average
    if max(average) - min(average) < _LEAST_SPREAD:
        brightness = sum(average) / 3
        return "black" if brightness < _DARK else "white" if brightness > _BRIGHT else "grey"
    hue, _, _ = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    return next(name for end, name in _HUES if hue <= end)


def _unusable() -> RefusalError:
    """Give the refusal of bytes that are no whole JPEG or PNG."""
    return invalid("The image could not be decoded. Supported are whole JPEG and PNG images.", _PARAM)
