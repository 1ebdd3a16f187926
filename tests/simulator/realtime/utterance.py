"""One message of an answer as it is spoken: audio in pieces, and the words that belong to them."""

import re
import time
from typing import Final

from ..clock import now
from ..jsontypes import JsonObject
from .clock import until
from .conversation import Sounded, new_id, spoken_item
from .record import RecordedResponse
from .room import Room
from .vad import BYTES_PER_SAMPLE

_WORD: Final = re.compile(r"\s*\S+")


class Utterance:
    """Sends one text as speech in the pace of the session."""

    def __init__(self, room: Room, record: RecordedResponse, *, item_id: str, since: float) -> None:
        """Belong to an answer whose times count from a moment."""
        self.item_id = item_id
        self.said = ""
        self._room = room
        self._record = record
        self._since = since
        self._pcm = b""
        self._sent = 0
        self._deltas = 0
        self._words: list[tuple[float, str]] = []
        self._is_binary = room.config.has_binary_output or room.state.dialects["binary_audio"] == "sent"
        self._rate = room.config.output_rate
        self._sounded = Sounded(rate=self._rate)
        self._piece_bytes = max(1, self._rate * room.pace.delta_ms // 1000) * BYTES_PER_SAMPLE

    @property
    def is_begun(self) -> bool:
        """Whether any of it has been heard."""
        return self._deltas > 0

    @property
    def _place(self) -> JsonObject:
        """The ids that its events carry."""
        return {"item_id": self.item_id, "response_id": self._record.id, "content_index": 0, "output_index": 0}

    def announce(self) -> None:
        """Open the item and its only part."""
        wire = self._room.wire
        opened = spoken_item(self.item_id, "in_progress")
        wire.send("response.output_item.added", response_id=self._record.id, output_index=0, item=opened)
        wire.send("conversation.item.added", item={**opened, "content": []})
        part = {"type": "audio", "transcript": ""}
        wire.send("response.content_part.added", part=part, **{**self._place, "previous_item_id": "0"})

    def prepare(self, text: str, pcm: bytes) -> None:
        """Take the speech that is to be sent, and spread the words over it."""
        self._pcm = pcm
        words = _WORD.findall(text)
        letters = max(1, sum(map(len, words)))
        before = 0
        for word in words:
            self._words.append((len(pcm) * before / letters, word))
            before += len(word)

    async def send(self, due: float) -> bool:
        """Send everything from the due time on; tell whether a fault keeps the rest."""
        pace = self._room.pace
        step_s = pace.delta_ms / 1000 / pace.audio_speed if pace.audio_speed else 0.0
        begun = max(due, now())
        while self._sent < len(self._pcm):
            await until(begun + self._deltas * step_s)
            self._send_piece()
            self._send_words(self._sent)
            if self._room.mischief.hangs(self._deltas):
                return True
        self._send_words(len(self._pcm) + 1)
        return False

    def send_late_delta(self) -> None:
        """Send one more piece although nobody wants it."""
        if self.is_begun and self._sent < len(self._pcm):
            self._send_piece()

    def finish(self) -> None:
        """Close the part and the item."""
        wire, place = self._room.wire, self._place
        wire.send("response.output_audio_transcript.done", transcript=self.said, **place)
        wire.send("response.content_part.done", **place)
        wire.send("response.output_audio.done", **place)
        closed = spoken_item(self.item_id, "completed")
        wire.send("response.output_item.done", response_id=self._record.id, output_index=0, item=closed)

    def _send_piece(self) -> None:
        """Send the next piece of audio."""
        piece = self._pcm[self._sent : self._sent + self._piece_bytes]
        self._sent += len(piece)
        self._deltas += 1
        self._sounded.sent_bytes = self._sent
        self._room.conversation.sounded[self.item_id] = self._sounded
        extra: JsonObject = {"rid": new_id(), "ts": round(time.time() * 1000)}
        if self._record.first_audio_at is None:
            self._record.first_audio_at = now()
            extra["latency"] = f"{self._record.first_audio_at - self._since:.2f}"
        self._record.audio += piece
        self._room.wire.send_audio(piece, rate=self._rate, is_binary=self._is_binary, **self._place, **extra)

    def _send_words(self, end: int) -> None:
        """Send the words that begin before a place in the audio."""
        while self._words and self._words[0][0] < end:
            start, word = self._words.pop(0)
            self.said += word
            self._record.text += word
            self._sounded.words.append((start * 1000 / BYTES_PER_SAMPLE / self._rate, word))
            start_s = round(start / BYTES_PER_SAMPLE / self._rate, 3)
            self._room.wire.send(
                "response.output_audio_transcript.delta", delta=word, start_time=start_s, rid=new_id(), **self._place
            )
