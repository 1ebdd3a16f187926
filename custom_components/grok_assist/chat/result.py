"""What the screen shows of a turn beside the spoken words: the rich form, the sources, and the trace's figures."""

from typing import Final
from urllib.parse import urlsplit

from ..core.speech.markdown import without_pictures
from ..grok.stream import Citation
from .record import TurnRecord

TITLE_LIMIT: Final = 200


def card_text(record: TurnRecord, spoken: str) -> str:
    """Write what the screen shows beyond the spoken words, in markdown; empty if there is nothing more."""
    written = without_pictures(record.written.strip())
    sources = "\n".join(line for citation in record.citations.values() if (line := _source(citation)))
    if not sources:
        return written if written != spoken else ""
    return f"{written}\n\n{sources}"


def _source(citation: Citation) -> str:
    """Write a source as a link; an address that a browser would not open as a page is none."""
    parts = urlsplit(citation.url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    title = " ".join(citation.title.split())[:TITLE_LIMIT]
    escaped = "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-!|" else sign for sign in title)
    address = "".join(f"%{ord(sign):02X}" if sign in "()<> \"'" else sign for sign in citation.url)
    return f"- [{escaped}]({address})"


def stats(record: TurnRecord) -> dict[str, object]:
    """Write what a turn cost, for the conversation trace."""
    usage = record.usage
    return {
        "model": record.model,
        "rounds": record.rounds,
        "input_tokens": usage.input_tokens,
        "cached_input_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "cost_usd": usage.cost_usd,
        "first_delta_ms": record.first_delta_ms,
        "corrections": record.corrections,
    }
