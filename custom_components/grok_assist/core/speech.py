"""Speech-safe text: what a voice may read aloud of a model's answer, as a stream."""

import re
from typing import Final

HOLD_LIMIT: Final = 400  # characters kept back at most while a mark may still be closed

# One pass over the raw text, so that what a mark is never depends on what was taken out beside it.
_INLINE = re.compile(
    r"(?P<space>[ \t]?)"
    r"(?P<link>!?\[(?P<words>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\))"
    r"|\s?\[\d+\]|\s?\u3010[^\u3011]*\u3011"  # numbered citations
    r"|[ \t]?<?\b(?:https?://|www\.)[A-Za-z0-9](?:[^\s<>)\]*`~]*[^\s<>)\]*`~.,;:!?])?>?"  # addresses
    r"|</?[A-Za-z][A-Za-z0-9_:-]*(?:\s[^<>]*)?/?>"  # tags
    r"|```[^`]*$|`+"  # code, a fence with its language
    r"|\*{2,3}|~~|(?<![A-Za-z0-9_])__|__(?![A-Za-z0-9_])"  # strong
    r"|(?<![\w*])\*(?=\S)|(?<=[^\s*])\*(?![\w*])|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)"  # emphasis
    "|[ \t]?["
    "\U0001f000-\U0001fbff"  # pictographs, emoticons, flags' letters, transport
    "\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff"  # technical signs, symbols, dingbats, stars
    "\ufe0f\u200d\u20e3\U000e0020-\U000e007f"  # variation, joiner, keycap, tags
    "]+"
)
_LINE_MARK = re.compile(r"[ \t]*(?:(?:[-*_][ \t]*){3,}$|(?:#{1,6}[ \t]+|>[ \t]?|[-*+\u2022][ \t]+)+)")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t:|-]*-{3,}[ \t:|-]*$")
_TABLE_BAR = re.compile(r"[ \t]*\|[ \t]*")
_SPACES = re.compile(r"[ \t]{2,}")
_MARKS = re.compile(r"[*_`~#|>\[\]\u3010<+\u2022\-]|://|www\.|[^\x00-\x7f]|[ \t]{2}")
_LINE_START_OPEN = re.compile(r"^[ \t]*(?:[#>+\u2022*_`~\-]|[*_\- ])*[ \t]*$")
_OPEN_AT_END = re.compile(
    r"[*_`~!]*"  # whether these are marks is decided by what follows them
    # A link whose words are there, but not all of its address.
    r"(?:!?\[(?:[^\[\]]|\[[^\[\]]*\])*\](?:\((?:[^()]|\([^()]*\))*(?:\([^()]*)?)?"
    r"|!?\[(?:[^\[\]]|\[[^\[\]]*\])*(?:\[[^\[\]]*)?"  # a link whose words are not complete
    r"|\u3010[^\u3011]*|<[^<>]*|\bh(?:t(?:t(?:ps?:?/?)?)?)?|(?<!\]\()\bhttps?://\S*|\bww?|(?<!\]\()\bwww\.?\S*"
    r"|[*_`~!]+|[ \t]+|\S*_\S*)$"
)
_ADDRESS_AT_END = re.compile(r"\b(?:h(?:t(?:t(?:ps?:?/?)?)?)?|ww?|www)$|[ \t!]$")
_VOICE_TAG = re.compile(r"\[[a-z][a-z -]*\]|</?[a-z][a-z-]*/?>")
_QUESTION_ENDS: Final = ("?", ";", "\uff1f", "\u061f", "\u037e")


def speakable(text: str) -> str:
    """Return the text without markdown, links, citation marks, tags and emoji; words stay as they are."""
    return "\n".join(_speakable_line(line).rstrip(" \t") for line in text.split("\n"))


def without_tags(text: str) -> str:
    """Return a text without marks that the service would act out (`[laugh]`, `<whisper>`); a name may look like one."""
    return _VOICE_TAG.sub("", text)


def is_question(text: str) -> bool:
    """Tell whether an answer ends with a question, in any script."""
    return text.rstrip(" \t\r\n\"'\u201d\u2019\u00bb)").endswith(_QUESTION_ENDS)


def _speakable_line(line: str) -> str:
    """Make one whole line speakable."""
    if not _MARKS.search(line):
        return line.lstrip(" \t")
    if "|" in line:
        line = "" if _TABLE_RULE.match(line) else _TABLE_BAR.sub(", ", line.strip().strip("|").strip())
    mark = _LINE_MARK.match(line)
    said = _INLINE.sub(_replacement, line[mark.end() :] if mark else line)
    return _SPACES.sub(" ", said).lstrip(" \t")


def _replacement(match: re.Match[str]) -> str:
    """Keep the words of a link, unless they are a citation's number or an address; drop every other mark."""
    if not match["link"] or match["link"].startswith("!"):
        return ""
    words = match["words"].strip().strip("[]")
    return "" if words.isdigit() else match["space"] + _INLINE.sub(_replacement, words)


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
    white space at either end.
    """

    def __init__(self) -> None:
        """Start with nothing said."""
        self._line = ""
        self._said_of_line = ""
        self._pending_space = ""
        self._has_spoken = False

    def feed(self, text: str) -> str:
        """Take the next piece of text; return what may be spoken by now, often a little less."""
        *finished, rest = (self._line + text).split("\n")
        said = ""
        for line in finished:
            said += self._finish(line) + "\n"
        self._line = rest
        said += self._advance(rest[: _stable_length(rest)])
        return self._trim(said)

    def flush(self) -> str:
        """Return the rest at the end of the text."""
        line, self._line = self._line, ""
        said = self._trim(self._finish(line))
        self._pending_space = ""
        return said

    def _finish(self, line: str) -> str:
        """Say what is left of a complete line."""
        said = self._advance(line)
        self._said_of_line = ""
        return said

    def _advance(self, line: str) -> str:
        """Say what a longer piece of the present line adds to what was said of it."""
        # Trailing space waits: a citation mark may vanish between it and the full stop.
        whole = _speakable_line(line).rstrip(" \t")
        said = whole[len(self._said_of_line) :]
        if said:
            self._said_of_line = whole
        return said

    def _trim(self, said: str) -> str:
        """Hold white space back until a word follows it; drop it at the start."""
        body = said.rstrip()
        if not body:
            self._pending_space += said
            return ""
        lead = self._pending_space + said[: len(said) - len(said.lstrip())]
        self._pending_space = said[len(body) :]
        spoken = (lead if self._has_spoken else "") + body.lstrip()
        self._has_spoken = True
        return spoken


def _stable_length(line: str) -> int:
    """Count the characters from the front of an unfinished line that no later text can turn into a mark."""
    if not _MARKS.search(line) and not _ADDRESS_AT_END.search(line):
        return len(line)
    if "|" in line or _LINE_START_OPEN.match(line):
        return 0 if len(line) < HOLD_LIMIT else len(line)
    match = _OPEN_AT_END.search(line)
    if match is None or len(line) - match.start() > HOLD_LIMIT:
        return len(line)
    stable = match.start()
    return 0 if _LINE_START_OPEN.match(line[:stable]) else stable
