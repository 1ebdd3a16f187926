"""The recording: what was sent and what came back, without the key and without anything about its owner."""

import base64
from collections.abc import Mapping
import json
from pathlib import Path
import re
import shutil
from typing import Final

from ..simulator.jsontypes import Json, JsonObject
from .cleaning import HIDDEN, Cleaner
from .evidence import Frame, Reply

HEADERS: Final = ("content-type", "retry-after")
_HEADER_PREFIXES: Final = ("x-ratelimit", "ratelimit")
_ABOUT_THE_KEY: Final = "/api-key"
_RIGHT: Final = re.compile(r"api-key:(?:model|endpoint):[\w.*-]+")
_PIECE: Final = re.compile(r'"(?:delta|text)": ?"([^"\\]{0,64})"')
"""Words that come bit by bit."""
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
        event = frame.event
        if frame.is_ours and "audio" in event:
            event = {**event, "audio": "(our own sentence)", "characters": len(event["audio"])}
        self._add("client" if frame.is_ours else "server", frame.seconds, event)

    def closed(self, seconds: float, code: int | None) -> None:
        """Note who has hung up when."""
        self._add("close", round(seconds, 3), {"by": "client" if code is None else "server", "code": code})

    def text(self, cleaner: Cleaner) -> str:
        """Give the file's content."""
        return "".join(f"{json.dumps(cleaner.value(line), ensure_ascii=False)}\n" for line in self._lines)

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
            noted["body"] = _anonymous(reply.body) if path == _ABOUT_THE_KEY else reply.body
        self._rest.append(noted)

    def socket(self, path: str, query: Mapping[str, str], *, is_key_good: bool) -> SocketRecord:
        """Begin to note what is said on a socket."""
        record = SocketRecord(path, query, is_key_good=is_key_good)
        self._sockets.append(record)
        return record

    def write(self, folder: Path, index: JsonObject, cleaner: Cleaner) -> None:
        """Leave the whole recording in a folder that is not there yet, or nothing at all.

        Raises:
            LeakError: the key would have been in it.
            OSError: it cannot be written.
        """
        files = self._files(index, cleaner)
        for name, text in files.items():
            if leaks(text, cleaner):
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

    def _files(self, index: JsonObject, cleaner: Cleaner) -> dict[str, str]:
        """Give the content of all files by their names."""
        rest = {f"rest-{number:03}.json": _document(noted, cleaner) for number, noted in enumerate(self._rest, 1)}
        sockets = {f"socket-{number:03}.jsonl": record.text(cleaner) for number, record in enumerate(self._sockets, 1)}
        return {"index.json": _document({**index, "files": [*rest, *sockets]}, cleaner), **rest, **sockets}


def leaks(text: str, cleaner: Cleaner) -> bool:
    """Tell whether a file holds a part of a key, be it piece after piece, or a header that carries one."""
    in_pieces = "".join(_PIECE.findall(text))
    return cleaner.finds_key(text) or cleaner.finds_key(in_pieces) or _FORBIDDEN.search(text) is not None


def _document(value: Json, cleaner: Cleaner) -> str:
    """Write a JSON file."""
    return f"{json.dumps(cleaner.value(value), ensure_ascii=False, indent=1)}\n"


def _key_word(*, is_key_good: bool) -> str:
    """Tell which key was used."""
    return "good" if is_key_good else "wrong"


def _is_of_interest(name: str) -> bool:
    """Whether a header tells something about the service."""
    return name in HEADERS or name.startswith(_HEADER_PREFIXES)


def _anonymous(body: Json) -> Json:
    """Give the facts about a key without whose it is: numbers, and what it may do."""
    if isinstance(body, str):
        return body if _RIGHT.fullmatch(body) else HIDDEN
    if isinstance(body, dict):
        return {name: _anonymous(one) for name, one in body.items()}
    return [_anonymous(one) for one in body] if isinstance(body, list) else body
