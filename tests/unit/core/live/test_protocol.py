"""The codec of the live socket, by the vectors that every codec is tested by."""

from array import array
import json
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.grok_assist.core.live import messages
from custom_components.grok_assist.core.live.frames import FrameError, MicrophoneFrame, SoundFrame

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[3] / "vectors" / "live.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS["microphone"])
def test_microphone_when_written_and_read_then_the_same(vector: dict[str, Any]) -> None:
    """Byte for byte, both ways."""
    frame = MicrophoneFrame(vector["seq"], array("h", vector["samples"]).tobytes(), vector["silence"])
    assert frame.to_bytes().hex() == vector["hex"]
    assert MicrophoneFrame.parse(bytes.fromhex(vector["hex"])) == frame


@pytest.mark.parametrize("vector", [one for one in VECTORS["loudspeaker"] if "cut" not in one])
def test_loudspeaker_when_written_and_read_then_the_same(vector: dict[str, Any]) -> None:
    """Byte for byte, both ways."""
    pcm = array("h", vector["samples"]).tobytes()
    frame = SoundFrame(vector["answer"], vector["item"], vector["offset"], pcm, is_last=vector["last"])
    assert frame.to_bytes().hex() == vector["hex"]
    assert SoundFrame.parse(bytes.fromhex(vector["hex"])) == frame


@pytest.mark.parametrize("raw", VECTORS["bad"])
def test_frame_when_it_is_none_then_refused(raw: str) -> None:
    """Too short, of another kind, with half a sample."""
    with pytest.raises(FrameError):
        MicrophoneFrame.parse(bytes.fromhex(raw))


def test_frame_when_too_long_then_refused() -> None:
    """Up to 64 kB."""
    assert MicrophoneFrame.parse(MicrophoneFrame(1, bytes(65_532)).to_bytes()).seq == 1
    with pytest.raises(FrameError):
        MicrophoneFrame.parse(MicrophoneFrame(1, bytes(65_534)).to_bytes())
    with pytest.raises(FrameError):
        SoundFrame.parse(b"\2\0")


@pytest.mark.parametrize("vector", VECTORS["messages"])
def test_message_when_read_then_what_it_says(vector: dict[str, Any]) -> None:
    """Unknown kinds and fields are ignored."""
    message = messages.parse(json.dumps(vector["json"]))
    assert (type(message).__name__ if message is not None else None) == vector["is"]
    assert {name: getattr(message, name) for name in vector["fields"]} == vector["fields"]


def test_position_when_told_then_clamped() -> None:
    """By item, in milliseconds, never below nothing."""
    played = messages.parse('{"type":"played","answer":3,"item":1,"ms":-5}')
    assert played == messages.Played(messages.PlayedPosition(answer=3, item=1, ms=0.0))
    stopped = messages.parse('{"type":"stopped","answer":3,"item":1,"ms":12.5}')
    assert stopped == messages.Stopped(messages.PlayedPosition(answer=3, item=1, ms=12.5))
    hello = messages.parse(json.dumps(VECTORS["messages"][1]["json"]))
    assert isinstance(hello, messages.Hello)
    assert hello.played == messages.PlayedPosition(answer=3, item=0, ms=1240.0)


@pytest.mark.parametrize("raw", VECTORS["bad_messages"])
def test_message_when_it_breaks_the_protocol_then_refused(raw: str) -> None:
    """No object, no version, a rate that no device has, no number where one has to be."""
    with pytest.raises(messages.MessageError):
        messages.parse(raw)


def test_message_when_too_long_then_refused() -> None:
    """A typed sentence is cut; a message that is no sentence is refused."""
    text = messages.parse(json.dumps({"type": "text", "text": "a" * 10_000}))
    assert isinstance(text, messages.TypedText)
    assert len(text.text) == messages.MOST_TEXT
    with pytest.raises(messages.MessageError):
        messages.parse(json.dumps({"type": "text", "text": "a" * 20_000}))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
KINDS = ["hello", "played", "stopped", "interrupt", "mute", "text", "consent", "ping", "end"]
FIELDS = [
    "version",
    "rate",
    "play_rate",
    "resume",
    "answer",
    "item",
    "ms",
    "on",
    "text",
    "call",
    "accept",
    "t",
    "reason",
]


@given(kind=st.sampled_from(KINDS), fields=st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_message_when_anything_is_said_then_read_or_refused(kind: str, fields: dict[str, object]) -> None:
    """Nothing that a page may say raises anything else."""
    try:
        messages.parse(json.dumps({"version": 1, **fields, "type": kind}))
    except messages.MessageError:
        return


@given(raw=st.binary(max_size=40) | st.text(max_size=40))
def test_bytes_when_anything_comes_then_read_or_refused(raw: bytes | str) -> None:
    """The same for what is not even JSON."""
    for parse, error in ((messages.parse, messages.MessageError), (MicrophoneFrame.parse, FrameError)):
        try:
            parse(raw if parse is messages.parse else raw.encode() if isinstance(raw, str) else raw)  # type: ignore[arg-type]
        except error:
            continue
