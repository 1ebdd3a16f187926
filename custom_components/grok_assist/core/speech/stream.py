"""Speech-safe text as it is written: each word is given out as soon as nothing that follows can make a mark of it."""

import re
from typing import Final

from .filter import (
    INLINE,
    MARKS,
    SPACES,
    broken_up,
    is_line_start_open,
    line_mark_end,
    speakable_line,
    without_bars,
    without_marks,
)

HOLD_LIMIT: Final = 400  # characters kept back at most while a mark may still be closed
PIECE_LENGTH: Final = 256  # characters that are looked at together, however many come at once

_UNDECIDED: Final = "*_`~!"  # what follows them says whether they are marks
_OPENERS: Final = ("[", "<", "\u3010")
_PAIRS: Final = (("<", ">"), ("\u3010", "\u3011"))
_NO_END: Final = frozenset(" \t|" + _UNDECIDED)  # behind these a line is not cut: they belong to what follows
_BRACKET_OPEN = re.compile(
    r"\[(?:[^\[\]]|\[[^\[\]]*+\])*+"
    # A link whose words are there, but not all of its address; or one whose words are not complete.
    r"(?:\](?:\((?:[^()]|\([^()]*+\))*+(?:\([^()]*+)?|\[[^\[\]]*+)?|(?:\[[^\[\]]*+)?)$"
)
_ADDRESS_OPEN = re.compile(r"(?<![A-Za-z0-9])(?:https?://\S*|www\.?\S*|ww?|h(?:t(?:t(?:ps?:?/?)?)?)?)$")
_ADDRESS_AT_END = re.compile(r"(?:://|www\.)[^\s<>)\]*`~]+$")
_ADDRESS_REST = re.compile(r"[^\s<>)\]*`~]*")
_SPACE = re.compile(r"\s")


class Verbatim:
    """Gives a stream of text as it is, where nobody hears it."""

    def feed(self, text: str) -> str:
        """Take the next piece of text and return it."""
        return text

    def flush(self) -> str:
        """Return the rest at the end of the text: there is none."""
        return ""


class SpeechStream:
    """Makes a stream of text speakable; gives out at once what no later text can change.

    However the text is cut into pieces, what is given out in all is `speakable` of the whole, without
    white space at either end, as long as no mark stays open for more than `HOLD_LIMIT` characters.
    """

    def __init__(self) -> None:
        """Start with nothing said."""
        self._line = _OpenLine()
        self._pending_space = ""
        self._last = ""

    def feed(self, text: str) -> str:
        """Take the next piece of text; return what may be spoken by now, often a little less."""
        said = ""
        for start in range(0, len(text), PIECE_LENGTH):
            *finished, rest = text[start : start + PIECE_LENGTH].split("\n")
            for line in finished:
                said += self._line.feed(line) + self._line.finish() + "\n"
                self._line = _OpenLine()
            said += self._line.feed(rest)
        return self._trim(said)

    def flush(self) -> str:
        """Return the rest at the end of the text."""
        said = self._trim(self._line.finish())
        self._line = _OpenLine()
        self._pending_space = ""
        return said

    def _trim(self, said: str) -> str:
        """Hold white space back until a word follows it; drop it at the start."""
        body = said.rstrip()
        if not body:
            self._pending_space += said
            return ""
        lead = self._pending_space + said[: len(said) - len(said.lstrip())]
        self._pending_space = said[len(body) :]
        spoken = broken_up((lead if self._last else "") + body.lstrip(), self._last)
        self._last = spoken[-1]
        return spoken


