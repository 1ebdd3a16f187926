"""Pictures made fit to leave the house: small enough, as JPEG or PNG, and with nothing but the picture in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

LONGEST_SIDE: Final = 2_048
HALF_IS_ENOUGH: Final = 1_800
MAX_BYTES: Final = 1_500_000
MAX_INPUT_BYTES: Final = 40_000_000
MAX_INPUT_PIXELS: Final = 80_000_000
READ_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"

_QUALITIES: Final = (88, 78, 65, 50)
_SHRINK: Final = 0.75
_OPAQUE: Final = frozenset({"RGB", "L"})
_MODES_WITH_ALPHA: Final = frozenset({"RGBA", "LA", "PA", "RGBa", "La"})
_UNREADABLE: Final = (OSError, SyntaxError, ValueError, EOFError)
_BOMBS: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class PictureFault(StrEnum):
    """What is wrong with a picture."""

    EMPTY = "picture_empty"
    BROKEN = "picture_broken"
    TOO_LARGE = "picture_too_large"


class PictureError(Exception):
    """A picture cannot be used."""

    def __init__(self, fault: PictureFault) -> None:
        """Keep what is wrong with it."""
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPicture:
    """A picture that may leave the house."""

    data: bytes
    mime: str
    width: int
    height: int


def fit_picture(data: bytes) -> FittedPicture:
    """Read a picture of any usual form and write it anew: upright, within the limits and without metadata.

    Takes tens of milliseconds of computing.

    Raises:
        PictureError: there is no whole picture in the bytes, or one that is too large to be read.
    """
    if not data:
        raise PictureError(PictureFault.EMPTY)
    if len(data) > MAX_INPUT_BYTES:
        raise PictureError(PictureFault.TOO_LARGE)
    for image in _sizes(_read(data)):
        for mime, written in _written(image):
            if len(written) <= MAX_BYTES:
                return FittedPicture(data=written, mime=mime, width=image.width, height=image.height)
    raise PictureError(PictureFault.TOO_LARGE)


def size_of(data: bytes) -> tuple[int, int]:
    """Return width and height of a picture in pixels.

    Raises:
        PictureError: there is no picture in the bytes.
    """
    try:
        with Image.open(BytesIO(data), formats=READ_FORMATS) as image:
            return image.size
    except (*_BOMBS, *_UNREADABLE):
        raise PictureError(PictureFault.BROKEN) from None


def _read(data: bytes) -> Image.Image:
    """Decode the whole picture, upright, in one of the modes that are written."""
    try:
        with Image.open(BytesIO(data), formats=READ_FORMATS) as image:
            if image.width * image.height > MAX_INPUT_PIXELS:
                raise PictureError(PictureFault.TOO_LARGE)
            # A JPEG of 4K or 12 megapixels is decoded at half its size, which is nearly the limit.
            image.draft("RGB", _scaled(image.size, HALF_IS_ENOUGH))
            image.load()
            return _plain(ImageOps.exif_transpose(image))
    except _BOMBS:
        raise PictureError(PictureFault.TOO_LARGE) from None
    except _UNREADABLE:
        raise PictureError(PictureFault.BROKEN) from None


def _scaled(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return a size of the same shape with another longest side."""
    width, height = (max(1, length * side // max(size)) for length in size)
    return width, height


def _plain(image: Image.Image) -> Image.Image:
    """Give the pixels alone: no metadata, no palette, transparency only where there is some."""
    has_alpha = image.mode in _MODES_WITH_ALPHA or "transparency" in image.info
    if has_alpha:
        image = image.convert("RGBA")
        has_alpha = any(image.getchannel("A").histogram()[:255])
    if not has_alpha and image.mode not in _OPAQUE:
        image = image.convert("RGB")
    bare = image.copy()
    bare.info = {}
    return bare


def _sizes(image: Image.Image) -> Iterator[Image.Image]:
    """Give the picture within the longest side, then smaller and smaller."""
    side = min(LONGEST_SIDE, max(image.size))
    while side >= 1:
        smaller = image.copy()
        smaller.thumbnail((side, side), Image.Resampling.HAMMING)
        yield smaller
        side = int(side * _SHRINK)


def _written(image: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Write a picture in the forms that are sent, the best first; transparency becomes white where it has to go."""
    if image.mode == "RGBA":
        yield PNG, _encoded(image, "PNG")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    for quality in _QUALITIES:
        yield JPEG, _encoded(image, "JPEG", quality=quality)


def _encoded(image: Image.Image, form: str, **options: int) -> bytes:
    """Write a picture in one form."""
    sink = BytesIO()
    image.save(sink, form, **options)
    return sink.getvalue()
