"""What the bench says: a table of plain text and a JSON document."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
import os
from pathlib import Path

import orjson

from .figures import Figure

NOTE = "Absolute times are of a shared machine, everything on loopback; ratios and differences within the run count."


def heading(release: str) -> str:
    """Write what is above the table."""
    return f"Home Assistant {release}, {os.cpu_count()} cores, medians (tenth..ninetieth percentile). {NOTE}"


def lines(figures: Sequence[Figure]) -> Iterator[str]:
    """Write the table of some sections."""
    section = ""
    for figure in figures:
        if figure.section != section:
            section = figure.section
            yield ""
            yield section
        spread = "" if figure.p10 is None else f"({figure.p10:.1f}..{figure.p90:.1f}, {figure.count})"
        number = f"{figure.value:.2f}" if abs(figure.value) < 10 else f"{figure.value:.1f}"
        yield f"  {figure.name:<74} {number:>8} {figure.unit:<8} {spread:<24} {figure.verdict}".rstrip()


def write_json(path: Path, release: str, figures: Sequence[Figure]) -> None:
    """Write the figures for a program."""
    document = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "release": release,
        "cores": os.cpu_count(),
        "figures": [asdict(figure) | {"is_met": figure.is_met} for figure in figures],
    }
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
