"""Marks for what differs from run to run: ids, times, dates, ports; the same thing has the same mark within a turn."""

from collections import Counter
from collections.abc import Mapping
import re
from typing import Any, Final

FIELDS: Final[Mapping[str, str]] = {
    "call_id": "call",
    "conversation_id": "conv",
    "encrypted_content": "thought",
    "item_id": "item",
    "response_id": "response",
}
"""What an id stands for, by the name of its field; elsewhere it is told by its form alone."""
_ID: Final = re.compile(
    r"\b(?:[a-z]{2,5}_)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"  # UUID
    r"|\bcall_[0-9a-f-]{20,}"
    r"|\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b"  # ULID
    r"|\b(?:[a-z]{2,5}_)?[0-9a-f]{32}\b"  # device, or a UUID without its strokes
)
_DATE: Final = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?(?:\d{4}-\d{2}-\d{2}|\d{1,2} [A-Z][a-z]{2,8} \d{4})\b"
)
_MOMENT: Final = re.compile(r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?")
_TIME: Final = re.compile(r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?(?![\d:])")
_PORT: Final = re.compile(r"(?<=\b127\.0\.0\.1:)\d{2,5}\b")
_FOLDER: Final = re.compile(r"/[\w/.-]*grok_assist_home_\w+")

type Json = Any


class Marks:
    """The marks of one turn, numbered in the order in which things appear."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def of(self, node: Json, field: str = "") -> Json:
        """Give a body with marks in it; its fields are walked through by their names, so that order says nothing."""
        match node:
            case dict():
                return {name: self.of(node[name], name) for name in sorted(node)}
            case list():
                return [self.of(part, field) for part in node]
            case str() if node and field in FIELDS:
                return self._mark(node, FIELDS[field])
            case str():
                return self._in_text(node)
            case _:
                return node

    def _in_text(self, text: str) -> str:
        """Put marks into a text."""
        text = _ID.sub(lambda found: self._mark(found[0], "id"), text)
        text = _FOLDER.sub("<folder>", text)
        text = _PORT.sub("<port>", text)
        text = _MOMENT.sub("<moment>", text)
        text = _DATE.sub("<date>", text)
        return _TIME.sub("<time>", text)

    def _mark(self, value: str, kind: str) -> str:
        """Give the mark of an id."""
        if value not in self._known:
            self._counts[kind] += 1
            self._known[value] = f"<{kind}-{self._counts[kind]}>"
        return self._known[value]
