"""What the demo writes: plain lines, in colour on a terminal only."""

from enum import StrEnum
import json
import os
import sys
from typing import Final

from .assist import AssistTurn, PipelineEvent

LABEL_WIDTH: Final = 8
VALUE_WIDTH: Final = 300


class Style(StrEnum):
    """Looks of a text, as the terminal's own codes."""

    BOLD = "1"
    DIM = "2"
    GREEN = "32"
    CYAN = "36"
    YELLOW = "33"
    RED = "31"


class Terminal:
    """Standard output."""

    def __init__(self) -> None:
        """Find out whether there is anybody who sees colours (https://no-color.org)."""
        self._has_colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._is_in_stream = False

    def line(self, text: str = "", style: Style | None = None) -> None:
        """Write a line, ending a streamed one first."""
        self.end_stream()
        self._write(f"{self._styled(text, style)}\n")

    def labelled(self, label: str, text: str, style: Style | None = None) -> None:
        """Write a line that begins with a label in the left column."""
        self.line(f"{self._styled(label.ljust(LABEL_WIDTH), style)} {text}")

    def stream(self, label: str, text: str) -> None:
        """Write a piece of a streamed line the moment it comes, pieces visibly apart."""
        if self._is_in_stream:
            self._write(self._styled("¦", Style.DIM))
        else:
            self._write(f"{self._styled(label.ljust(LABEL_WIDTH), Style.CYAN)} ")
        self._write(text.replace("\n", " "))
        self._is_in_stream = True

    def end_stream(self) -> None:
        """End the streamed line, if there is one."""
        if self._is_in_stream:
            self._write("\n")
            self._is_in_stream = False

    def event(self, event: PipelineEvent) -> None:
        """Write what a pipeline event shows to a user: text, tool calls, their results, errors."""
        delta = event.delta
        # Blanks only make Home Assistant begin to play.
        if (content := delta.get("content")) and content.strip():
            self.stream("Grok", content)
        for call in delta.get("tool_calls") or ():
            self.labelled("tool", f"{call['tool_name']} {_short(call['tool_args'])}", Style.YELLOW)
        if delta.get("role") == "tool_result":
            result = delta.get("result", delta.get("tool_result"))
            self.labelled("result", f"{delta['tool_name']} → {_short(result)}", Style.YELLOW)
        if event.kind == "error":
            self.labelled("error", f"{event.data['code']}: {event.data['message']}", Style.RED)

    def summary(self, turn: AssistTurn) -> None:
        """Write the turn's times, and its text where nothing of it was streamed."""
        if not turn.deltas:
            self.labelled("Grok", turn.speech, Style.CYAN)
        first = "no delta" if turn.first_delta_s is None else f"first delta after {turn.first_delta_s:.2f} s"
        self.labelled("time", f"{first}, {len(turn.deltas)} deltas, {turn.total_s:.2f} s in all", Style.DIM)

    def _styled(self, text: str, style: Style | None) -> str:
        """Put the terminal's codes around the text, where there are colours."""
        return f"\033[{style}m{text}\033[0m" if style and self._has_colours else text

    @staticmethod
    def _write(text: str) -> None:
        """Write at once: whoever looks sees it happen."""
        sys.stdout.write(text)
        sys.stdout.flush()


def _short(value: object) -> str:
    """Write JSON on one line that does not fill the screen."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= VALUE_WIDTH else f"{text[: VALUE_WIDTH - 1]}…"
