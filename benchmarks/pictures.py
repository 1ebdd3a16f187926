"""What it takes to make a picture fit to leave the house: `python benchmarks/pictures.py`; any Python 3 starts it."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
import os
from pathlib import Path
import random
import statistics
import subprocess
import sys
import tempfile
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

from custom_components.grok_assist.core.media.pictures import fit_picture  # noqa: E402


def main() -> None:
    """Print a line for each picture: sizes, time beside that of copying it as it is, and memory at its highest."""
    if sys.argv[1:2] == ["--peak"]:
        print(peak(Path(sys.argv[2]).read_bytes()))
        return
    print("picture                    bytes       sent  pixels sent    fit ms  copy ms  fit / copy  peak MB")
    for name, data in pictures().items():
        fit, copy = paired(partial(fit_picture, data), partial(copied, data))
        print(f"{described(name, data)} {fit:9.1f} {copy:8.1f} {fit / copy:11.2f} {peak_alone(data):8}")
    print("\nlarge picture              bytes       sent  pixels sent   peak MB")
    for name, draw in LARGE.items():
        data = draw()
        print(f"{described(name, data)} {peak_alone(data):9}")


def described(name: str, data: bytes) -> str:
    """Give the first columns of a line."""
    fitted = fit_picture(data)
    return f"{name:20} {len(data):11,} {len(fitted.data):10,}  {f'{fitted.width}x{fitted.height}':>11}"


def peak_alone(data: bytes) -> int:
    """Fit a picture in a process of its own; return by how many megabytes it grew at its highest."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        command = [sys.executable, __file__, "--peak", file.name]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peak(data: bytes) -> int:
    """Fit a picture after a tiny one; return by how many megabytes this process grew at its highest."""
    for form in ("PNG", "JPEG"):
        fit_picture(written(Image.new("RGB", (8, 8)), form))
    before = held("VmRSS")
    fit_picture(data)
    return (held("VmHWM") - before) // 1024


def held(name: str) -> int:
    """Read kilobytes of this process; unlike those of `getrusage`, they know nothing of the process that started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


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


def palette() -> bytes:
    """Draw a palette of which each colour is transparent in another degree."""
    return written(soft(5400, 5400).quantize(64), "PNG", compress_level=1, transparency=bytes(range(0, 256, 4)))


def with_alpha(side: int, form: str, **options: int) -> bytes:
    """Draw a square that is transparent in many degrees."""
    picture = soft(side, side)
    picture.putalpha(picture.getchannel("R"))
    return written(picture, form, **options)


def deep() -> bytes:
    """Draw greys of 16 bits."""
    greys = soft(5400, 5400).convert("L").convert("I").point(lambda value: value * 100)
    return written(greys.convert("I;16"), "PNG", compress_level=1)


LARGE: dict[str, Callable[[], bytes]] = {
    "palette, 5400x5400": palette,
    "RGBA PNG, 5400x5400": partial(with_alpha, 5400, "PNG", compress_level=1),
    "RGB PNG, 5400x5400": lambda: written(soft(5400, 5400), "PNG", compress_level=1),
    "16 bits, 5400x5400": deep,
    "GIF, 5400x5400": lambda: written(soft(5400, 5400).quantize(64), "GIF"),
    "WebP, 3870x3870": partial(with_alpha, 3870, "WEBP", quality=60),
    "JPEG, 8900x8900": lambda: written(soft(8900, 8900), "JPEG"),
    "progressive, 5400^2": lambda: written(soft(5400, 5400), "JPEG", progressive=True, subsampling=0),
}
"""The largest pictures of their kinds that are read."""


def soft(width: int, height: int) -> Image.Image:
    """Draw soft shapes alone."""
    dots = random.Random(5).randbytes(64 * 48 * 3)
    return Image.frombytes("RGB", (64, 48), dots).resize((width, height), Image.Resampling.BICUBIC)


def scene(width: int, height: int) -> Image.Image:
    """Draw one scene, always the same."""
    grain = Image.effect_noise((width, height), 12).convert("RGB").filter(ImageFilter.BoxBlur(1))
    return Image.blend(soft(width, height), grain, 0.15)


def written(picture: Image.Image, form: str, **options: int | bytes) -> bytes:
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
