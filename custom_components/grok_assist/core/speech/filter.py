"""Speech-safe text: what a voice may read aloud of a model's answer, and what a card may show of it."""

import re
from typing import Final
import unicodedata

_PICTOGRAPHS: Final = (
    "\U0001f000-\U0001fbff"  # pictographs, emoticons, flags' letters, transport
    "\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff"  # technical signs, symbols, dingbats, stars
    "\ufe0f\u20e3\U000e0020-\U000e007f"  # variation, keycap, tags
)
_JOINED: Final = rf"(?<=[{_PICTOGRAPHS}])\u200d"  # it joins letters of Bengali and Sinhala, too, and stays there
# One pass over the raw text, so that what a mark is never depends on what was taken out beside it.
INLINE = re.compile(
    r"(?P<space>[ \t]?)"
    r"(?P<link>!?\[(?P<words>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)"
    r"|!\[[^\[\]]*\]\[[^\[\]]*\])"  # a picture whose address stands elsewhere
    r"|\s?\[\d+\]|\s?\u3010(?:[\d:]+|[^\u3010\u3011]*\u2020[^\u3010\u3011]*)\u3011"  # numbered citations
    r"|[ \t]?<?(?<![A-Za-z0-9])(?:https?://|www\.)[A-Za-z0-9](?:[^\s<>)\]*`~]*[^\s<>)\]*`~.,;:!?])?>?"  # addresses
    r"|</?[A-Za-z][A-Za-z0-9_:-]*(?:[\s/][^<>]*)?/?>"  # tags
    r"|```[^`]*$|`+"  # code, a fence with its language
    r"|\*{2,3}|~~|(?<![A-Za-z0-9_])__|__(?![A-Za-z0-9_])"  # strong
    r"|(?<![\w*])\*(?=\S)|(?<=[^\s*])\*(?![\w*])|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)"  # emphasis
    rf"|(?:[ \t]?[{_PICTOGRAPHS}]|{_JOINED})(?:[{_PICTOGRAPHS}]|{_JOINED})*"
)
_LINE_MARK = re.compile(r"[ \t]*(?:(?:[-*_][ \t]*){3,}$|(?:#{1,6}[ \t]+|>[ \t]?|[-*+\u2022][ \t]+)+)")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t:|-]*-{3,}[ \t:|-]*$")
_TABLE_BAR = re.compile(r"(?:(?<![ \t])[ \t]++)?\|[ \t]*+")
# A line that says where reference links, and pictures, point to.
_DEFINITION = re.compile(r"[ \t]*\[[^\[\]]+\]:[ \t]*<?(?:[A-Za-z][A-Za-z0-9+.\-]*:\S|//|www\.)")
SPACES = re.compile(r"[ \t]{2,}")
MARKS = re.compile(r"[*_`~#|>\[\]\u3010<+\u2022\-]|://|www\.|[^\x00-\x7f]|[ \t]{2}")
_LINE_START_OPEN = re.compile(r"[#>+\u2022*_`~\- \t]*$")
_DEFINITION_OPEN = re.compile(r"[ \t]*\[[^\[\]]+\]:")
# What begins a picture, a tag or a link for whoever shows markdown, should any of it be left.
_SYNTAX = re.compile(r"(?<=!)(?=\[)|(?<=<)(?=[A-Za-z/!?])|(?<=\])(?=[(\[])")
_VOICE_TAG = re.compile(r"\[[a-z][a-z -]*\]|</?[a-z][a-z-]*/?>")
_QUESTION_ENDS: Final = ("?", ";", "\uff1f", "\u061f", "\u037e")
_CLOSING: Final = frozenset(("Zs", "Cf", "Pe", "Pf", "Pi"))
"""What may stand behind the end of a sentence: blanks, marks of direction, quotes and brackets of any language."""


def speakable(text: str) -> str:
    """Return the text without markdown, links, citation marks, tags and emoji; words stay as they are.

    Nothing that is left is a picture, a tag or a link for whoever shows it as markdown.
    """
    return broken_up("\n".join(speakable_line(line).rstrip(" \t") for line in text.split("\n")))


def broken_up(text: str, before: str = "") -> str:
    """Return speakable text, which follows some other, with a space in whatever could still be taken for a mark."""
    return _SYNTAX.sub(" ", before + text)[len(before) :]


def without_tags(text: str) -> str:
    """Return a text without marks that the service would act out (`[laugh]`, `<whisper>`); a name may look like one."""
    return _VOICE_TAG.sub("", text)


def is_question(text: str) -> bool:
    """Tell whether an answer ends with a question, in any script."""
    end = len(text)
    while end and (text[end - 1] in "\t\r\n\"'" or unicodedata.category(text[end - 1]) in _CLOSING):
        end -= 1
    return text.endswith(_QUESTION_ENDS, 0, end)


def speakable_line(line: str) -> str:
    """Make one whole line speakable."""
    if not MARKS.search(line):
        return line.lstrip(" \t")
    if _DEFINITION.match(line):
        return ""
    if "|" in line:
        line = "" if _TABLE_RULE.match(line) else without_bars(line.strip().strip("|").strip())
    said = without_marks(line, line_mark_end(line))
    return SPACES.sub(" ", said).lstrip(" \t")


def line_mark_end(line: str) -> int:
    """Return where the words of a line begin, behind what makes it a heading, a list or a quote."""
    mark = _LINE_MARK.match(line)
    return mark.end() if mark else 0


def without_bars(line: str) -> str:
    """Write the cells of a table's row with commas between them."""
    return _TABLE_BAR.sub(", ", line)


def without_marks(text: str, start: int, end: int | None = None) -> str:
    """Return what is said of a text from one character to another; what stands beside them counts as neighbour."""
    end = len(text) if end is None else end
    said: list[str] = []
    for match in INLINE.finditer(text, start):
        if match.end() > end:
            break
        said += (text[start : match.start()], _replacement(match))
        start = match.end()
    return "".join([*said, text[start:end]])


def is_line_start_open(line: str) -> bool:
    """Tell whether what a line is depends on what follows of it."""
    return bool(_LINE_START_OPEN.match(line) or _DEFINITION_OPEN.match(line))


def _replacement(match: re.Match[str]) -> str:
    """Keep the words of a link, unless they are a citation's number or an address; drop every other mark."""
    if not match["link"] or match["link"].startswith("!"):
        return ""
    words = match["words"].strip().strip("[]")
    return "" if words.isdigit() else match["space"] + INLINE.sub(_replacement, words)
