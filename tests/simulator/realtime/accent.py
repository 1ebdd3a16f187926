"""How events look where the service differs from our expectations (`service-variance.md` 2.2 and 3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..dialects.dialects import Dialects
from ..jsontypes import JsonObject
from .conversation import new_id

_TRANSCRIBED: Final = "conversation.item.input_audio_transcription.completed"
_INTERRUPTED: Final = frozenset({"input_audio_buffer.speech_started", "response.created"})
_OTHER_STATUS: Final = {"completed": "final", "in_progress": "partial"}
_SLUGS: Final = {"invalid_request_error": "invalid-argument", "invalid_event": "invalid-argument"}
_STRAY: Final = "telemetry_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An event as it leaves; one that is meant to be odd is not held against the schema."""

    body: JsonObject
    is_odd: bool = False


class Accent:
    """Changes the events of one session by the dialects of the moment."""

    def __init__(self, dialects: Dialects) -> None:
        """Follow the dialects."""
        self._dialects = dialects

    def spoken(self, body: JsonObject) -> Iterator[Said]:
        """Give what leaves in the place of one event."""
        kind: str = body["type"]
        if kind == "error":
            yield self._error(body)
        elif kind == _TRANSCRIBED:
            yield self._transcript(body)
        elif self._dialects["audio_events"] == "audio" and kind.startswith("response.output_audio"):
            yield Said(body={**body, "type": kind.replace("output_audio", "audio", 1)}, is_odd=True)
        else:
            yield Said(body=body)
        if kind in _INTERRUPTED and self._dialects["stray_errors"] == "some":
            yield self._error(_stray())

    def _transcript(self, body: JsonObject) -> Said:
        """Give a transcript with another status, or none."""
        match self._dialects["transcript_status"]:
            case "missing":
                return Said(body={name: value for name, value in body.items() if name != "status"})
            case "unknown":
                return Said(body={**body, "status": _OTHER_STATUS.get(body["status"], "")}, is_odd=True)
            case _:
                return Said(body=body)

    def _error(self, body: JsonObject) -> Said:
        """Give an error in the shape of the moment."""
        error: JsonObject = body["error"]
        bare = {name: value for name, value in body.items() if name != "error"}
        match self._dialects["socket_error_shape"]:
            case "untyped":
                return Said(body={**bare, "error": {"message": error["message"]}})
            case "bare":
                return Said(body={"event_id": body["event_id"], "error": error}, is_odd=True)
            case "flat":
                return Said(body={**bare, "code": error["code"], "message": error["message"]}, is_odd=True)
            case "slug":
                slug = _SLUGS.get(error["type"], str(error["type"]).replace("_", "-"))
                return Said(body={**bare, "code": slug, "error": error["message"]}, is_odd=True)
            case _:
                return Said(body=body)


def _stray() -> JsonObject:
    """Build an error that is about nothing that the client has done."""
    message = "Failed to flush the analytics of this session."
    error = {"type": _STRAY, "code": _STRAY, "message": message, "param": None, "event_id": new_id()}
    return {"type": "error", "event_id": new_id(), "error": error}
