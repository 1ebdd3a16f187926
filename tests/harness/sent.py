"""Pictures that left the house, as the service got them, and what they show at a glance."""

import base64
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from PIL import Image

BRIGHT: Final = 40
"""How much stronger than the others a part of the colour has to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPicture:
    """One picture of a request."""

    data: bytes
    mime: str
    """As the request says."""

    @property
    def image(self) -> Image.Image:
        """The picture, decoded to its end."""
        image = Image.open(BytesIO(self.data))
        image.load()
        return image

    @property
    def color(self) -> str:
        """The main colour: `red`, `green`, `blue`, `yellow`, else empty."""
        red, green, blue = self.image.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
        strongest = max(red, green, blue)
        strong = [strongest - part < BRIGHT for part in (red, green, blue)]
        names = {
            (True, False, False): "red",
            (False, True, False): "green",
            (False, False, True): "blue",
            (True, True, False): "yellow",
        }
        return names.get((strong[0], strong[1], strong[2]), "")


def sent_pictures(node: Any) -> list[SentPicture]:
    """Find all pictures in a body (or in a list of bodies), wherever they stand."""
    if isinstance(node, dict):
        if node.get("type") == "input_image":
            head, _, data = str(node["image_url"]).partition(",")
            return [SentPicture(data=base64.b64decode(data), mime=head.removeprefix("data:").removesuffix(";base64"))]
        node = list(node.values())
    return [picture for part in node for picture in sent_pictures(part)] if isinstance(node, list) else []
