"""One answer of the voice model: its events in their order, at their times."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from ..brain.brain import think
from ..clock import now
from ..faults import FaultName
from ..jsontypes import Json, JsonObject
from ..responses.output import offered_name
from ..script import Call, Part, Reply, Scripted, Search, Speech, reply
from ..speech.uttering import speech
from ..traffic import RecordedRequest
from .clock import until
from .conversation import asked, message, new_id, spoken_item
from .metering import usage
from .record import RecordedResponse
from .room import Room
from .utterance import Utterance

_PLACE: Final = {"output_index": 0}
_CREATED_S: Final = 0.05
_PREAMBLE: Final = "I am doing that for you now."
_UNIMPLEMENTED: Final = "unimplemented"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an answer is wanted for."""

    since: float
    """From when on its times count."""
    turn_id: str | None = None
    """The item of the user that it answers unasked."""
    instructions: str | None = None
    metadata: dict[str, str] | None = None
    forced_text: str | None = None
    is_interruptible: bool = True
    is_early: bool = False
    """Whether it is announced at once."""


class Answer:
    """Runs by itself once it has been started; it ends completed, cancelled or dropped."""

    def __init__(self, room: Room, order: Order, on_end: Callable[[Answer], None]) -> None:
        """Prepare an answer."""
        self.order = order
        self._room = room
        self._on_end = on_end
        self._scripted: Scripted | None = None
        self._record = RecordedResponse(id=new_id(), created_at=0.0, audio_rate=room.config.output_rate)
        self._output: list[JsonObject] = []
        self._utterance: Utterance | None = None
        self._has_output = False
        self._is_created = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Think of something to say, and begin to say it when it is time."""
        thought = self._introduced(self._thought())
        if self.order.is_early:
            self._announce()
        self._task = self._room.spawn(self._run(thought))
        self._task.add_done_callback(self._blame_crash)

    def cancel(self) -> None:
        """Stop and say so."""
        self._stop()
        if self._is_created:
            self._remember_beginning()
            self._finish("cancelled")
        else:
            self._give_back()

    def drop(self, *, is_forgotten: bool, has_late_delta: bool = False) -> None:
        """Stop without a word; `is_forgotten` makes it unsaid, and a delta may still be on its way."""
        self._stop()
        if has_late_delta and self._utterance is not None:
            self._utterance.send_late_delta()
        if is_forgotten:
            for item in self._output:
                self._room.conversation.remove(item["id"])
        else:
            self._remember_beginning()
        self._record.status = "dropped"
        self._give_back()

    def _stop(self) -> None:
        """End the task, if it runs."""
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    def _give_back(self) -> None:
        """Let the next answer have the script that was not used."""
        if not self._has_output and self._scripted is not None:
            self._room.state.script.appendleft(self._scripted)
            self._scripted = None

    def _thought(self) -> Reply:
        """Give the scripted reply that is due, else what the brain thinks."""
        if self.order.forced_text is not None:
            return reply(self.order.forced_text)
        room = self._room
        body = room.conversation.body(room.config, self.order.instructions)
        ask = asked(body, room.key)
        if room.mischief.has(FaultName.EMPTY):
            return Reply()
        if not room.state.script:
            return think(ask)
        self._scripted = room.state.script.popleft()
        if isinstance(self._scripted, Reply):
            return _named(self._scripted, lambda name: offered_name(name, ask))
        request = RecordedRequest(
            method="GET", path=room.request.path, headers=room.request.headers, started_at=now(), body=body
        )
        return _named(self._scripted(request), lambda name: offered_name(name, ask))

    async def _run(self, thought: Reply) -> None:
        """Send the answer from beginning to end."""
        pace = self._room.pace
        parts: list[Part] = [part for part in thought.parts if isinstance(part, Speech | Call | Search)]
        is_call_first = bool(parts) and isinstance(parts[0], Call)
        if not self._is_created:
            lead_s = pace.tool_s if is_call_first else pace.first_audio_s
            await until(self.order.since + min(_CREATED_S, lead_s))
            if self._is_refused():
                return
            self._announce()
        await self._send_parts(parts)
        self._finish("completed" if not self._room.mischief.has(FaultName.FAILED) else "failed")
        self._on_end(self)

    async def _send_parts(self, parts: list[Part]) -> None:
        """Send all parts, each when it is due."""
        pace = self._room.pace
        searched_s = 0.0
        if self._room.mischief.hangs(0):
            await self._hang()
        for part in parts:
            match part:
                case Search():
                    searched_s += pace.search_s
                case Speech():
                    await self._say(part.text, self.order.since + pace.first_audio_s + searched_s)
                case Call():
                    await until(self.order.since + pace.tool_s + searched_s)
                    self._send_call(part)

    def _is_refused(self) -> bool:
        """Send an error in the place of an answer, where there is a reason for it."""
        room = self._room
        reserved = room.config.reserved_name
        if reserved is not None:
            room.blame(f"function {reserved} is reserved while server-side tools are enabled")
        elif not room.mischief.once(FaultName.RESPONSE_ERROR):
            return False
        room.wire.error("server_error", "The server had an error while processing your request.", code="internal_error")
        self._give_back()
        self._on_end(self)
        return True

    def _introduced(self, thought: Reply) -> Reply:
        """Give a reply, with a sentence before its calls where the service says one."""
        has_calls = any(isinstance(part, Call) for part in thought.parts)
        has_words = any(isinstance(part, Speech) for part in thought.parts)
        if self._room.state.dialects["preamble"] != "spoken" or has_words or not has_calls:
            return thought
        return replace(thought, parts=(Speech(text=_PREAMBLE), *thought.parts))

    def _announce(self) -> None:
        """Say that an answer is on its way."""
        self._record.created_at = now()
        self._room.record.responses.append(self._record)
        self._is_created = True
        self._room.wire.send("response.created", response=self._shown("in_progress", []))

    async def _say(self, text: str, due: float) -> None:
        """Utter a text from its due time on."""
        room = self._room
        config = room.config
        self._utterance = Utterance(room, self._record, item_id=new_id(), since=self.order.since)
        self._utterance.announce()
        utter = asyncio.to_thread(speech, text, voice=config.voice, rate=config.output_rate, speed=config.speed)
        self._utterance.prepare(text, await utter)
        await until(due)
        self._has_output = True
        if await self._utterance.send(due):
            await self._hang()
        self._utterance.finish()
        self._keep_said(self._utterance, "completed")
        self._utterance = None

    async def _hang(self) -> None:
        """Get no further: for ever, or by vanishing."""
        if self._room.mischief.has(FaultName.VANISHING_RESPONSE):
            self._record.status = "dropped"
            self._on_end(self)
            raise asyncio.CancelledError
        await asyncio.Event().wait()

    def _remember_beginning(self) -> None:
        """Keep what has been said of an utterance that was cut short."""
        if self._utterance is not None and self._utterance.is_begun:
            self._keep_said(self._utterance, "incomplete")
        self._utterance = None

    def _keep_said(self, utterance: Utterance, status: str) -> None:
        """Put what was said into the conversation and the output."""
        self._room.conversation.add(message(utterance.item_id, "assistant", utterance.said))
        content = [{"type": "audio", "transcript": utterance.said}]
        self._output.append({**spoken_item(utterance.item_id, status), "content": content})

    def _send_call(self, call: Call) -> None:
        """Send a function call as one piece."""
        self._has_output = True
        wire = self._room.wire
        item_id, call_id = new_id(), call.call_id or f"call_{new_id()[:23]}"
        place: JsonObject = {"item_id": item_id, "response_id": self._record.id, "call_id": call_id}
        known = {"type": "function_call", "id": item_id, "call_id": call_id, "name": call.name}
        item: JsonObject = {**known, "object": "realtime.item", "role": "user"}
        empty = {**item, "status": "in_progress", "arguments": ""}
        full = {**item, "status": "completed", "arguments": call.arguments}
        wire.send("response.output_item.added", response_id=self._record.id, item=empty, **_PLACE)
        wire.send("conversation.item.added", item={**empty, "role": "tool"})
        wire.send("response.function_call_arguments.delta", delta=call.arguments, **place)
        self._record.calls.append({**known, "arguments": call.arguments, "at": now()})
        named: Json = {"name": call.name, "arguments": call.arguments}
        wire.send("response.function_call_arguments.done", **place, **named, **_PLACE)
        wire.send("response.output_item.done", response_id=self._record.id, item=full, **_PLACE)
        self._room.conversation.add({**known, "arguments": call.arguments})
        self._output.append(full)

    def _finish(self, status: str) -> None:
        """Say that the answer has ended."""
        self._record.status = status
        self._record.done_at = now()
        self._room.wire.send(
            "response.done",
            response_id=self._record.id,
            response=self._shown(status, self._output),
            usage=usage(self._room, self._record),
        )

    def _shown(self, status: str, output: list[JsonObject]) -> JsonObject:
        """Give the response object."""
        shown: JsonObject = {
            "id": self._record.id,
            "object": "realtime.response",
            "status": status,
            "status_details": _UNIMPLEMENTED,
            "output": output,
            "usage": {},
        }
        if self.order.metadata is not None and self._room.state.dialects["metadata"] == "echoed":
            shown["metadata"] = self.order.metadata
        return shown

    def _blame_crash(self, task: asyncio.Task[None]) -> None:
        """Tell of a slip of ours."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._room.state.traffic.blame_simulator(f"crashed while answering by voice: {error!r}")
            self._on_end(self)


def _named(thought: Reply, full_name: Callable[[str], str]) -> Reply:
    """Give a reply with the functions named as they are offered."""
    parts = [replace(part, name=full_name(part.name)) if isinstance(part, Call) else part for part in thought.parts]
    return replace(thought, parts=tuple(parts))
