"""What the simulator hears and how it speaks, without a network."""

from io import BytesIO
import wave

import numpy as np
import pytest

from ..simulator.speech.hearing import UNINTELLIGIBLE, Hearing, spoken, spoken_names
from ..simulator.speech.matching import decode, delay_s, similarity
from ..simulator.speech.samples import from_pcm, resampled, seconds_of, silence, to_pcm
from ..simulator.speech.uttering import sentences, speech

RATE = 16_000
CHUNK = 640
LIGHT, BEDROOM = "turn_on_the_light", "in_the_bedroom"
ANSWER = "I have turned on the light in the kitchen."
OTHER_ANSWER = "I have turned off the light in the kitchen."


def noise(seconds: float, loudness: float) -> bytes:
    """Give noise, the same each time."""
    return to_pcm(np.random.default_rng(7).normal(0, loudness, round(seconds * RATE)))


def chunks(pcm: bytes) -> list[bytes]:
    """Cut audio into pieces of 20 ms."""
    return [pcm[start : start + CHUNK] for start in range(0, len(pcm), CHUNK)]


def wav(pcm: bytes, rate: int) -> bytes:
    """Put PCM into a WAV file."""
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(pcm)
    return file.getvalue()


@pytest.mark.parametrize("name", spoken_names())
def test_known_sentences_are_heard(name: str) -> None:
    """Each sentence is known, also quieter, between silences, with a little noise, and at other rates."""
    text, pcm = spoken(name)
    hearing = Hearing()
    assert hearing.transcribe(pcm, RATE) == text
    assert hearing.transcribe(silence(0.2037, RATE) + pcm + silence(1, RATE), RATE) == text
    assert hearing.transcribe(to_pcm(from_pcm(pcm) * 0.2), RATE) == text
    assert hearing.transcribe(pcm[1280:], RATE) == text
    noisy = np.concatenate([np.zeros(3000), from_pcm(pcm), np.zeros(9000)])
    assert hearing.transcribe(to_pcm(noisy + from_pcm(noise(noisy.size / RATE, 0.002))), RATE) == text
    for rate in (8000, 22_050, 24_000, 48_000):
        assert hearing.transcribe(to_pcm(resampled(from_pcm(pcm), RATE, rate)), rate) == text


