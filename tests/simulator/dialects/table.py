"""All dialects, and the profile of a service that is as unlike our expectations as it can be and still be of use."""

from collections.abc import Mapping
from typing import Final

from .dialect import Dialect
from .speech import SPEECH
from .text import TEXT
from .voice import VOICE

DIALECTS: Final[Mapping[str, Dialect]] = {dialect.name: dialect for dialect in (*TEXT, *VOICE, *SPEECH)}
HOSTILE: Final[Mapping[str, str]] = {
    "empty_content": "refused",
    "later_system": "refused",
    "refused_argument": "include",
    "reasoning_replay": "refused",
    "reasoning_only": "response_tag",
    "grammar": "simple",
    "most_tools": "200",
    "error_shape": "slug",
    "text_usage": "missing",
    "closing_event": "done",
    "calls": "fragments",
    "retired_model": "substituted",
    "metadata": "missing",
    "session_model": "resolved",
    "refused_field": "keyterms",
    "socket_error_shape": "untyped",
    "stray_errors": "some",
    "delete": "refused_during_update",
    "truncate": "refused",
    "idle_cancel": "closes",
    "speech_after_end": "once",
    "response_created": "before_stop",
    "transcript_status": "missing",
    "frame_limit": "64KiB",
    "billable": "zero",
    "audio_events": "audio",
    "sessions_at_once": "10",
    "idle_limit": "short",
    "greeting": "after_ping",
    "preamble": "spoken",
    "echoed_tools": "flat",
    "system_item": "ignored",
    "stt_language": "listed_or_refused",
    "finalize": "unknown",
    "tts_limit": "4000",
}
PROFILES: Final[Mapping[str, Mapping[str, str]]] = {"hostile": HOSTILE}


def listing() -> str:
    """Give a table of all dialects for people; the default of each is in brackets."""
    width = max(map(len, DIALECTS))
    lines: list[str] = []
    for name, one in DIALECTS.items():
        values = [f"[{value}]" if value == one.default else value for value in one.values]
        lines += [f"{name:<{width}}  {' '.join(values)}", f"{'':<{width}}    {one.about}"]
    chosen = " ".join(f"{name}={value}" for name, value in HOSTILE.items())
    return "\n".join([*lines, "", f"{'hostile':<{width}}  all of these together: {chosen}", ""])
