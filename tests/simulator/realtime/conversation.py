"""What has been said and done in a realtime conversation, in the form in which the mind is asked."""

from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from ..jsontypes import JsonObject
from ..keys import Key
from ..responses.ask import Ask, message_text
from ..responses.models import MODELS
from .config import SessionConfig
from .vad import BYTES_PER_SAMPLE

_MIND: Final = next(model for model in MODELS if model.id == "grok-4.3")
_ROLES: Final = {"function_call": "tool", "function_call_output": "tool"}


def new_id() -> str:
    """Give an id for whatever needs one."""
    return str(uuid4())


@dataclass(slots=True, kw_only=True)
class Sounded:
    """What of a message of the voice was really sent; not frozen because it grows while it is spoken."""

    rate: int
    sent_bytes: int = 0
    words: list[tuple[float, str]] = field(default_factory=list)
    """Those that were told, each with the millisecond of the sound at which it begins."""

    @property
    def ms(self) -> int:
        """How long the sound is."""
        return self.sent_bytes * 1000 // (BYTES_PER_SAMPLE * self.rate)

    def text_until(self, ms: int) -> str:
        """Give the words that begin before a moment of the sound."""
        return "".join(word for start_ms, word in self.words if start_ms < ms)


@dataclass(slots=True, kw_only=True)
class Conversation:
    """The items so far, oldest first, each with its id; outlives its socket where that was asked for."""

    id: str = field(default_factory=new_id)
    items: list[JsonObject] = field(default_factory=list)
    billable_s: float = 0.0
    written_ids: set[str] = field(default_factory=set)
    """The messages that the client created."""
    sounded: dict[str, Sounded] = field(default_factory=dict)
    """The sound of what the voice has said, by item."""

    def add(self, item: JsonObject) -> None:
        """Put an item at the end, or in the place of the one that has its id."""
        for index, known in enumerate(self.items):
            if known["id"] == item["id"]:
                self.items[index] = item
                return
        self.items.append(item)

    def find(self, item_id: str) -> JsonObject | None:
        """Give an item."""
        return next((item for item in self.items if item["id"] == item_id), None)

    def remove(self, item_id: str) -> None:
        """Forget an item."""
        self.items = [item for item in self.items if item["id"] != item_id]

    def forget_spoken(self) -> None:
        """Forget everything but the messages that the client created."""
        self.items = [item for item in self.items if item["id"] in self.written_ids]

    def body(self, config: SessionConfig, instructions: str | None) -> JsonObject:
        """Give the request that the text API would get for the same answer."""
        return {
            "model": _MIND.id,
            "instructions": config.instructions if instructions is None else instructions,
            "input": [dict(item) for item in self.items],
            "tools": config.tools,
        }


def asked(body: JsonObject, key: Key) -> Ask:
    """Give the question to the mind."""
    return Ask(body=body, model=_MIND, key=key, items=body["input"])


def message(item_id: str, role: str, text: str) -> JsonObject:
    """Build a message as the mind reads it."""
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "id": item_id, "role": role, "content": [{"type": kind, "text": text}]}


def remembered(item: JsonObject, item_id: str) -> JsonObject:
    """Give an item that the client created as the mind reads it."""
    if item["type"] in {"message", "force_message"}:
        return message(item_id, item["role"], message_text(item))
    return {**item, "id": item_id}


def shown(item: JsonObject, item_id: str) -> JsonObject:
    """Give an item that the client created as the server announces it."""
    role = _ROLES.get(item["type"]) or item["role"]
    return {**item, "id": item_id, "object": "realtime.item", "status": "completed", "role": role}


def spoken_item(item_id: str, status: str) -> JsonObject:
    """Build the announcement of an answer's message."""
    return {"id": item_id, "object": "realtime.item", "type": "message", "status": status, "role": "assistant"}
