"""What it takes to make a picture fit to leave the house: `python benchmarks/pictures.py`; any Python 3 starts it."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
import os
from pathlib import Path
import random
import statistics
import sys
import timeit

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv" / "2026.10" / "bin" / "python"
ROUNDS = 7

if Path(sys.prefix).resolve() != PYTHON.parents[1].resolve():
    if not PYTHON.exists():
        sys.exit("there is no environment of Home Assistant 2026.10: run script/setup first")
    os.execve(PYTHON, [str(PYTHON), __file__, *sys.argv[1:]], {**os.environ, "PYTHONPATH": str(ROOT)})
sys.path.insert(0, str(ROOT))

from PIL import Image, ImageFilter  # noqa: E402

from custom_components.grok_assist.core.pictures import fit_picture  # noqa: E402


def main() -> None:
    """Print a line for each picture: its size before and after, and the time beside that of copying it as it is."""
    print("picture                    bytes       sent  pixels sent    fit ms  copy ms  fit / copy")
    for name, data in pictures().items():
        fitted = fit_picture(data)
        fit, copy = paired(partial(fit_picture, data), partial(copied, data))
        size = f"{fitted.width}x{fitted.height}"
        print(f"{name:20} {len(data):11,} {len(fitted.data):10,}  {size:>11} {fit:9.1f} {copy:8.1f} {fit / copy:11.2f}")


def pictures() -> dict[str, bytes]:
    """Draw scenes as cameras and phones give them: soft shapes with some noise, not a plain colour."""
    return {
        "camera, 640x480": written(scene(640, 480), "JPEG", quality=85),
        "camera, 1080p": written(scene(1920, 1080), "JPEG", quality=85),
        "camera, 4K": written(scene(3840, 2160), "JPEG", quality=85),
        "phone, 12 MP": written(scene(4000, 3000), "JPEG", quality=92),
        "screen, 1080p PNG": written(scene(1920, 1080), "PNG"),
        "alpha, 2000x2000": written(scene(2000, 2000).convert("RGBA"), "PNG"),
    }


def scene(width: int, height: int) -> Image.Image:
    """Draw one scene, always the same."""
    dots = random.Random(5).randbytes(64 * 48 * 3)
    soft = Image.frombytes("RGB", (64, 48), dots).resize((width, height), Image.Resampling.BICUBIC)
    grain = Image.effect_noise((width, height), 12).convert("RGB").filter(ImageFilter.BoxBlur(1))
    return Image.blend(soft, grain, 0.15)


def written(picture: Image.Image, form: str, **options: int) -> bytes:
    """Write a picture."""
    sink = BytesIO()
    picture.save(sink, form, **options)
    return sink.getvalue()


def copied(data: bytes) -> bytes:
    """Decode and encode a picture as it is: what nobody who drops metadata can save."""
    with Image.open(BytesIO(data)) as picture:
        return written(picture.convert("RGB"), "JPEG", quality=88)


def paired(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    """Time two calls in turns; return the medians in milliseconds."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        times[0].append(timeit.timeit(first, number=1) * 1000)
        times[1].append(timeit.timeit(second, number=1) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])


if __name__ == "__main__":
    main()
