"""The pages of the documentation as data: their headings, links, tables and code blocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
import re
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"

_FENCE: Final = re.compile(r"^```(\w*)$")
_COMMENT: Final = re.compile(r"^<!-- (\w+): (.+) -->$")
_HEADING: Final = re.compile(r"^#{1,6} (.+)$")
_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE: Final = re.compile(r"`([^`]+)`")
_CELL: Final = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One code block."""

    page: str
    """Path from the root of the repository."""
    line: int
    language: str
    text: str
    notes: dict[str, str]
    """What the comment before it says: name and value."""

    def __str__(self) -> str:
        """Name the place, as an editor does."""
        return f"{self.page}:{self.line}"

    @property
    def data(self) -> Any:
        """What a YAML or JSON block holds."""
        return yaml.safe_load(self.text)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page."""

    path: Path

    @property
    def name(self) -> str:
        """The path from the root of the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """The whole page."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The code blocks."""
        return tuple(_blocks(self.name, self.text))

    @cached_property
    def prose(self) -> str:
        """The page without its code blocks."""
        return re.sub(r"^```.*?^```$", "", self.text, flags=re.MULTILINE | re.DOTALL)

    @cached_property
    def anchors(self) -> frozenset[str]:
        """The anchors of the headings, as GitHub makes them."""
        return frozenset(
            re.sub(r"[^\w\- ]", "", match[1].lower()).replace(" ", "-")
            for line in self.prose.splitlines()
            if (match := _HEADING.match(line))
        )

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Where the links lead."""
        return tuple(_LINK.findall(self.prose))

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """What is written as code between the words."""
        return tuple(_CODE.findall(self.prose))

    def rows(self, heading: str | None = None) -> list[tuple[str, ...]]:
        """List the rows of all tables, or of those below one heading, without the rows of titles."""
        found: list[tuple[str, ...]] = []
        is_meant = heading is None
        lines = self.prose.splitlines()
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if match := _HEADING.match(line):
                is_meant = heading in (None, match[1])
            is_title = following.startswith("|---")
            if is_meant and line.startswith("|") and not line.startswith("|---") and not is_title:
                found.append(tuple(cell.strip() for cell in _CELL.split(line)[1:-1]))
        return found


def page(name: str) -> Page:
    """Read one page by its path from the root."""
    return Page(path=ROOT / name)


def pages() -> tuple[Page, ...]:
    """Read all pages."""
    return tuple(Page(path=path) for path in (ROOT / "README.md", *sorted(DOCS.glob("*.md"))))


def blocks(*languages: str) -> list[Block]:
    """List the code blocks of these languages on all pages."""
    return [block for each in pages() for block in each.blocks if block.language in languages]


def _blocks(name: str, text: str) -> Iterator[Block]:
    """Take the code blocks out of a page."""
    language, start = "", 0
    lines: list[str] = []
    notes: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if start and line == "```":
            yield Block(page=name, line=start, language=language, text="\n".join(lines), notes=notes)
            start, lines, notes = 0, [], {}
        elif start:
            lines.append(line)
        elif match := _FENCE.match(line):
            language, start = match[1], number
        elif match := _COMMENT.match(line):
            notes = {match[1]: match[2]}
        elif line:
            notes = {}
