"""Pictures made fit to leave the house: small enough, as JPEG or PNG, and with nothing but the picture in them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from itertools import product
import math
import struct
from typing import Final, cast
import zlib

from PIL import Image

LONGEST_SIDE: Final = 2_048
HALF_IS_ENOUGH: Final = 1_800
MAX_BYTES: Final = 1_500_000
MAX_INPUT_BYTES: Final = 40_000_000
MAX_INPUT_PIXELS: Final = 80_000_000
MAX_WHOLE_PIXELS: Final = 30_000_000
"""The limit of what is decoded whole; a JPEG that is not progressive is shrunk while it is decoded."""
MAX_WEBP_PIXELS: Final = 15_000_000
"""The limit of WebP, whose decoder holds the picture four times."""
READ_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"

_QUALITIES: Final = (88, 78, 65, 50)
_SHRINK: Final = 0.75
_MOST_PIXELS: Final[Mapping[str | None, int]] = {
    "JPEG": MAX_INPUT_PIXELS,
    "MPO": MAX_INPUT_PIXELS,
    "WEBP": MAX_WEBP_PIXELS,
}
_PIECE: Final = 256
_SAMPLE: Final = 512
_ORIENTATION: Final = 0x0112
_TURNS: Final[Mapping[object, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_UNREADABLE: Final = (
    *(OSError, SyntaxError, ValueError, EOFError, TypeError, LookupError, AttributeError, ArithmeticError),
    *(AssertionError, RuntimeError, MemoryError, struct.error, zlib.error),
)
"""What the decoders raise for bytes that are not what they claim to be."""
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
    """Decode the whole picture, upright, within the longest side, in one of the modes that are written."""
    try:
        with Image.open(BytesIO(data), formats=READ_FORMATS) as image:
            if image.width * image.height > _most_pixels(image):
                raise PictureError(PictureFault.TOO_LARGE)
            # A JPEG of 4K or 12 megapixels is decoded at half its size, which is nearly the limit.
            image.draft("RGB", _scaled(image.size, HALF_IS_ENOUGH))
            image.load()
            turn = _turn(image)
            small = _small(image)
            return small if turn is None else small.transpose(turn)
    except _BOMBS:
        raise PictureError(PictureFault.TOO_LARGE) from None
    except _UNREADABLE:
        raise PictureError(PictureFault.BROKEN) from None


def _most_pixels(image: Image.Image) -> int:
    """Return how many pixels a picture may have, by what decoding it holds in memory."""
    return MAX_WHOLE_PIXELS if "progressive" in image.info else _MOST_PIXELS.get(image.format, MAX_WHOLE_PIXELS)


def _turn(image: Image.Image) -> Image.Transpose | None:
    """Return what sets a picture upright; one whose EXIF is broken is taken as it lies."""
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION))
    except _UNREADABLE:
        return None


def _scaled(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return a size of the same shape with another longest side."""
    width, height = (max(1, round(length * side / max(size))) for length in size)
    return width, height


def _small(image: Image.Image) -> Image.Image:
    """Give the pixels alone, within the longest side: no metadata, no palette, alpha only where it is not full."""
    convert = _conversion(image)
    size = _scaled(image.size, min(LONGEST_SIDE, max(image.size)))
    small = convert(image.crop((0, 0, *size))) if size == image.size else _shrunk(image, size, convert)
    if small.mode == "RGBA" and not any(small.getchannel("A").histogram()[:255]):
        small = small.convert("RGB")
    small.info = {}
    return small


def _conversion(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Return what makes any piece of a picture one of the modes that are written."""
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        low, high = _extrema(image)
        scale = 255 / (high - low) if high > low else 0.0
        offset = -low * scale if scale else 128.0
        return lambda piece: piece.convert("F").point(lambda value: value * scale + offset).convert("L")
    mode = "RGBA" if image.has_transparency_data else "L" if image.mode in {"L", "1"} else "RGB"
    return lambda piece: piece if piece.mode == mode else piece.convert(mode)


def _extrema(image: Image.Image) -> tuple[float, float]:
    """Return the darkest and the brightest value, of a sample where some are no numbers."""
    native = image.convert("I") if image.mode.startswith("I;16") and image.mode != "I;16" else image
    low, high = cast("tuple[float, float]", native.getextrema())
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    sample = image.resize(_scaled(image.size, min(_SAMPLE, max(image.size))), Image.Resampling.NEAREST)
    finite = [value for value in memoryview(sample.tobytes()).cast("f") if math.isfinite(value)]
    return min(finite, default=0.0), max(finite, default=0.0)


def _shrunk(image: Image.Image, size: tuple[int, int], convert: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Convert and scale a picture piece by piece, so that only a piece of it is ever held twice."""
    small = Image.new(convert(image.crop((0, 0, 1, 1))).mode, size)
    across, down = image.width / small.width, image.height / small.height
    for top, left in product(range(0, small.height, _PIECE), range(0, small.width, _PIECE)):
        right, bottom = min(left + _PIECE, small.width), min(top + _PIECE, small.height)
        # A piece is taken with a margin, so that pixels beyond its edges count as they do in one go.
        x, y = max(0, math.floor((left - 1) * across) - 1), max(0, math.floor((top - 1) * down) - 1)
        x_end = min(image.width, math.ceil((right + 1) * across) + 1)
        y_end = min(image.height, math.ceil((bottom + 1) * down) + 1)
        piece = convert(image.crop((x, y, x_end, y_end)))
        box = (left * across - x, top * down - y, right * across - x, bottom * down - y)
        small.paste(piece.resize((right - left, bottom - top), Image.Resampling.HAMMING, box), (left, top))
    return small


def _sizes(image: Image.Image) -> Iterator[Image.Image]:
    """Give the picture, then smaller and smaller."""
    yield image
    side = int(max(image.size) * _SHRINK)
    while side >= 1:
        yield image.resize(_scaled(image.size, side), Image.Resampling.HAMMING, reducing_gap=2.0)
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
