"""What a file is by its first bytes: automations and cameras call files all sorts of things."""

from enum import StrEnum
from typing import Final

BEGINNING: Final = 4096
"""Bytes of a file that are looked at."""


class FileKind(StrEnum):
    """What a file is."""

    PICTURE = "picture"
    PDF = "pdf"
    TEXT = "text"


_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
_BRANDS: Final = frozenset((b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"))
_LEAST_READABLE: Final = 0.95


def kind_of(beginning: bytes) -> FileKind | None:
    """Tell what a file is by its beginning; None where it is nothing that we know."""
    if beginning.startswith(_PICTURES) or (beginning.startswith(b"BM") and not _is_text(beginning)):
        return FileKind.PICTURE
    if (beginning[:4], beginning[8:12]) == (b"RIFF", b"WEBP"):
        return FileKind.PICTURE
    if beginning[4:8] == b"ftyp" and beginning[8:12] in _BRANDS:
        return FileKind.PICTURE
    if b"%PDF-" in beginning[:1024]:
        return FileKind.PDF
    return FileKind.TEXT if _is_text(beginning) else None


def _is_text(beginning: bytes) -> bool:
    """Whether bytes are words in one of the usual encodings; a character may be cut off at their end."""
    if not beginning:
        return False
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\x00" in beginning:
        return False
    try:
        text = beginning.decode()
    except UnicodeDecodeError as error:
        is_cut = error.start >= len(beginning) - 3
        text = beginning[: error.start].decode() if is_cut else beginning.decode("latin-1")
    readable = sum(sign.isprintable() or sign in "\t\r\n\f" for sign in text)
    return readable >= _LEAST_READABLE * len(text)
