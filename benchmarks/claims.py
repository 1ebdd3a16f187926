"""How well claims of an action are told from other sentences: `python benchmarks/claims.py`; any Python 3 starts it."""

from collections.abc import Iterator, Mapping, Sequence
import os
from pathlib import Path
import sys
import timeit

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv" / "2026.10" / "bin" / "python"
ROUNDS = 20

if Path(sys.prefix).resolve() != PYTHON.parents[1].resolve():
    if not PYTHON.exists():
        sys.exit("there is no environment of Home Assistant 2026.10: run script/setup first")
    os.execve(PYTHON, [str(PYTHON), __file__, *sys.argv[1:]], {**os.environ, "PYTHONPATH": str(ROOT)})
sys.path.insert(0, str(ROOT))

from custom_components.grok_assist.core.claims import claims_action, may_become_claim  # noqa: E402
from tests.unit.core import claims_held_out, claims_table  # noqa: E402

Table = Mapping[str, Sequence[str]]


def main() -> None:
    """Print the figures of both tables and the sentences that were judged wrongly."""
    print("table     language  claims  others  precision  recall  let go  us/call  us/call of may_become_claim")
    wrong: list[str] = []
    for name, claims, others in (
        ("tuned", claims_table.CLAIMS, claims_table.OTHERS),
        ("held out", claims_held_out.CLAIMS, claims_held_out.OTHERS),
    ):
        for language in ("all", *claims):
            print(f"{name:9} {language:8}", *figures(_of(claims, language), _of(others, language)))
        wrong += [f"{name}, missed: {line}" for line in _of(claims, "all") if not claims_action(line)]
        wrong += [f"{name}, false alarm: {line}" for line in _of(others, "all") if claims_action(line)]
    print("\n".join(wrong))


def figures(claims: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    """Compute the columns of one line."""
    found = sum(map(claims_action, claims))
    alarms = sum(map(claims_action, others))
    yield f"{len(claims):7}"
    yield f"{len(others):7}"
    yield f"{found / (found + alarms) if found else 0:10.3f}"
    yield f"{found / len(claims):7.3f}"
    yield f"{sum(map(_is_let_go, others)) / len(others):7.3f}"
    lines = [*claims, *others]
    yield f"{_microseconds(lambda: [claims_action(line) for line in lines], len(lines)):8.1f}"
    yield f"{_microseconds(lambda: [may_become_claim(line) for line in lines], len(lines)):8.1f}"


def _is_let_go(sentence: str) -> bool:
    """Tell whether a sentence passes before its last word."""
    before_last = sentence.rstrip(" ?").rpartition(" ")[0]
    return bool(before_last) and not may_become_claim(before_last + " ")


def _microseconds(run: object, calls: int) -> float:
    """Measure what one call costs."""
    return min(timeit.repeat(run, number=1, repeat=ROUNDS)) / calls * 1e6  # type: ignore[arg-type]


def _of(table: Table, language: str) -> list[str]:
    """Return the sentences of one language, or of all."""
    return [line for name, lines in table.items() if language in {"all", name} for line in lines]


if __name__ == "__main__":
    main()
