"""The recording: what was sent and what came back, without the key and without anything about its owner."""

import base64
from collections.abc import Mapping
import json
from pathlib import Path
import re
import shutil
from typing import Final

from ..simulator.jsontypes import Json, JsonObject
from .evidence import Frame, Reply

HEADERS: Final = ("content-type", "retry-after")
_HEADER_PREFIXES: Final = ("x-ratelimit", "ratelimit")
_ABOUT_THE_KEY: Final = "/api-key"
_HIDDEN: Final = "hidden"
_UUID: Final = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
_WINDOW: Final = 12
"""So many characters of a key on end are a leak."""
_FORBIDDEN: Final = re.compile(r"\"authorization\"\s*:|bearer\s+xai-", re.IGNORECASE)


class LeakError(Exception):
    """The recording would have held a secret; it has not been written."""


class SocketRecord:
    """The frames of one socket."""

    def __init__(self, path: str, query: Mapping[str, str], *, is_key_good: bool) -> None:
        """Begin with what was asked for."""
        self._opening: JsonObject = {"path": path, "query": dict(query), "key": _key_word(is_key_good=is_key_good)}
        self._lines: list[JsonObject] = []

    def opened(self, status: int) -> None:
        """Note how the handshake ended."""
        self._add("open", 0.0, {**self._opening, "status": status})

    def frame(self, frame: Frame) -> None:
        """Note a frame; our own sound only by its length, it lies in the repository."""
        event = _without_words_about_us(frame.event)
        if frame.is_ours and "audio" in event:
            event = {**event, "audio": "(our own sentence)", "characters": len(event["audio"])}
        self._add("client" if frame.is_ours else "server", frame.seconds, event)

    def closed(self, seconds: float, code: int | None) -> None:
        """Note who has hung up when."""
        self._add("close", round(seconds, 3), {"by": "client" if code is None else "server", "code": code})

    @property
    def text(self) -> str:
        """The file's content."""
        return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in self._lines)

    def _add(self, direction: str, seconds: float, frame: JsonObject) -> None:
        """Add a line."""
        self._lines.append({"direction": direction, "seconds": seconds, "frame": frame})


class Recording:
    """Everything so far; it lies in memory until it is complete, so that there is never half of one."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rest: list[JsonObject] = []
        self._sockets: list[SocketRecord] = []

    def rest(self, method: str, path: str, body: Json, reply: Reply, *, is_key_good: bool) -> None:
        """Note a request with its answer."""
        shown = {name: value for name, value in reply.headers.items() if _is_of_interest(name)}
        noted: JsonObject = {
            "method": method,
            "path": path,
            "key": _key_word(is_key_good=is_key_good),
            "request": body,
            "status": reply.status,
            "headers": shown,
        }
        if reply.events:
            noted["events"] = list(reply.events)
        elif reply.sound:
            noted["base64"] = base64.b64encode(reply.sound).decode()
        else:
            noted["body"] = _anonymous(reply) if path == _ABOUT_THE_KEY else _calm(reply)
        self._rest.append(noted)

    def socket(self, path: str, query: Mapping[str, str], *, is_key_good: bool) -> SocketRecord:
        """Begin to note what is said on a socket."""
        record = SocketRecord(path, query, is_key_good=is_key_good)
        self._sockets.append(record)
        return record

    def write(self, folder: Path, index: JsonObject, key: str) -> None:
        """Leave the whole recording in a folder that is not there yet, or nothing at all.

        Raises:
            LeakError: the key would have been in it.
            OSError: it cannot be written.
        """
        files = self._files(index)
        for name, text in files.items():
            if leaks(text, key):
                raise LeakError(name)
        unfinished = folder.with_name(f".{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            unfinished.mkdir(parents=True)
            for name, text in files.items():
                (unfinished / name).write_text(text, encoding="utf-8")
            unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _files(self, index: JsonObject) -> dict[str, str]:
        """Give the content of all files by their names."""
        rest = {f"rest-{number:03}.json": _document(noted) for number, noted in enumerate(self._rest, 1)}
        sockets = {f"socket-{number:03}.jsonl": record.text for number, record in enumerate(self._sockets, 1)}
        return {"index.json": _document({**index, "files": [*rest, *sockets]}), **rest, **sockets}


def leaks(text: str, key: str) -> bool:
    """Tell whether a text holds a part of a key, or a header that carries one."""
    hidden = base64.b64encode(key.encode()).decode().rstrip("=")[:-1]
    windows = {secret[at : at + _WINDOW] for secret in (key, hidden) for at in range(max(1, len(secret) - _WINDOW + 1))}
    return any(window in text for window in windows) or _FORBIDDEN.search(text) is not None


def _document(value: Json) -> str:
    """Write a JSON file."""
    return f"{json.dumps(value, ensure_ascii=False, indent=1)}\n"


def _key_word(*, is_key_good: bool) -> str:
    """Tell which key was used."""
    return "good" if is_key_good else "wrong"


def _is_of_interest(name: str) -> bool:
    """Whether a header tells something about the service."""
    return name in HEADERS or name.startswith(_HEADER_PREFIXES)


def _anonymous(reply: Reply) -> Json:
    """Give the facts about a key without whose it is."""
    if not isinstance(reply.body, dict):
        return _calm(reply)
    return {name: _HIDDEN if isinstance(value, str) else value for name, value in reply.body.items()}


def _calm(reply: Reply) -> Json:
    """Give a body; a refusal may name a team."""
    if reply.status < 400:
        return reply.body
    return json.loads(_UUID.sub(_HIDDEN, json.dumps(reply.body)))


def _without_words_about_us(event: JsonObject) -> JsonObject:
    """Give an event; an error may name a team."""
    if "error" not in str(event.get("type", "error")):
        return event
    cleaned: JsonObject = json.loads(_UUID.sub(_HIDDEN, json.dumps(event)))
    return cleaned
