"""What the client may change in a conversation afterwards: items deleted, answers shortened."""

import asyncio
from typing import Final

from ..clock import now
from ..jsontypes import JsonObject
from .conversation import Sounded
from .record import Truncation
from .room import Room
from .vad import BYTES_PER_SAMPLE

_INVALID: Final = "invalid_request_error"
BUSY_S: Final = 0.05
"""How long an update takes in the dialect in which nothing may be deleted meanwhile, or just before."""


class Editing:
    """Deletes and shortens items, as far as the service lets."""

    def __init__(self, room: Room) -> None:
        """Edit the conversation of one session."""
        self._room = room
        self._late: dict[str, tuple[asyncio.TimerHandle, list[JsonObject]]] = {}
        self._updates = 0

    def delete(self, event: JsonObject) -> None:
        """Forget an item; the acknowledgement names none."""
        room, item_id = self._room, event["item_id"]
        mode = room.state.dialects["delete"]
        if room.conversation.find(item_id) is None:
            room.wire.error(_INVALID, f"No item with id {item_id} found.", param="item_id")
        elif mode == "refused" or self._updates:
            self._refuse(item_id)
        elif mode == "refused_during_update":
            kept = list(room.conversation.items)
            room.conversation.remove(item_id)
            timer = asyncio.get_running_loop().call_later(BUSY_S, self._deleted, item_id)
            self._late[item_id] = (timer, kept)
        else:
            room.conversation.remove(item_id)
            room.wire.send("conversation.item.deleted", item_id="")

    def updated(self) -> None:
        """Acknowledge an update that has been made; late, where deletions suffer from it."""
        if self._room.state.dialects["delete"] != "refused_during_update":
            self._acknowledge()
            return
        for item_id, (timer, kept) in self._late.items():
            timer.cancel()
            self._room.conversation.items = kept
            self._refuse(item_id)
        self._late.clear()
        self._updates += 1
        asyncio.get_running_loop().call_later(BUSY_S, self._acknowledge_late)

    def truncate(self, event: JsonObject) -> None:
        """Shorten an answer to what was heard of it, by the clock of the sound that was sent; else refuse."""
        room, item_id, end_ms = self._room, event["item_id"], event["audio_end_ms"]
        mode = room.state.dialects["truncate"]
        item, sounded = room.conversation.find(item_id), room.conversation.sounded.get(item_id)
        text, sent_ms = None, None if sounded is None else sounded.ms
        if mode == "ignored":
            pass
        elif item is None or sounded is None or mode == "refused":
            room.wire.error(_INVALID, f"Item {item_id} cannot be truncated.", param="item_id")
        elif end_ms > sounded.ms:
            # As OpenAI's API says it (github.com/ReviewStage/luke/pull/564); nobody has seen xAI's words.
            shorter = f"Audio content of {sounded.ms}ms is already shorter than {end_ms}ms"
            room.wire.error(_INVALID, shorter, code="invalid_value", param="audio_end_ms")
        else:
            text = sounded.text_until(end_ms).strip()
            self._shorten(item, sounded, end_ms, text)
            room.wire.send(
                "conversation.item.truncated",
                item_id=item_id,
                content_index=event["content_index"],
                audio_end_ms=end_ms,
                transcript=text,
            )
        room.record.truncations.append(
            Truncation(at=now(), item_id=item_id, audio_end_ms=end_ms, sent_ms=sent_ms, transcript=text)
        )

    @staticmethod
    def _shorten(item: JsonObject, sounded: Sounded, end_ms: int, text: str) -> None:
        """Forget what was not heard."""
        item["content"] = [{"type": "output_text", "text": text}]
        sounded.sent_bytes = end_ms * sounded.rate // 1000 * BYTES_PER_SAMPLE
        sounded.words = [word for word in sounded.words if word[0] < end_ms]

    def _refuse(self, item_id: str) -> None:
        """Say that an item stays."""
        self._room.wire.error(_INVALID, f"Item {item_id} cannot be deleted.", param="item_id")

    def _deleted(self, item_id: str) -> None:
        """Say that an item is gone."""
        self._late.pop(item_id)
        self._room.wire.send("conversation.item.deleted", item_id="")

    def _acknowledge_late(self) -> None:
        """Acknowledge an update after its time."""
        self._updates -= 1
        self._acknowledge()

    def _acknowledge(self) -> None:
        """Say which settings are in force."""
        room = self._room
        echo = room.config.updated_echo
        if room.state.dialects["echoed_tools"] == "flat":
            echo["tools"] = room.config.tools
        room.wire.send("session.updated", session=echo)
