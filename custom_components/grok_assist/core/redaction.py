"""Takes the key out of what the service says before anybody else sees it."""

from dataclasses import dataclass, field
import json
import re
from typing import Final
from urllib.parse import quote, quote_plus

import orjson

MASK: Final = "***"
SHOWN_LENGTH: Final = 8
"""So many characters of the key in a row are none of anybody's business; a hint of its ends may stay."""

_BEARER: Final = re.compile(r"\b(bearer)((?:[\s:=+]|%20|\\u0020)+)[^\s\"'\\,;<>&]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Redactor:
    """Knows one key and writes texts without it, quoted whole or in part, plain or escaped."""

    key: str = field(default="", repr=False)

    def __call__(self, text: str) -> str:
        """Return a text in which neither the key nor a longer piece of it is left."""
        grams, length = self._grams()
        if not grams:
            return _BEARER.sub(rf"\1\2{MASK}", text)
        kept: list[str] = []
        masked_to = 0
        for start, character in enumerate(text):
            if text[start : start + length].lower() in grams:
                if masked_to <= start:
                    kept.append(MASK)
                masked_to = start + length
            elif start >= masked_to:
                kept.append(character)
        return _BEARER.sub(rf"\1\2{MASK}", "".join(kept))

    def _grams(self) -> tuple[frozenset[str], int]:
        """Return every piece of the key, in each form in which it may be quoted, and how long the pieces are."""
        written = orjson.dumps(self.key.encode("utf-8", "replace").decode()).decode()[1:-1]
        quoted = (quote(self.key, safe="", errors="replace"), quote_plus(self.key, errors="replace"))
        escaped = json.dumps(self.key)[1:-1]
        forms = {self.key, written, escaped, written.replace("/", "\\/"), *quoted}
        length = min(SHOWN_LENGTH, len(self.key))
        pieces = (form.lower()[start : start + length] for form in forms for start in range(len(form) - length + 1))
        return frozenset(pieces) if length else frozenset(), length


NO_KEY: Final = Redactor()
"""For texts of a service that was given none."""
