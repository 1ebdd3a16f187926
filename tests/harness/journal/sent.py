"""What was sent in one turn, as text: every request in the order of arrival, a session behind its handshake."""

import base64
from collections.abc import Iterator, Sequence
import hashlib
from itertools import groupby
import json
from typing import Any, Final

from .marks import Marks

REALTIME: Final = "/v1/realtime"
SOUND: Final = "input_audio_buffer.append"
SWITCHING: Final = 101
CLOSED_IN_ORDER: Final = 1000
UNTOLD: Final = frozenset(
    {"content-length", "date", "host", "sec-websocket-key", "x-stainless-read-timeout", "x-stainless-retry-count"}
)
"""Headers that the libraries below us write, each time anew."""

type Json = Any


def written(requests: Sequence[Json], sessions: Sequence[Json], sounds: Sequence[str]) -> str:
    """Write a turn; `sounds` says for each session what is to be told of all its sound."""
    marks = Marks()
    opened = iter(zip(sessions, sounds, strict=True))
    parts = []
    for request in requests:
        parts.append(_request(request, marks))
        if request["path"] == REALTIME and request["reply_status"] == SWITCHING:
            session, sound = next(opened)
            parts.append("\n".join(_session(session, sound, marks)))
    if next(opened, None) is not None:
        message = "a session has no handshake"
        raise ValueError(message)
    return "\n\n".join(parts) + "\n"


def fingerprint(data: bytes) -> str:
    """Tell bytes by their number and their hash."""
    return f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"


def client_frames(session: Json) -> list[Json]:
    """List what we sent over a session, in order."""
    return [event["body"] for event in session["events"] if event["sender"] == "client"]


def _request(request: Json, marks: Marks) -> str:
    """Write one request."""
    headers = {name: value for name, value in request["headers"].items() if name not in UNTOLD}
    told = {"headers": headers, "query": request["query"], "body": _body(request["body"])}
    return f"== {request['method']} {request['path']}\n{_dumped(marks.of(told))}"


def _session(session: Json, sound: str, marks: Marks) -> Iterator[str]:
    """Write what we sent over a session, sound as one mark wherever it stands, and how the session ended."""
    for kind, frames in groupby(client_frames(session), key=lambda frame: str(frame["type"])):
        if kind == SOUND:
            yield "-- (sound)"
            continue
        for frame in frames:
            yield f"-- {kind}\n{_dumped(marks.of(_frame(frame)))}"
    yield f"-- all sound: {sound}"
    yield f"-- {_end(session)}"


def _end(session: Json) -> str:
    """Tell how a session ended, as far as it has."""
    if session["closed_at"] is None:
        return "still open"
    return "closed by us" if session["close_code"] == CLOSED_IN_ORDER else f"lost: {session['close_code']}"


def _frame(frame: Json) -> Json:
    """Give a frame without what depends on the moment: how much of an answer had been heard when it was cut."""
    return frame | {"audio_end_ms": "<heard>"} if "audio_end_ms" in frame else frame


def _body(node: Json) -> Json:
    """Give a body with pictures as fingerprints, and without the number of frames into which sound was cut."""
    match node:
        case dict():
            return {name: _body(part) for name, part in node.items() if name != "frames"}
        case list():
            return [_body(part) for part in node]
        case str() if node.startswith("data:"):
            head, _, data = node.partition(",")
            return f"{head}, {fingerprint(base64.b64decode(data))}"
        case _:
            return node


def _dumped(node: Json) -> str:
    """Write JSON so that a difference can be read: sorted, and a new line wherever a text has one."""
    return json.dumps(node, ensure_ascii=False, indent=1, sort_keys=True).replace("\\n", "\\n\n")