class _OpenLine:
    """One line that is still being written: what is decided is said and forgotten, the open end is kept."""

    def __init__(self) -> None:
        """Begin a line."""
        self._text = ""
        """The end of the line, behind one character of what was forgotten."""
        self._start = 0
        """Where it begins: at one, where a character stands before it."""
        self._is_begun = False
        """The beginning of the line is forgotten."""
        self._is_blank = True
        """Of what is forgotten, nothing was said."""
        self._space = ""
        """What was left of it at its end; nothing where a word was."""
        self._said = ""
        """What was said of the kept end."""
        self._is_in_address = False

    def feed(self, text: str) -> str:
        """Take the next piece; return what can be said by now."""
        if self._is_in_address:
            text = text[_ADDRESS_REST.match(text).end() :]  # type: ignore[union-attr]  # it matches nothing, too
            self._is_in_address = not text
        self._text += text
        said = ""
        while len(self._text) - (decided := self._decided()) > HOLD_LIMIT:
            said += self._give_up(decided)
        # White space waits: a citation mark may vanish between it and the full stop.
        said += self._say(self._spoken(decided).rstrip(" \t"))
        if (end := self._cut(decided)) > self._start:
            start = self._start if self._is_begun else line_mark_end(self._text)
            self._forget(end, self._joined(without_marks(self._text[:decided], start, end)))
        return said

    def finish(self) -> str:
        """Return what is left to say of the whole line."""
        return self._say(self._spoken(len(self._text)).rstrip(" \t"))

    def _give_up(self, opened: int) -> str:
        """Wait no longer for the end of what is open; return what can be said by now."""
        opener = len(self._text) - len(self._text[opened:].lstrip(" \t" + _UNDECIDED))
        end = opener + 1 if self._text[opener : opener + 1] in _OPENERS else len(self._text)
        for mark in INLINE.finditer(self._text, opened):
            if mark.start() <= opener < mark.end():
                end = mark.end()
        self._is_in_address = end == len(self._text) and _ADDRESS_AT_END.search(self._text) is not None
        spoken = self._spoken(end)
        said = self._say(spoken.rstrip(" \t"))
        self._forget(end, spoken)
        return said

    def _say(self, whole: str) -> str:
        """Return what a longer piece of the line adds to what was said of it."""
        said = whole[len(self._said) :]
        if said:
            self._said = whole
        return said

    def _spoken(self, end: int) -> str:
        """Return what is said of the kept text up to a character that is the line's last, as far as is known."""
        text, start = self._text[:end], self._start
        if not self._is_begun:
            return speakable_line(text)
        if "|" in text:
            text = text[:start] + without_bars(text[start:].rstrip().rstrip("|").rstrip())
        return self._joined(without_marks(text, start) if MARKS.search(text) else text[start:])

    def _joined(self, said: str) -> str:
        """Return what is said, behind what was said of the line before."""
        said = SPACES.sub(" ", self._space + said)
        return said.lstrip(" \t") if self._is_blank else said

    def _decided(self) -> int:
        """Count the characters from the front that no later text can turn into a mark."""
        text = self._text
        is_start_open = not self._is_begun and is_line_start_open(text)
        if is_start_open or "|" in text:
            return self._start
        opened = max(self._start, _outside_marks(text, self._start, _open_from(text, self._start)))
        return self._start if not self._is_begun and is_line_start_open(text[:opened]) else opened

    def _cut(self, end: int) -> int:
        """Return up to where the line can be forgotten: nothing behind it looks, or reaches, further back."""
        text = self._text[:end]
        least = self._start if self._is_begun else line_mark_end(text) + 1
        spans = [match.span() for match in INLINE.finditer(text, self._start)] if MARKS.search(text) else []
        while end > least:
            if text[end - 1] in _NO_END or text[end - 1].isspace():
                end -= 1
            elif spans and (spans[-1][0] < end < spans[-1][1] or (spans[-1][1] == end == len(text) and "`" in text)):
                end = spans.pop()[0]
            elif spans and spans[-1][0] >= end:
                spans.pop()
            else:
                return end
        return 0

    def _forget(self, end: int, spoken: str) -> None:
        """Forget the line up to a character, and with it what is said of that."""
        words = spoken.rstrip(" \t")
        self._said = self._said[len(words) :]
        self._is_blank = self._is_blank and not words
        self._space = "" if self._is_blank else spoken[len(words) :]
        self._text, self._start = self._text[end - 1 :], 1
        self._is_begun = True


def _open_from(text: str, start: int) -> int:
    """Return from where on the end of a line is open: what follows may make a mark of it."""
    if not MARKS.search(text):
        match = _ADDRESS_OPEN.search(text, text.rfind(" ") + 1)
        return min(len(text.rstrip(" \t!")), match.start() if match else len(text))
    found = [len(text.rstrip(_UNDECIDED)), len(text.rstrip(" \t")), _open_word(text, start)]
    found += [
        text.rfind(mark) for mark, end in (("<", ">"), ("\u3010", "\u3011")) if text.rfind(mark) > text.rfind(end)
    ]
    bracket = text.find("[", start)
    while bracket >= 0 and not _BRACKET_OPEN.match(text, bracket):
        bracket = text.find("[", bracket + 1)
    if bracket >= 0:
        found.append(bracket)
    return len(text[: min(found)].rstrip(_UNDECIDED))


def _outside_marks(text: str, start: int, end: int) -> int:
    """Return a place of a line, moved to the front of the mark that it lies in, and of what is undecided before."""
    if end == len(text) or not MARKS.search(text):
        return end
    for start_of_mark, end_of_mark in reversed([match.span() for match in INLINE.finditer(text, start)]):
        if start_of_mark < end < end_of_mark:
            end = start_of_mark
        end = len(text[:end].rstrip(_UNDECIDED))
    return end


def _open_word(text: str, start: int) -> int:
    """Return from where on the last word is open: an address, or what may be one, or a name with underscores."""
    links = [match.end() for match in INLINE.finditer(text, start) if match["link"]] if "](" in text else []
    spaces = [match.end() for match in _SPACE.finditer(text)]
    word = max(links[-1:] + spaces[-1:] + [start])
    if "_" in text[word:]:
        return word
    match = _ADDRESS_OPEN.search(text, word)
    return match.start() if match else len(text)
