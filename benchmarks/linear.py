"""Whether what runs over an answer takes time in proportion to its length: `python benchmarks/linear.py`."""

from collections.abc import Callable, Mapping
from contextlib import suppress
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

from custom_components.grok_assist.core.arguments import ArgumentsError, read_arguments  # noqa: E402
from custom_components.grok_assist.core.claims.actions import Action, Order  # noqa: E402
from custom_components.grok_assist.core.claims.aims import aim  # noqa: E402
from custom_components.grok_assist.core.claims.detector import claims_of  # noqa: E402
from custom_components.grok_assist.core.claims.guard import ClaimGuard  # noqa: E402
from custom_components.grok_assist.core.claims.orders import Said, find_wish  # noqa: E402
from custom_components.grok_assist.core.consent.book import is_yes  # noqa: E402
from custom_components.grok_assist.core.schema.answers import StructureError, parse  # noqa: E402
from custom_components.grok_assist.core.speech.filter import speakable  # noqa: E402
from custom_components.grok_assist.core.speech.stream import SpeechStream  # noqa: E402
from tests.unit.core.claims.truth_home import index  # noqa: E402

ORDER = Order(language="de", actions=frozenset(Action))
GERMAN = "Der Wärter schaltete jeden Abend die Lampe ein, und das Tor war längst geschlossen, als der Wind kam. "
TEXTS: Mapping[str, str] = {
    "German": GERMAN,
    "German without an end": GERMAN.replace(". ", ", "),
    "claims": "Ich habe das Licht eingeschaltet. ",
    "Chinese": "\u706f\u5f00\u4e86",
    "[": "[",
    "![x](": "![x](",
    "digits": "1234567890",
    "*_": "*_",
    "question marks": "?",
    "names": "kitchen_light",
    "blanks": " ",
    "line ends": "\n",
}


def guard(text: str) -> None:
    """Let an answer pass the guard as it streams."""
    watching = ClaimGuard(ORDER)
    for start in range(0, len(text), 4):
        watching.feed(text[start : start + 4])
    watching.finish()


def claims(text: str) -> None:
    """Look for claims in a whole answer, and for what of the home they name."""
    wish = find_wish(Said(now="Mach das Küchenlicht an"), "de")
    aimed = None if wish is None else aim(wish, index("de"), room="", language="de")
    if aimed is not None:
        aimed.claims(text)


def order(text: str) -> None:
    """Look for an order in a sentence, and in the answer before it."""
    find_wish(Said(now=text), "de")
    find_wish(Said(now="Ja", answer=text), "de")


def stream(text: str) -> None:
    """Make an answer speakable as it streams."""
    speech = SpeechStream()
    for start in range(0, len(text), 4):
        speech.feed(text[start : start + 4])
    speech.flush()


def structured(text: str) -> None:
    """Read a structured answer that is a code block without an end."""
    with suppress(StructureError):
        parse(f"```{text}")


def arguments(text: str) -> None:
    """Read the arguments of a call, a code block without an end."""
    with suppress(ArgumentsError):
        read_arguments(f"```{text}")


# What is measured, by name; each takes a text.
SUBJECTS: Mapping[str, Callable[[str], object]] = {
    "ClaimGuard, in pieces": guard,
    "claims of an answer": claims,
    "claims, words only": lambda text: claims_of(ORDER, text),
    "order of a sentence": order,
    "SpeechStream, in pieces": stream,
    "speakable": speakable,
    "structured answer": structured,
    "arguments of a tool": arguments,
    "is it a yes": is_yes,
}


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