@pytest.mark.parametrize("name", spoken_names())
def test_spoilt_sentences_are_not_heard(name: str) -> None:
    """Sentences with lost pieces, in another order or backwards are not taken for whole ones."""
    text, pcm = spoken(name)
    hearing = Hearing()
    pieces = chunks(pcm)
    sixth = [piece for number, piece in enumerate(pieces) if number % 6 != 3]
    assert hearing.transcribe(b"".join(sixth), RATE) != text
    start, lost = len(pieces) // 3, round(len(pieces) * 0.16)
    assert hearing.transcribe(b"".join(pieces[:start] + pieces[start + lost :]), RATE) != text
    assert hearing.transcribe(pcm[: len(pcm) // 8 * 6], RATE) != text
    assert hearing.transcribe(to_pcm(from_pcm(pcm)[::-1]), RATE) == UNINTELLIGIBLE


@pytest.mark.parametrize("pause", [0.25, 0.8, 1.5])
def test_sentences_with_pauses_are_joined(pause: float) -> None:
    """Two sentences in one audio are both heard, and one that is spoilt says so."""
    (first, light), (second, bedroom) = spoken(LIGHT), spoken(BEDROOM)
    hearing = Hearing()
    gap = silence(pause, RATE)
    assert hearing.transcribe(gap + light + gap + bedroom + gap, RATE) == f"{first} {second}"
    half = light[: len(light) // 4 * 2]
    assert hearing.transcribe(half + gap + bedroom, RATE) == f"{UNINTELLIGIBLE} {second}"
    please, yes = spoken("yes_please")
    assert hearing.transcribe(yes + gap + light + gap + yes, RATE) == f"{please} {first} {please}"


@pytest.mark.parametrize(
    "pcm",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(silence(3, RATE), id="silence"),
        pytest.param(noise(3, 0.0005), id="faint-noise"),
        pytest.param(noise(3, 0.05), id="loud-noise"),
    ],
)
def test_no_speech_is_no_text(pcm: bytes) -> None:
    """Silence and noise give an empty text."""
    assert Hearing().transcribe(pcm, RATE) == ""


def test_registered_sentences_are_heard() -> None:
    """A test may teach sentences of its own."""
    hearing = Hearing()
    pcm = speech(ANSWER, voice="ara", rate=24_000)
    assert hearing.transcribe(pcm, 24_000) == UNINTELLIGIBLE
    hearing.register(ANSWER, pcm, 24_000)
    assert hearing.transcribe(speech(ANSWER, voice="ara", rate=RATE), RATE) == ANSWER
    assert hearing.transcribe(speech(OTHER_ANSWER, voice="ara", rate=RATE), RATE) == UNINTELLIGIBLE
    with pytest.raises(ValueError, match="nothing to hear"):
        hearing.register("Hush.", silence(1, RATE), RATE)


def test_speech_is_as_long_as_its_text_and_the_same_each_time() -> None:
    """About fourteen characters a second, half of full scale, faster where asked."""
    pcm = speech(ANSWER, voice="ara", rate=24_000)
    assert seconds_of(pcm, 24_000) == pytest.approx(len(ANSWER) / 14, rel=0.1)
    assert seconds_of(speech(ANSWER, voice="ara", rate=24_000, speed=1.5), 24_000) == pytest.approx(
        len(ANSWER) / 21, rel=0.1
    )
    assert np.abs(from_pcm(pcm)).max() == pytest.approx(0.5, abs=0.05)
    assert pcm == speech(ANSWER, voice="ara", rate=24_000)


def test_speech_of_sentences_is_joined() -> None:
    """What is spoken sentence by sentence is what is spoken at once."""
    text = f"{ANSWER} {OTHER_ANSWER} Is it right?"
    assert sentences(text) == [ANSWER, OTHER_ANSWER, "Is it right?"]
    parts = [speech(sentence, voice="eve", rate=16_000) for sentence in sentences(text)]
    assert b"".join(parts) == speech(text, voice="eve", rate=16_000)
    assert speech(" ", voice="eve", rate=16_000) == b""


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 44_100, 48_000])
def test_rate_does_not_change_what_is_heard(rate: int) -> None:
    """The same sentence at another rate is the same sound, with a delay that can be told."""
    sent = speech(ANSWER, voice="ara", rate=24_000)
    heard = speech(ANSWER, voice="ara", rate=rate)
    assert similarity(heard, rate, sent, 24_000) > 0.99
    late = silence(0.4, rate) + heard
    assert similarity(late, rate, sent, 24_000) > 0.99
    assert delay_s(late, rate, sent, 24_000) == pytest.approx(0.4, abs=0.001)


def test_other_sounds_are_not_alike() -> None:
    """Another text, another voice, a lost half and a gap are all told apart."""
    sent = speech(ANSWER, voice="ara", rate=24_000)
    assert similarity(speech(OTHER_ANSWER, voice="ara", rate=24_000), 24_000, sent, 24_000) < 0.3
    assert similarity(speech(ANSWER, voice="eve", rate=24_000), 24_000, sent, 24_000) < 0.3
    assert similarity(sent[: len(sent) // 2], 24_000, sent, 24_000) < 0.85
    assert similarity(sent[:40_000] + silence(0.1, 24_000) + sent[40_000:], 24_000, sent, 24_000) < 0.9
    assert similarity(b"", 24_000, sent, 24_000) == 0


def test_wav_without_sizes_is_decoded() -> None:
    """A stream cannot know its size; such a file is read to its end."""
    pcm = speech(ANSWER, voice="ara", rate=22_050)
    whole = wav(pcm, 22_050)
    unknown = b"\xff" * 4
    streamed = whole[:4] + unknown + whole[8:40] + unknown + whole[44:]
    assert decode(whole) == (pcm, 22_050)
    assert decode(streamed) == (pcm, 22_050)
    assert decode(streamed, format_hint="wav") == (pcm, 22_050)
    with pytest.raises(ValueError, match="Invalid data"):
        decode(b"no audio at all", format_hint="wav")
