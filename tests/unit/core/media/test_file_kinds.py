"""A file is what its first bytes say."""

import pytest

from custom_components.grok_assist.core.media.file_kinds import FileKind, kind_of


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (b"\xff\xd8\xff\xe0rest", FileKind.PICTURE),
        (b"\x89PNG\r\n\x1a\n", FileKind.PICTURE),
        (b"GIF89a\x01\x00", FileKind.PICTURE),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", FileKind.PICTURE),
        (b"\x00\x00\x00\x1cftypavif", FileKind.PICTURE),
        (b"BM\x36\x00\x0c\x00", FileKind.PICTURE),
        (b"BMW, Audi, Opel", FileKind.TEXT),
        (b"%PDF-1.7\n%\xe2\xe3", FileKind.PDF),
        (b"name,value\r\nlamp,1\r\n", FileKind.TEXT),
        ("grüße: ö".encode(), FileKind.TEXT),
        ("ä".encode()[:1], FileKind.TEXT),
        ("Grüße aus Köln, mit Umlauten".encode("latin-1"), FileKind.TEXT),
        ("words".encode("utf-16"), FileKind.TEXT),
        (b"\x00\x00\x00\x18ftypmp42", None),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"\x7fELF\x02\x01\x01\x00", None),
        (b"", None),
    ],
)
def test_kind_when_looked_at_then_told(beginning: bytes, kind: FileKind | None) -> None:
    """Pictures, PDFs and texts of several encodings; films, sounds and programs are nothing that we know."""
    assert kind_of(beginning) is kind
