"""Pictures as the image models would make them: real JPEGs of the wanted size, drawn from a few shapes."""

from hashlib import sha256
from io import BytesIO
from random import Random
import re
from typing import Final

from PIL import Image, ImageDraw

from .images import COLORS

_LONG_SIDES: Final = {"1k": 1024, "1.5k": 1536, "2k": 2048}
_SHAPES: Final = 4
_JPEG_QUALITY: Final = 85
_NAMED: Final = re.compile(rf"\b({'|'.join(COLORS)})\b", re.IGNORECASE)


def size_of(aspect_ratio: str | None, resolution: str | None) -> tuple[int, int]:
    """Give width and height in pixels; a ratio that is left to the model is a square."""
    width, _, height = (aspect_ratio or "auto").replace("auto", "1:1").partition(":")
    return scaled(float(width), float(height), resolution)


def scaled(width: float, height: float, resolution: str | None) -> tuple[int, int]:
    """Give the size of a picture of the same shape with the long side that belongs to a resolution."""
    factor = _LONG_SIDES[resolution or "1k"] / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def drawn(prompt: str, *, size: tuple[int, int], number: int = 0, source: bytes | None = None) -> bytes:
    """Give a JPEG for a prompt: upon the source, if there is one, else in the first colour that the prompt names."""
    dice = Random(sha256(f"{number} {prompt}".encode()).digest())
    image = _ground(prompt, size, dice, source)
    pen = ImageDraw.Draw(image)
    for _ in range(_SHAPES):
        _shape(pen, size, dice)
    file = BytesIO()
    image.save(file, "JPEG", quality=_JPEG_QUALITY)
    return file.getvalue()


def _ground(prompt: str, size: tuple[int, int], dice: Random, source: bytes | None) -> Image.Image:
    """Give what the shapes are drawn upon."""
    if source is not None:
        with Image.open(BytesIO(source)) as image:
            return image.convert("RGB").resize(size)
    named = _NAMED.search(prompt)
    return Image.new("RGB", size, COLORS[named[1].lower()] if named else dice.choice(list(COLORS.values())))


def _shape(pen: ImageDraw.ImageDraw, size: tuple[int, int], dice: Random) -> None:
    """Draw one small shape somewhere, so small that the ground stays what one sees most of."""
    width, height = size
    reach = min(size) // 10
    left, top = dice.randrange(max(1, width - reach)), dice.randrange(max(1, height - reach))
    draw = dice.choice((pen.ellipse, pen.rectangle))
    draw((left, top, left + reach, top + reach), fill=dice.choice(list(COLORS.values())))
