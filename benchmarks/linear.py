"""Whether what runs over an answer takes time in proportion to its length: `python benchmarks/linear.py`."""

from collections.abc import Callable, Mapping
from itertools import pairwise
import os
from pathlib import Path
import sys
import timeit

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv" / "2026.10" / "bin" / "python"
KILOBYTES = (1, 4, 16)
ROUNDS = 7

if Path(sys.prefix).resolve() != PYTHON.parents[1].resolve():
    if not PYTHON.exists():
        sys.exit("there is no environment of Home Assistant 2026.10: run script/setup first")
    os.execve(PYTHON, [str(PYTHON), __file__, *sys.argv[1:]], {**os.environ, "PYTHONPATH": str(ROOT)})
sys.path.insert(0, str(ROOT))

from custom_components.grok_assist.core.speech import speakable  # noqa: E402
from custom_components.grok_assist.core.speech_stream import SpeechStream  # noqa: E402

GERMAN = "Der W\u00e4rter schaltete jeden Abend die Lampe ein, und das Tor war l\u00e4ngst zu, als der Wind kam. "
TEXTS: Mapping[str, str] = {
    "German": GERMAN,
    "German without an end": GERMAN.replace(". ", ", "),
    "Chinese": "\u706f\u5f00\u4e86",
    "[": "[",
    "![x](": "![x](",
    "digits": "1234567890",
    "*_": "*_",
    "names": "kitchen_light",
    "blanks": " ",
}


def stream(text: str) -> None:
    """Make an answer speakable as it streams."""
    speech = SpeechStream()
    for start in range(0, len(text), 4):
        speech.feed(text[start : start + 4])
    speech.flush()


# What is measured, by name; each takes a text.
SUBJECTS: Mapping[str, Callable[[str], object]] = {"SpeechStream, in pieces": stream, "speakable": speakable}


def main() -> None:
    """Print the time for each length, and by how much four times the text takes longer."""
    print(f"{'subject':24} {'text':22} " + "  ".join(f"{size:2} kB, ms" for size in KILOBYTES) + "   4x    4x")
    for name, run in SUBJECTS.items():
        for kind, piece in TEXTS.items():
            times = [_milliseconds(run, (piece * (size * 1024 // len(piece) + 1))[: size * 1024]) for size in KILOBYTES]
            ratios = [later / sooner for sooner, later in pairwise(times)]
            print(f"{name:24} {kind:22} " + "  ".join(f"{time:9.2f}" for time in times), end="")
            print("  " + " ".join(f"{ratio:5.1f}" for ratio in ratios))


def _milliseconds(run: Callable[[str], object], text: str) -> float:
    """Measure the shortest time of some rounds."""
    return min(timeit.repeat(lambda: run(text), number=1, repeat=ROUNDS)) * 1e3


if __name__ == "__main__":
    main()
