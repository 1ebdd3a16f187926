"""What the sockets tell about sessions: their beginning, their settings, their limits."""

from collections.abc import Callable
from typing import Final

from ..simulator.jsontypes import JsonObject
from .evidence import Evidence, Talk
from .question import Finding, agrees, agrees_if, contradicts, differs, needed
from .sound import RATE
from .voice_scenes import MODEL, VOICE

_REFUSALS: Final = frozenset({400, 401, 403})
_LIVE: Final = 101


def wrong_key(seen: Evidence) -> Finding:
    """Judge how a socket is refused to a wrong key."""
    talk = seen.talks["wrong_key"]
    if talk.status == 101:
        return contradicts(f"101, then {talk.complaint or talk.close_code or 'nothing'}")
    return needed(talk.status in _REFUSALS, f"{talk.status} instead of 101")


def greeting(seen: Evidence) -> Finding:
    """Judge what comes first."""
    talk = seen.talks["session"]
    if talk.status != 101:
        return contradicts(f"the handshake is refused with {talk.status}")
    kinds = talk.kinds[:3]
    if "session.created" not in kinds:
        return contradicts(f"no session.created, but {', '.join(kinds) or 'nothing'}")
    return agrees_if(kinds[0] == "session.created", ", ".join(kinds))


def model(seen: Evidence) -> Finding:
    """Judge which model the session names."""
    name = str(seen.talks["session"].first("session.created")["session"].get("model"))
    return agrees_if(name == MODEL, name)


def full(seen: Evidence) -> Finding:
    """Judge whether our own update is accepted as it is."""
    complaint = seen.updates["full"]
    return agrees_if(not complaint, complaint or "accepted")


def field(name: str) -> Callable[[Evidence], Finding]:
    """Give the judge of one field of the update."""

    def judge(seen: Evidence) -> Finding:
        """Judge whether a field is accepted."""
        complaint = seen.updates[name]
        return agrees_if(not complaint, complaint or "accepted")

    return judge


def echo(seen: Evidence) -> Finding:
    """Judge what the echo of an update holds."""
    told: JsonObject = seen.talks["session"].first("session.updated")["session"]
    form = (told.get("audio") or {}).get("input", {}).get("format", {})
    is_right = told.get("voice") == VOICE and form.get("rate") == RATE
    kept = f", keep_context {told['keep_context']}" if "keep_context" in told else ""
    return agrees_if(is_right, f"voice {told.get('voice')}, rate {form.get('rate')}{kept}, {len(told)} fields")


def echoed_tools(seen: Evidence) -> Finding:
    """Judge in which form functions come back."""
    tools = seen.talks["session"].first("session.updated")["session"].get("tools") or []
    if not tools:
        return differs("no tools")
    is_nested = "function" in tools[0]
    return agrees_if(is_nested, "nested" if is_nested else "flat")


def cancel(seen: Evidence) -> Finding:
    """Judge what comes of a cancel where there is nothing to be cancelled."""
    talk = seen.talks["session"].since(seen.marks["cancel"])
    if talk.close_code is not None:
        return differs(f"closes with {talk.close_code}")
    return agrees(f"harmless: {talk.complaint}" if talk.errors else "harmless, no word")


def error_shape(seen: Evidence) -> Finding:
    """Judge the form of an error."""
    talk = seen.talks["frames"]
    if not talk.errors:
        return differs("no error for an unknown event" + _closed(talk))
    event = talk.errors[0]
    error = event.get("error")
    is_usual = event.get("type") == "error" and isinstance(error, dict) and {"type", "message"} <= error.keys()
    inner = f", error with {', '.join(sorted(error))}" if isinstance(error, dict) else ""
    return agrees_if(is_usual, f"{', '.join(sorted(event))}{inner}")


def big_frame(seen: Evidence) -> Finding:
    """Judge what comes of a frame of 100 kB."""
    talk, complaint = seen.talks["frames"], seen.updates["after big"]
    if not complaint:
        return agrees("taken")
    return differs(complaint if talk.close_code else f"{complaint}{_closed(talk)}")


def idleness(seen: Evidence) -> Finding:
    """Judge whether a socket on which nothing happens stays open as long as we keep it."""
    talk = seen.talks["idle"]
    if talk.status != _LIVE:
        return differs(f"the handshake is refused with {talk.status}")
    if talk.close_code is None:
        return agrees(f"open after {talk.open_s:.0f} s")
    return differs(f"closes with {talk.close_code} before, {talk.complaint or 'without a word'}")


def at_once(seen: Evidence) -> Finding:
    """Judge how many sockets may be open at once."""
    told = [talk.status for name, talk in seen.talks.items() if name.startswith("one of many")]
    if not told:
        raise KeyError("sockets")
    refused = [str(status) for status in told if status != _LIVE]
    return agrees_if(not refused, f"{len(told) - len(refused)} of {len(told)}" + "".join(f", {one}" for one in refused))


def _closed(talk: Talk) -> str:
    """Tell whether it has hung up."""
    return "" if talk.close_code is None else f" (closed with {talk.close_code})"
