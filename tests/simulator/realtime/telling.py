"""What the client is told about the user's items."""

from typing import Final

from .record import RecordedItem
from .room import Room

_TRANSCRIPTION: Final = "conversation.item.input_audio_transcription"


class Telling:
    """Sends the events about items that the user has spoken."""

    def __init__(self, room: Room) -> None:
        """Tell the client of one session."""
        self._room = room

    def started(self, item: RecordedItem, start_ms: float) -> None:
        """Say that speech has begun."""
        self._room.wire.send(
            "input_audio_buffer.speech_started", item_id=item.id, audio_start_ms=max(0, round(start_ms))
        )

    def stopped(self, item: RecordedItem, end_ms: float) -> None:
        """Say that speech has ended."""
        self._room.wire.send("input_audio_buffer.speech_stopped", item_id=item.id, audio_end_ms=round(end_ms))

    def item(self, item: RecordedItem) -> None:
        """Announce the user's item, with nothing in it yet."""
        shown = {
            "id": item.id,
            "object": "realtime.item",
            "type": "message",
            "status": "in_progress",
            "role": "user",
            "content": [{"type": "input_audio", "transcript": ""}],
        }
        self._room.wire.send("conversation.item.added", item=shown)

    def interim(self, item: RecordedItem) -> None:
        """Send what had been understood before the end: cumulative, and more than once."""
        words = item.transcript.split()
        if len(words) > 1 and self._room.config.has_interim_transcripts:
            self._transcript(item, "updated", " ".join(words[: len(words) // 2]))
        if words:
            text = " ".join(words)[:-2]
            self._transcript(item, "completed", text, status="in_progress")

    def final(self, item: RecordedItem) -> None:
        """Send what the user said."""
        self._transcript(item, "completed", item.transcript, status="completed")

    def _transcript(self, item: RecordedItem, kind: str, text: str, **status: str) -> None:
        """Send one transcript event."""
        self._room.wire.send(f"{_TRANSCRIPTION}.{kind}", item_id=item.id, content_index=0, transcript=text, **status)
