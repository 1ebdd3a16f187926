"""What an answer costs, as `response.done` tells it."""

import math
from typing import Final

from ..jsontypes import JsonObject
from ..responses.ask import message_text
from ..responses.tokens import text_tokens
from .record import RecordedResponse
from .room import Room
from .vad import BYTES_PER_SAMPLE

_AUDIO_TOKENS_PER_S: Final = 50


def usage(room: Room, record: RecordedResponse) -> JsonObject:
    """Give the usage; `billable_audio_seconds` is a running total of the conversation."""
    audio_s = len(record.audio) / BYTES_PER_SAMPLE / record.audio_rate
    room.conversation.billable_s += audio_s
    heard = text_tokens(message_text(room.conversation.items[-1])) if room.conversation.items else 0
    spoken = text_tokens(record.text) + sum(text_tokens(call["arguments"]) for call in record.calls)
    audio_tokens = math.ceil(audio_s * _AUDIO_TOKENS_PER_S)
    told: JsonObject = {
        "input_tokens": heard,
        "input_token_details": {"text_tokens": heard, "audio_tokens": 0, "grok_tokens": 0},
        "output_tokens": spoken + audio_tokens,
        "output_token_details": {"text_tokens": spoken, "audio_tokens": audio_tokens, "grok_tokens": 0},
        "total_tokens": heard + spoken + audio_tokens,
        "output_audio_seconds": round(audio_s, 2),
    }
    match room.state.dialects["billable"]:
        case "missing":
            return told
        case "zero":
            billable_s = 0.0
        case "wall_clock":
            billable_s = room.record.open_s
        case _:
            billable_s = room.conversation.billable_s
    return {**told, "billable_audio_seconds": math.ceil(billable_s)}
