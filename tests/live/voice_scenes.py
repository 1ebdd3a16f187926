"""What is asked by voice."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Final

from custom_components.grok_assist.realtime.config import SessionConfig

from ..simulator.jsontypes import Json, JsonObject
from .evidence import Evidence, Talk, is_understood
from .home import INSTRUCTIONS, LIGHT, tools
from .line import Line
from .service import WRONG_KEY, Service
from .sound import FAST_RATE, KITCHEN, RATE, THANKS, faster, quiet, sentence
from .text_scenes import CLOCK

MODEL: Final = "grok-voice-latest"
_PATH: Final = "/realtime"
_QUERY: Final[Mapping[str, str]] = {"model": MODEL}
VOICE: Final = "eve"
FORCED: Final = "The washing machine is done."
MARK: Final = {"turn": "check-live"}
_SILENCE_MS: Final = 500
_BIG_BYTES: Final = 75_000
"""In base64 a frame of 100 kB."""
_GREETING_S: Final = 5.0
_UPDATE_S: Final = 6.0
_ANSWER_S: Final = 15.0
_SHORT_S: Final = 2.0
_MOST_CALLS: Final = 3
MOST_SOCKETS: Final = 4
_IDLE_S: Final = 32.0

OPEN_S: Final[Mapping[str, float]] = {
    "handshake": 3,
    "session": 30,
    "spoken": 40,
    "faster": 15,
    "written": 35,
    "frames": 15,
    "many": 3,
    "idle": 42,
}
"""For which a socket of each scene may be open: each second may be paid, and silence is no reason to wait for all."""
_PCM: Final[JsonObject] = {"type": "audio/pcm", "rate": RATE}
_DETECTION: Final[JsonObject] = {"type": "server_vad", "silence_duration_ms": _SILENCE_MS}
BASE: Final[JsonObject] = {
    "instructions": INSTRUCTIONS,
    "voice": VOICE,
    "turn_detection": _DETECTION,
    "audio": {"input": {"format": _PCM}, "output": {"format": {"type": "audio/pcm", "rate": 24_000}}},
    "tools": tools(),
}
"""An update without anything that a voice can do without."""
FIELDS: Final[Mapping[str, JsonObject]] = {
    "transcription": {"audio": {"input": {"transcription": {"model": "grok-transcribe"}}}},
    "language_hint": {"audio": {"input": {"transcription": {"language_hint": "en"}}}},
    "keyterms": {"audio": {"input": {"transcription": {"keyterms": [LIGHT, "Desk Lamp"]}}}},
    "speed": {"audio": {"output": {"speed": 1.0}}},
    "effort": {"reasoning": {"effort": "none"}},
    "threshold": {"turn_detection": {**_DETECTION, "threshold": 0.5}},
    "padding": {"turn_detection": {**_DETECTION, "prefix_padding_ms": 500}},
    "search": {"tools": [*tools(), {"type": "web_search"}]},
    "replace": {"replace": {"Grok": "Grock"}},
    "resumption": {"resumption": {"enabled": True}},
}
"""Each field by itself, beside the base."""


def full_update() -> JsonObject:
    """Give the update that the integration sends."""
    config = SessionConfig(
        instructions=INSTRUCTIONS, voice=VOICE, tools=tuple(tools()), language="en", keyterms=(LIGHT, "Desk Lamp")
    )
    session: JsonObject = config.as_update()["session"]
    return session


async def handshake(service: Service, seen: Evidence) -> None:
    """Knock with a wrong key."""
    async with service.line(_PATH, _QUERY, most_s=OPEN_S["handshake"], key=WRONG_KEY) as line:
        seen.talks["wrong_key"] = line.talk
        await line.rest(_SHORT_S)


async def session(service: Service, seen: Evidence) -> None:
    """Be greeted, send the update as a whole, then each field by itself, and cancel where there is nothing."""
    async with service.line(_PATH, _QUERY, most_s=OPEN_S["session"]) as line:
        seen.talks["session"] = line.talk
        await line.until("session.created", seconds=_GREETING_S)
        seen.updates["full"] = await _update(line, full_update())
        for name, field in FIELDS.items():
            seen.updates[name] = await _update(line, merged(BASE, field))
        await line.rest(_SHORT_S / 4)
        seen.marks["cancel"] = line.place
        await line.send("response.cancel")
        await line.until("error", seconds=_SHORT_S)
        await line.rest(_SHORT_S / 2)


async def spoken(service: Service, seen: Evidence) -> None:
    """Have a device switched by voice, say something else, and speak of the device without its name."""
    async with service.line(_PATH, _QUERY, most_s=OPEN_S["spoken"]) as line:
        seen.talks["spoken"] = line.talk
        await _prepare(line)
        seen.marks["order"] = line.place
        await _say(line, _order(seen))
        seen.marks["answered"] = line.place
        if not is_understood(line.talk.heard, sentence(KITCHEN)[0]):
            seen.troubles["spoken"] = "what was spoken was not understood"
            await line.close()
            await _speak_faster(service, seen)
            return
        await _finish_calls(line)
        seen.marks["thanks"] = line.place
        await _say(line, sentence(THANKS)[1])
        await _finish_calls(line)
        seen.marks["memory"] = line.place
        await _write(line, "Turn it off.")
        await line.until("response.done", seconds=_ANSWER_S)


async def written(service: Service, seen: Evidence) -> None:
    """Write on a socket of voice, have a sentence spoken word by word, and change what was said."""
    async with service.line(_PATH, _QUERY, most_s=OPEN_S["written"]) as line:
        seen.talks["written"] = line.talk
        await _prepare(line)
        await _write(line, "Say: lighthouse", metadata=MARK)
        done = await line.until("response.done", seconds=_ANSWER_S)
        seen.marks["truncate"] = line.place
        await line.send("conversation.item.truncate", item_id=_answered_item(done), content_index=0, audio_end_ms=300)
        await line.until("conversation.item.truncated", "error", seconds=_SHORT_S)
        seen.marks["delete"] = line.place
        await line.send("conversation.item.delete", item_id=_answered_item(done))
        await line.until("conversation.item.deleted", "error", seconds=_SHORT_S)
        seen.marks["forced"] = line.place
        content = [{"type": "output_text", "text": FORCED}]
        forced = {"type": "force_message", "role": "assistant", "interruptible": True, "content": content}
        await line.send("conversation.item.create", item=forced)
        if (await line.until("response.done", "error", seconds=_ANSWER_S) or {}).get("type") != "response.done":
            await line.until("response.done", seconds=_SHORT_S)
        seen.marks["system"] = line.place
        told = [{"type": "input_text", "text": f"The time is {CLOCK}."}]
        await line.send("conversation.item.create", item={"type": "message", "role": "system", "content": told})
        await _write(line, "What time is it?")
        await line.until("response.done", seconds=_ANSWER_S)
        seen.marks["delete during update"] = line.place
        await line.send("conversation.item.delete", item_id=_users_item(line.talk))
        await _update(line, BASE)
        await line.rest(_SHORT_S / 4)


async def many(service: Service, seen: Evidence) -> None:
    """Open as many sockets at once as the integration does by default."""
    async with AsyncExitStack() as stack:
        for number in range(MOST_SOCKETS):
            line = await stack.enter_async_context(service.line(_PATH, _QUERY, most_s=OPEN_S["many"]))
            seen.talks[f"one of many {number}"] = line.talk


async def idle(service: Service, seen: Evidence) -> None:
    """Keep a socket open as long as the integration does."""
    async with service.line(_PATH, _QUERY, most_s=OPEN_S["idle"]) as line:
        seen.talks["idle"] = line.talk
        await _prepare(line)
        await line.rest(_IDLE_S)


async def frames(service: Service, seen: Evidence) -> None:
    """Send an event that there is not, and a long frame."""
    async with service.line(_PATH, _QUERY, most_s=OPEN_S["frames"]) as line:
        seen.talks["frames"] = line.talk
        await _prepare(line)
        await line.send("check.live")
        await line.until("error", seconds=_SHORT_S)
        seen.marks["big"] = line.place
        await line.send("input_audio_buffer.append", audio="A" * (_BIG_BYTES * 4 // 3))
        line.talk.sent_s += _BIG_BYTES / 2 / RATE
        seen.updates["after big"] = await _update(line, BASE)


async def _speak_faster(service: Service, seen: Evidence) -> None:
    """Speak the sentence once more, in 24 kHz."""
    async with service.line(_PATH, _QUERY, most_s=OPEN_S["faster"]) as line:
        seen.talks["faster"] = line.talk
        await line.until("session.created", seconds=_GREETING_S)
        await _update(line, merged(BASE, {"audio": {"input": {"format": {**_PCM, "rate": FAST_RATE}}}}))
        sound = faster(_order(seen) + quiet(2 * _SILENCE_MS / 1000))
        await line.speak(sound, rate=FAST_RATE)
        await line.until("response.done", seconds=_ANSWER_S)


def merged(base: JsonObject, more: JsonObject) -> JsonObject:
    """Put one object into another, deeply."""
    both = {name: merged(base[name], more[name]) for name in base.keys() & more.keys() if isinstance(base[name], dict)}
    return {**base, **more, **both}


async def _prepare(line: Line) -> None:
    """Be greeted and send the update; the base alone where the whole is refused."""
    await line.until("session.created", seconds=_GREETING_S)
    if await _update(line, full_update()):
        await _update(line, BASE)


async def _update(line: Line, session: JsonObject) -> str:
    """Send an update and give the complaint about it, empty where it was accepted."""
    await line.send("session.update", session=session)
    event = await line.until("session.updated", "error", seconds=_UPDATE_S)
    if event is None:
        return "no answer" if line.is_open else f"closed with {line.talk.close_code}"
    return "" if event.get("type") == "session.updated" else line.talk.complaint or "refused"


def _order(seen: Evidence) -> bytes:
    """Give the sound of our sentence, in a voice that is understood."""
    return seen.sentence or sentence(KITCHEN)[1]


async def _say(line: Line, pcm: bytes) -> None:
    """Speak a sentence faster than life and the silence that ends it; more silence where that is not enough."""
    await line.speak(pcm + quiet(_SILENCE_MS / 1000 + 0.3))
    if await line.until("response.created", seconds=_ANSWER_S / 3) is None:
        await line.speak(quiet(2 * _SILENCE_MS / 1000))
    await line.until("response.done", seconds=_ANSWER_S)


async def _finish_calls(line: Line) -> None:
    """Give the results of calls and have it answered, until there are no more."""
    done: set[str] = set()
    for _ in range(_MOST_CALLS):
        waiting = [call["call_id"] for call in line.talk.calls if call["call_id"] not in done]
        if not waiting or not line.is_open:
            return
        for call_id in waiting:
            item = {"type": "function_call_output", "call_id": call_id, "output": '{"success": true}'}
            await line.send("conversation.item.create", item=item)
        done.update(waiting)
        await line.send("response.create")
        await line.until("response.done", seconds=_ANSWER_S)


async def _write(line: Line, text: str, **response: Json) -> None:
    """Ask in writing."""
    content = [{"type": "input_text", "text": text}]
    await line.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})
    await line.send("response.create", **({"response": response} if response else {}))


def _users_item(talk: Talk) -> str:
    """Give the id of the last item that we wrote."""
    items = [event.get("item") or {} for event in talk.of("conversation.item.added", "conversation.item.created")]
    return next((str(item["id"]) for item in reversed(items) if item.get("role") == "user"), "none")


def _answered_item(done: JsonObject | None) -> str:
    """Give the id of the message in a response."""
    output = ((done or {}).get("response") or {}).get("output") or ()
    return next((str(item["id"]) for item in output if item.get("type") == "message"), "none")
