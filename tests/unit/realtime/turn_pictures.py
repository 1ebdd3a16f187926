"""The states of a turn and of its answer as pictures for the docs: `python -m tests.unit.realtime.turn_pictures`."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from custom_components.grok_assist.realtime.turn_state import ANSWER, TURN

PAGE: Final = Path(__file__).parents[3] / "docs" / "architecture.md"
BEGIN: Final = "<!-- made by tests/unit/realtime/turn_pictures.py from the tables of realtime/turn_state.py -->\n"
END: Final = "<!-- end of what is made -->\n"


def picture[State: StrEnum, Input: StrEnum](table: Mapping[tuple[State, Input], State]) -> str:
    """Write a table as a state diagram: inputs of the same way on one arrow."""
    ways: dict[tuple[str, str], list[str]] = {}
    for (state, what), then in table.items():
        ways.setdefault((state.value, then.value), []).append(what.value)
    first = next(iter(table))[0].value
    arrows = [f"  {state} --> {then}: {', '.join(names)}" for (state, then), names in ways.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", f"  [*] --> {first}", *arrows, "```", ""])


def pictures() -> str:
    """Write both."""
    return f"{BEGIN}\nThe turn:\n\n{picture(TURN)}\nThe answer that counts:\n\n{picture(ANSWER)}\n{END}"


def main() -> None:
    """Put the pictures into the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(before + pictures() + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
