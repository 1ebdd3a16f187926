"""The microphone's sound: frames of 40 ms, and the record."""

from custom_components.grok_assist.realtime.input_audio import FRAME_BYTES, PIECE_BYTES, RECORD_BYTES, InputAudio

CHUNK = bytes(range(160)) * 2
"""Ten milliseconds of microphone."""


def test_sound_when_fed_then_sent_in_frames_and_recorded() -> None:
    """Small chunks are sent together; the rest of them when it is asked for, once."""
    audio = InputAudio()
    sent = [audio.feed(CHUNK) for _ in range(9)]
    assert [len(frame) for frame in sent if frame] == [FRAME_BYTES, FRAME_BYTES]
    assert (audio.rest(), audio.rest()) == (CHUNK, b"")
    assert bytes(audio.recorded) == CHUNK * 9


def test_sound_when_long_then_record_is_limited() -> None:
    """A minute is recorded; all of it is sent."""
    assert RECORD_BYTES == 60 * 32_000
    audio = InputAudio(record_bytes=1000)
    sent = b"".join(audio.feed(CHUNK) for _ in range(8)) + audio.rest()
    assert (len(audio.recorded), audio.is_full, sent) == (4 * len(CHUNK), True, CHUNK * 8)


def test_record_when_heard_again_then_whole_and_nothing_of_it_twice() -> None:
    """A new socket hears what was recorded; what was about to be sent is part of that."""
    audio = InputAudio()
    for _ in range(103):
        audio.feed(CHUNK)
    pieces = list(audio.replay())
    assert b"".join(pieces) == CHUNK * 103
    assert max(map(len, pieces)) == PIECE_BYTES
    assert audio.rest() == b""
    assert audio.feed(CHUNK) == b""
