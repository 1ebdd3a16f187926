"""Speech as a file that is written while it is spoken."""

import struct

import numpy as np
import pytest

from custom_components.grok_assist.core.media.audio import (
    UNKNOWN_SIZE,
    AudioFormat,
    AudioKind,
    make_encoder,
    wav_header,
)
from tests.simulator.speech.matching import decode, similarity

RATE = 24_000
DURATION_S = 1.5
FORMATS = [
    AudioFormat(kind=AudioKind.WAV, rate=16_000),
    AudioFormat(kind=AudioKind.WAV, rate=22_050),
    AudioFormat(kind=AudioKind.WAV, rate=24_000),
    AudioFormat(kind=AudioKind.WAV, rate=48_000),
    AudioFormat(kind=AudioKind.WAV, rate=48_000, channels=2),
    AudioFormat(kind=AudioKind.MP3, rate=24_000),
    AudioFormat(kind=AudioKind.MP3, rate=48_000),
    AudioFormat(kind=AudioKind.MP3, rate=44_100, channels=2, bit_rate=128_000),
    AudioFormat(kind=AudioKind.FLAC, rate=16_000),
    AudioFormat(kind=AudioKind.FLAC, rate=24_000, has_small_frames=True),
    AudioFormat(kind=AudioKind.FLAC, rate=48_000),
    AudioFormat(kind=AudioKind.FLAC, rate=48_000, channels=2, has_small_frames=True),
]
IDS = [f"{made.kind}-{made.rate}-{made.channels}{'-small' if made.has_small_frames else ''}" for made in FORMATS]


def _speech() -> bytes:
    """A tone that rises and swells, so that no two moments of it sound alike."""
    time = np.arange(int(RATE * DURATION_S)) / RATE
    tone = np.sin(2 * np.pi * (200 * time + 600 * time**2)) * (0.3 + 0.6 * np.abs(np.sin(5 * time)))
    samples: bytes = (tone * 20_000).astype("<i2").tobytes()
    return samples


SPEECH = _speech()


def encoded(wanted: AudioFormat, sizes: tuple[int, ...] = (4_800,), *, pcm: bytes = SPEECH, rate: int = RATE) -> bytes:
    """Encode in pieces of these sizes, in turn."""
    encoder = make_encoder(wanted, input_rate=rate)
    file, start, number = b"", 0, 0
    while start < len(pcm):
        size = sizes[number % len(sizes)]
        file += encoder.encode(pcm[start : start + size])
        start, number = start + size, number + 1
    return file + encoder.finish()


@pytest.mark.parametrize("wanted", FORMATS, ids=IDS)
def test_file_when_decoded_then_same_sound_and_length(wanted: AudioFormat) -> None:
    """Every format plays the whole of the speech, and nothing else."""
    file = encoded(wanted)
    heard, rate = decode(file)
    assert rate == wanted.rate
    tolerance_s = 0.1 if wanted.kind is AudioKind.MP3 else 0.002
    assert len(heard) / 2 / rate == pytest.approx(DURATION_S, abs=tolerance_s)
    assert similarity(heard, rate, SPEECH, RATE) > 0.95


@pytest.mark.parametrize("wanted", FORMATS, ids=IDS)
def test_file_when_pieces_are_odd_then_the_same(wanted: AudioFormat) -> None:
    """Half a sample waits for its other half; empty pieces change nothing."""
    even, odd = encoded(wanted), encoded(wanted, (4_799, 0, 1, 4_801, 333))
    assert similarity(decode(odd)[0], wanted.rate, decode(even)[0], wanted.rate) > 0.999
    assert len(decode(odd)[0]) == pytest.approx(len(decode(even)[0]), abs=64)


@pytest.mark.parametrize("wanted", FORMATS, ids=IDS)
def test_file_when_first_tenth_is_spoken_then_begins(wanted: AudioFormat) -> None:
    """A player can begin at once: the first tenth of a second gives sound, not only a header."""
    encoder = make_encoder(wanted, input_rate=RATE)
    first = encoder.encode(SPEECH[:4_800])
    heard, _ = decode(first)
    assert len(heard) / 2 / wanted.rate >= 0.02
    encoder.finish()


@pytest.mark.parametrize("wanted", FORMATS, ids=IDS)
def test_file_when_nothing_is_spoken_then_no_trouble(wanted: AudioFormat) -> None:
    """An encoder may be closed before it was given a sample."""
    make_encoder(wanted, input_rate=RATE).finish()
    encoder = make_encoder(wanted, input_rate=RATE)
    encoder.encode(b"\0")
    encoder.finish()


@pytest.mark.parametrize("wanted", [FORMATS[4], FORMATS[11]], ids=[IDS[4], IDS[11]])
def test_file_when_stereo_then_both_sides_alike_and_as_loud(wanted: AudioFormat) -> None:
    """One voice comes from both loudspeakers, as loud as it was."""
    heard = np.frombuffer(decode(encoded(wanted))[0], "<i2").astype(float)
    spoken = np.frombuffer(SPEECH, "<i2").astype(float)
    assert heard.std() == pytest.approx(spoken.std(), rel=0.45)
    if wanted.kind is AudioKind.WAV:
        left, right = np.frombuffer(encoded(wanted)[44:], "<i2").reshape(-1, 2).T
        assert np.array_equal(left, right)


def test_wav_when_rate_is_kept_then_samples_untouched() -> None:
    """Without a resampling the bytes are the source's own."""
    assert encoded(AudioFormat(kind=AudioKind.WAV, rate=RATE), (4_799,))[44:] == SPEECH


def test_flac_when_rate_is_kept_then_samples_untouched() -> None:
    """Lossless is lossless."""
    for is_small in (True, False):
        assert decode(encoded(AudioFormat(kind=AudioKind.FLAC, rate=RATE, has_small_frames=is_small)))[0] == SPEECH


def test_wav_when_begun_then_header_of_unknown_length() -> None:
    """A length of zero would end it at once for most readers."""
    file = encoded(AudioFormat(kind=AudioKind.WAV, rate=48_000, channels=2))
    assert struct.unpack("<4sI4s4sIHHIIHH4sI", file[:44]) == (
        b"RIFF", UNKNOWN_SIZE, b"WAVE", b"fmt ", 16, 1, 2, 48_000, 192_000, 4, 16, b"data", UNKNOWN_SIZE,
    )  # fmt: skip
    assert UNKNOWN_SIZE == 0xFFFFFFFF


def test_header_when_length_is_known_then_said() -> None:
    """A whole file says how long it is."""
    header = wav_header(rate=16_000, channels=1, data_bytes=100)
    assert (len(header), header[4:8], header[40:44]) == (44, struct.pack("<I", 136), struct.pack("<I", 100))


@pytest.mark.parametrize(("asked", "made"), [(24_100, 24_000), (96_000, 48_000), (1, 8_000)])
def test_mp3_when_rate_does_not_exist_then_the_nearest(asked: int, made: int) -> None:
    """Mp3 knows nine rates."""
    assert decode(encoded(AudioFormat(kind=AudioKind.MP3, rate=asked)))[1] == made


def test_file_when_source_has_another_rate_then_resampled() -> None:
    """The samples may come at any rate."""
    file = encoded(AudioFormat(kind=AudioKind.FLAC, rate=16_000), pcm=SPEECH, rate=48_000)
    heard, rate = decode(file)
    assert len(heard) / 2 / rate == pytest.approx(DURATION_S / 2, abs=0.002)
