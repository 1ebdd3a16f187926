"""Goes every way to use the account with every dialect of the service: `python -m tests.harness.matrix [OUT]`.

Writes a table of the ways and the dialects, with a mark where an answer came, nothing was done twice, it took at most
three seconds over the usual time, and nothing was logged as a trace. It takes some minutes; exit 1 where any failed.
"""

from collections.abc import Sequence
import os
from pathlib import Path
import sys
from typing import Final

import pytest

TESTS: Final = "tests/integration/test_dialects.py"
USUAL: Final = Path("docs/dialects.md")
HEAD: Final = """# What was tried with a service that differs from its description

This page lists what was tried where the service behaves otherwise than described.

Nobody has asked the real service yet. So the simulator can be told to differ from xAI's description in each way that
somebody has reported, or that the description leaves open (`python -m tests.simulator --list-dialects` says what each
is). This table is made by `python -m tests.harness.matrix`: every way to use an account, through Home Assistant's own
doors and with the default settings, with every dialect. A mark means: an answer came, nothing was done twice, it took
at most three seconds over the usual time (on the loop's own clock), and no trace was logged. "says why" means that
the service bars the way and the user is told the reason; `store` is not given up, as the service would otherwise keep
for a month what it is told of the home.

A live conversation of five turns, with an interruption and tools, is tried with every dialect and with `hostile` by
`tests/integration/live/test_dialects.py`.

`hostile` has all at once that can be combined. In the end-to-end tests it is met by a written turn, by a browser and by
a Wyoming satellite, on both releases of Home Assistant.
"""


class Table:
    """What came of each cell."""

    def __init__(self) -> None:
        """Begin with an empty one."""
        self.cells: dict[tuple[str, str], str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what became of a cell: it fails with its preparation and its end, too."""
        id_ = report.nodeid.partition("[")[2].rstrip("]")
        row, _, way = id_.rpartition("-")
        cell = (row or "hostile", way)
        if report.failed:
            self.cells[cell] = "**fails**"
        elif report.when == "call":
            self.cells.setdefault(cell, "says why" if dict(report.user_properties).get("is_barred") else "✓")

    def lines(self, ways: Sequence[str]) -> list[str]:
        """Write the table."""
        rows = list(dict.fromkeys(row for row, _ in self.cells))
        lines = [f"| dialect | {' | '.join(way.replace('_', ' ') for way in ways)} |", "|---" * (len(ways) + 1) + "|"]
        for row in rows:
            name, _, value = row.partition("-")
            title = f"`{name}={value}`" if value else f"`{name}`"
            lines.append(f"| {title} | {' | '.join(self.cells.get((row, way), '') for way in ways)} |")
        return lines


def main() -> int:
    """Run all, and write the table."""
    os.environ["GROK_MATRIX"] = "1"
    table = Table()
    code = pytest.main(["-q", "--tb=line", "--show-capture=no", TESTS], plugins=[table])
    ways = list(dict.fromkeys(way for _, way in table.cells))
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else USUAL
    out.write_text("\n".join([HEAD, *table.lines(ways), ""]), encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
