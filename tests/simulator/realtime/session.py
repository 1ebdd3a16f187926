"""One session: what the client sends, event by event."""

import asyncio
import base64
import json
import time
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from ..clock import now
from ..faults import FaultName
from ..jsontypes import JsonObject
from ..responses.ask import message_text
from ..schema import has_definition, schema_errors
from .answer import Order
from .clock import until
from .config import ConfigError
from .conversation import new_id, remembered, shown, spoken_item
from .editing import Editing
from .listener import Listener
from .refused import check_fields
from .room import Room
from .speaker import Speaker
from .wire import NO_CODE, without_audio

_INVALID: Final = "invalid_request_error"
_MAX_TEXT_ITEMS: Final = 100
_SHORT_LIMIT_S: Final = 60.0
_SHORT_IDLENESS_S: Final = 20.0
_CLOSE_S: Final = 0.5


class Session:
    """Serves one socket until it ends."""

    def __init__(self, room: Room) -> None:
        """Begin with the settings of a session that nobody has updated."""
        self._room = room
        self._speaker = Speaker(room)
        self._listener = Listener(room, self._speaker)
        self._editing = Editing(room)
        self._heard_at = now()
        self._is_updated = False
        self._is_blamed = False
        self._acts = {
            "session.update": self._update,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit,
            "input_audio_buffer.clear": self._clear,
            "conversation.item.create": self._create_item,
            "conversation.item.delete": self._editing.delete,
            "conversation.item.truncate": self._editing.truncate,
            "response.create": self._create_response,
            "response.cancel": self._cancel_response,
        }

    async def serve(self, socket: web.WebSocketResponse) -> None:
        """Greet, then act on what comes in."""
        room = self._room
        pump = room.spawn(room.wire.pump())
        room.spawn(self._ping())
        room.spawn(self._end_in_time())
        room.spawn(self._end_idleness())
        self._greet()
        try:
            async for frame in socket:
                self._heard_at = now()
                match frame.type:
                    case WSMsgType.TEXT:
                        self._take(frame.data)
                    case WSMsgType.BINARY:
                        room.record.note("client", {"type": "binary", "audio": len(frame.data)})
                        self._hear(frame.data)
        finally:
            self._listener.close()
            self._speaker.close()
            room.wire.is_open = False
            room.record.closed_at = now()
            room.record.close_code = room.wire.cut_code or socket.close_code or NO_CODE
            try:
                if room.wire.cut_code is not None:
                    await asyncio.wait([pump], timeout=_CLOSE_S)
            finally:
                await room.end_tasks()

    def _greet(self) -> None:
        """Send the first events."""
        room = self._room
        greeting = room.state.dialects["greeting"]
        if greeting == "first":
            room.wire.send("session.created", session=room.config.created_echo)
        room.wire.send(
            "conversation.created", conversation={"id": room.conversation.id, "object": "realtime.conversation"}
        )
        room.wire.send("ping", timestamp=round(time.time() * 1000))
        if greeting == "after_ping":
            room.wire.send("session.created", session=room.config.created_echo)
        self._replay()

    def _replay(self) -> None:
        """Tell a conversation that is gone on with: only what the voice said, or everything (API reference 3.9)."""
        room = self._room
        is_whole = room.state.dialects["resumption"] == "all"
        kind = "conversation.item.added" if is_whole else "conversation.item.created"
        for item in room.conversation.items:
            if item.get("role") == "assistant":
                content = [{"type": "output_audio", "transcript": message_text(item)}]
                room.wire.send(kind, item={**spoken_item(item["id"], "completed"), "content": content})
            elif is_whole:
                room.wire.send(kind, item=shown(item, item["id"]))

    async def _ping(self) -> None:
        """Send pings from time to time."""
        while True:
            await asyncio.sleep(self._room.pace.ping_s)
            self._room.wire.send("ping", timestamp=round(time.time() * 1000))

    async def _end_in_time(self) -> None:
        """End a session that has lasted too long, where the limit is short."""
        if self._room.state.dialects["session_limit"] == "short":
            await asyncio.sleep(_SHORT_LIMIT_S)
            self._end("max_duration", "The session has reached its maximum duration.")

    async def _end_idleness(self) -> None:
        """End a session in which neither side does anything, where the limit is short."""
        if self._room.state.dialects["idle_limit"] != "short":
            return
        while now() < self._heard_at + _SHORT_IDLENESS_S:
            await until(self._heard_at + _SHORT_IDLENESS_S)
            if self._speaker.is_busy:
                self._heard_at = now()
        self._end("timeout", "The session was idle for too long.")

    def _end(self, kind: str, message: str) -> None:
        """End the session and say why."""
        self._room.wire.error(kind, message)
        self._room.wire.cut(code=WSCloseCode.OK)

    def _take(self, text: str) -> None:
        """Act on one text frame."""
        room = self._room
        try:
            event = json.loads(text)
        except ValueError:
            event = None
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            room.record.note("client", {"type": "", "text": text[:200]})
            self._refuse("invalid_event", "The frame is not a JSON object with a type.")
            return
        room.record.note("client", without_audio(event))
        act = self._acts.get(event["type"])
        if act is None or not has_definition(f"rt.client.{event['type']}"):
            self._refuse("invalid_event", f"Unknown event type `{event['type']}`.")
            return
        if errors := schema_errors(f"rt.client.{event['type']}", event):
            room.blame(f"{event['type']}: {errors[0]}")
            if not _is_tolerated(event):
                room.wire.error(_INVALID, f"Invalid {event['type']}: {errors[0]}")
                return
        act(event)

    def _refuse(self, kind: str, message: str) -> None:
        """Answer with an error for which the client is to blame."""
        self._room.blame(message)
        self._room.wire.error(kind, message)

    def _update(self, event: JsonObject) -> None:
        """Change the settings, or keep the old ones."""
        room = self._room
        if room.mischief.once(FaultName.REFUSED_UPDATE):
            room.wire.error(_INVALID, "The session configuration was refused.", param="session")
            return
        refused = room.state.dialects["refused_field"]
        try:
            check_fields(event["session"], refused)
        except ConfigError as error:
            room.wire.error(_INVALID, error.message, param=error.param)
            return
        try:
            room.config = room.config.updated(event["session"])
        except ConfigError as error:
            room.blame(error.message)
            room.wire.error(_INVALID, error.message, param=error.param)
            return
        self._is_updated = not room.mischief.has(FaultName.NO_UPDATE)
        self._listener.configure()
        self._editing.updated()

    def _append(self, event: JsonObject) -> None:
        """Take audio in base64."""
        try:
            pcm = base64.b64decode(event["audio"], validate=True)
        except ValueError:
            self._refuse(_INVALID, "The audio is not valid base64.")
            return
        self._hear(pcm)

    def _hear(self, pcm: bytes) -> None:
        """Take audio."""
        if not self._is_updated and not self._is_blamed:
            self._room.blame("audio was sent before any session.updated")
            self._is_blamed = True
        self._listener.hear(pcm)

    def _commit(self, _: JsonObject) -> None:
        """Take the buffer as a turn; silence, and a commit under server_vad, pass without a word."""
        self._listener.commit()

    def _clear(self, _: JsonObject) -> None:
        """Forget the buffer."""
        self._listener.clear()

    def _create_item(self, event: JsonObject) -> None:
        """Add an item."""
        room, item = self._room, event["item"]
        item_id = item.get("id") or new_id()
        room.record.billed_items += item["type"] != "function_call_output"
        if item["type"] in {"message", "force_message"}:
            room.record.text_items += 1
            if room.record.text_items == _MAX_TEXT_ITEMS + 1:
                room.blame(f"more than {_MAX_TEXT_ITEMS} text items were created, each of which costs money")
        if item["type"] == "force_message":
            self._speaker.answer(_forced(item))
            return
        if item["type"] == "function_call_output" and not self._has_call(item["call_id"]):
            room.blame(f"function_call_output for the unknown call_id {item['call_id']}")
        if item.get("role") != "system" or room.state.dialects["system_item"] == "obeyed":
            room.conversation.add(remembered(item, item_id))
        if item["type"] == "message":
            room.conversation.written_ids.add(item_id)
        self._listener.news()
        room.wire.send("conversation.item.added", item=shown(item, item_id))

    def _has_call(self, call_id: str) -> bool:
        """Whether there was ever a function call of this id, be it in an answer that was dropped."""
        room = self._room
        made = [call["call_id"] for response in room.record.responses for call in response.calls]
        known = [item["call_id"] for item in room.conversation.items if item["type"] == "function_call"]
        return call_id in made or call_id in known

    def _create_response(self, event: JsonObject) -> None:
        """Answer, unless that would be the second answer, or there is nothing new to answer."""
        room = self._room
        if self._speaker.is_busy:
            room.wire.error(_INVALID, "Conversation already has an active response in progress.")
            return
        if room.config.turn_detection is None and (self._listener.commit() or self._listener.has_nothing_new):
            return
        wanted = event.get("response") or {}
        self._speaker.answer(
            Order(since=now(), instructions=wanted.get("instructions"), metadata=wanted.get("metadata"))
        )

    def _cancel_response(self, _: JsonObject) -> None:
        """Stop the answer."""
        if self._speaker.cancel():
            return
        if self._room.state.dialects["idle_cancel"] == "closes":
            self._room.wire.cut(code=WSCloseCode.INTERNAL_ERROR)
        else:
            self._room.wire.error(_INVALID, "Cancellation failed: no active response found")


def _is_tolerated(event: JsonObject) -> bool:
    """Whether an event is in order but for fields that are null: the service passes over them."""
    response = event.get("response")
    if event["type"] != "response.create" or not isinstance(response, dict):
        return False
    told = {name: value for name, value in response.items() if value is not None}
    return not schema_errors("rt.client.response.create", {**event, "response": told})


def _forced(item: JsonObject) -> Order:
    """Give the order to say exactly the text of an item."""
    text = "".join(part["text"] for part in item["content"])
    return Order(since=now(), forced_text=text, is_interruptible=item.get("interruptible", True))
