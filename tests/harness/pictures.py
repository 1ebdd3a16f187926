"""What the cameras of the sample home show: scenes drawn at each start, always the same, each of one main colour."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

SIZE: Final = (1280, 720)
QUALITY: Final = 90

type Scene = Callable[[ImageDraw.ImageDraw], None]


def _front_door(pen: ImageDraw.ImageDraw) -> None:
    """Draw a red door in a red wall, and a parcel before it."""
    pen.rectangle((0, 0, 1280, 600), fill=(196, 40, 36))
    pen.rectangle((0, 600, 1280, 720), fill=(120, 112, 104))
    pen.rectangle((480, 90, 800, 600), fill=(150, 16, 20), outline=(240, 232, 220), width=12)
    pen.ellipse((748, 350, 776, 378), fill=(226, 190, 80))
    pen.rectangle((560, 500, 720, 630), fill=(176, 128, 72), outline=(110, 78, 40), width=5)
    pen.line((560, 565, 720, 565), fill=(224, 204, 160), width=14)


def _garden(pen: ImageDraw.ImageDraw) -> None:
    """Draw a lawn, a tree and a strip of sky."""
    pen.rectangle((0, 0, 1280, 720), fill=(52, 150, 48))
    pen.rectangle((0, 0, 1280, 110), fill=(150, 200, 236))
    pen.rectangle((900, 260, 950, 520), fill=(104, 70, 40))
    pen.ellipse((780, 80, 1070, 340), fill=(28, 104, 32))
    pen.ellipse((180, 500, 420, 600), fill=(84, 180, 66))


def _nursery(pen: ImageDraw.ImageDraw) -> None:
    """Draw a blue room with a cot."""
    pen.rectangle((0, 0, 1280, 720), fill=(36, 62, 190))
    pen.rectangle((0, 590, 1280, 720), fill=(24, 40, 130))
    pen.rectangle((420, 360, 900, 600), outline=(236, 236, 240), width=10)
    for x in range(470, 900, 50):
        pen.line((x, 360, x, 600), fill=(236, 236, 240), width=6)


def _last_visitor(pen: ImageDraw.ImageDraw) -> None:
    """Draw somebody in a yellow raincoat who fills the picture."""
    pen.rectangle((0, 0, 1280, 720), fill=(232, 200, 40))
    pen.ellipse((520, 60, 760, 320), fill=(224, 180, 150))
    pen.ellipse((585, 160, 610, 185), fill=(40, 30, 30))
    pen.ellipse((670, 160, 695, 185), fill=(40, 30, 30))
    pen.arc((590, 200, 690, 270), 20, 160, fill=(120, 40, 40), width=6)


SCENES: Final[dict[str, Scene]] = {
    "front_door": _front_door,
    "garden": _garden,
    "nursery": _nursery,
    "last_visitor": _last_visitor,
}


def picture_path(folder: Path, name: str) -> Path:
    """Say where a picture of the home lies in its configuration: in the one folder that any program there may read."""
    return folder / "www" / f"{name}.jpg"


def draw_pictures(folder: Path) -> None:
    """Draw all scenes into the configuration's folder."""
    for name, scene in SCENES.items():
        picture = Image.new("RGB", SIZE)
        scene(ImageDraw.Draw(picture))
        path = picture_path(folder, name)
        path.parent.mkdir(exist_ok=True)
        picture.save(path, "JPEG", quality=QUALITY)
