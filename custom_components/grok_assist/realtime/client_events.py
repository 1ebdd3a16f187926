"""What we say on the realtime socket: every client event as a dataclass that writes itself.

Names and forms: xAI voice agent guide, "client events", and xAI's speech-to-speech reference (read 2026-11-20).
"""

import base64
from dataclasses import dataclass

from ..core.json_types import JsonObject
from .config import SessionConfig
from .server_events import TAG


@dataclass(frozen=True, slots=True)
class UpdateSession:
    """Ask the session to be something else."""

    config: SessionConfig

    def to_json(self) -> JsonObject:
        """Write it."""
        return self.config.as_update()


@dataclass(frozen=True, slots=True)
class AppendAudio:
    """A piece of the microphone's sound: 16-bit mono samples at the rate of the input."""

    pcm: bytes

    def to_json(self) -> JsonObject:
        """Write it."""
        return {"type": "input_audio_buffer.append", "audio": base64.b64encode(self.pcm).decode("ascii")}


@dataclass(frozen=True, slots=True)
class CreateMessage:
    """The user's words as text; costs money."""

    text: str

    def to_json(self) -> JsonObject:
        """Write it."""
        content = [{"type": "input_text", "text": self.text}]
        return _create({"type": "message", "role": "user", "content": content})


@dataclass(frozen=True, slots=True)
class ForceMessage:
    """A text that the voice says word by word; costs money."""

    text: str

    def to_json(self) -> JsonObject:
        """Write it."""
        content = [{"type": "output_text", "text": self.text}]
        return _create({"type": "force_message", "role": "assistant", "content": content, "interruptible": True})


@dataclass(frozen=True, slots=True)
class CreateFunctionOutput:
    """The result of a call."""

    call_id: str
    output: str

    def to_json(self) -> JsonObject:
        """Write it."""
        return _create({"type": "function_call_output", "call_id": self.call_id, "output": self.output})


@dataclass(frozen=True, slots=True)
class CreateResponse:
    """Ask for an answer; by the mark, if the service echoes it, it is known again."""

    mark: str = ""

    def to_json(self) -> JsonObject:
        """Write it."""
        return {"type": "response.create", "response": {"metadata": {TAG: self.mark}}}


@dataclass(frozen=True, slots=True)
class CancelResponse:
    """Stop an answer, or the one under way; an error that there was none is harmless."""

    response_id: str = ""

    def to_json(self) -> JsonObject:
        """Write it."""
        return {"type": "response.cancel"} | ({"response_id": self.response_id} if self.response_id else {})


@dataclass(frozen=True, slots=True)
class TruncateItem:
    """Tell how much of an item was heard, in milliseconds; the server may refuse."""

    item_id: str
    heard_ms: int

    def to_json(self) -> JsonObject:
        """Write it."""
        return {
            "type": "conversation.item.truncate",
            "item_id": self.item_id,
            "content_index": 0,
            "audio_end_ms": self.heard_ms,
        }


@dataclass(frozen=True, slots=True)
class DeleteItem:
    """An item that must not count any more."""

    item_id: str

    def to_json(self) -> JsonObject:
        """Write it."""
        return {"type": "conversation.item.delete", "item_id": self.item_id}


type ClientEvent = (
    UpdateSession
    | AppendAudio
    | CreateMessage
    | ForceMessage
    | CreateFunctionOutput
    | CreateResponse
    | CancelResponse
    | TruncateItem
    | DeleteItem
)


def _create(item: JsonObject) -> JsonObject:
    """Write the event that adds an item to the conversation."""
    return {"type": "conversation.item.create", "item": item}
