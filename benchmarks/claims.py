"""How well false claims are told from true answers: `python benchmarks/claims.py`; any Python 3 starts it."""

from collections.abc import Sequence
import os
from pathlib import Path
import sys
import timeit

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv" / "2026.10" / "bin" / "python"

if Path(sys.prefix).resolve() != PYTHON.parents[1].resolve():
    if not PYTHON.exists():
        sys.exit("there is no environment of Home Assistant 2026.10: run script/setup first")
    os.execve(PYTHON, [str(PYTHON), __file__, *sys.argv[1:]], {**os.environ, "PYTHONPATH": str(ROOT)})
sys.path.insert(0, str(ROOT))

from tests.unit.core.claims.truth_home import LANGUAGES, LISTS, Row, is_corrected, rows  # noqa: E402


def main() -> None:
    """Print the figures of the lists held apart, and the answers that were judged wrongly."""
    print(f"{'list':32} language  false alarms  caught        us/answer")
    wrong: list[str] = []
    for path in sorted(path for path in LISTS.iterdir() if path.is_dir()):
        everyday, claims = rows(path / "everyday.tsv"), rows(path / "false.tsv")
        alarms = [row for row in everyday if is_corrected(row)]
        missed = [row for row in claims if not is_corrected(row)]
        for language in ("all", *LANGUAGES):
            print(f"{path.name:32} {language:8}  {_share(alarms, everyday, language)}  ", end="")
            print(_share([row for row in claims if row not in missed], claims, language), end="")
            print(f"  {_microseconds(everyday):8.0f}" if language == "all" else "")
        wrong += [_line(path.name, "false alarm", row) for row in alarms]
        wrong += [_line(path.name, "missed", row) for row in missed]
    print("\n".join(wrong))


def _share(found: Sequence[Row], of: Sequence[Row], language: str) -> str:
    """Write how many of a list's rows of one language, or of all, were found."""
    counts = [sum(language in ("all", row.language) for row in some) for some in (found, of)]
    return f"{counts[0]:4} of {counts[1]:4}"


def _line(name: str, what: str, row: Row) -> str:
    """Write a row that was judged wrongly."""
    return f"{name}, {what}, {row.language}: {row.said.now} | {row.answer}"


def _microseconds(everyday: Sequence[Row]) -> float:
    """Measure what the judgement of one answer costs."""
    return min(timeit.repeat(lambda: [is_corrected(row) for row in everyday], number=1, repeat=3)) / len(everyday) * 1e6


if __name__ == "__main__":
    main()
