"""Markdown of a model without what a browser would fetch by itself: an address can carry away what was read at home."""

import re
from typing import Final

_PICTURE: Final = re.compile(r"!\[([^\[\]]{0,400})\](?:\([^()\n]{0,4000}\)|\[[^\[\]\n]{0,200}\])?")
_MARK: Final = re.compile(r"!(?=\[)")
_TAG: Final = re.compile(r"<(?=/?[a-zA-Z!])")


def without_pictures(text: str) -> str:
    """Return markdown whose pictures are their words, and in which no tag is one."""
    return _TAG.sub("&lt;", _MARK.sub("", _PICTURE.sub(r"\1", text)))
