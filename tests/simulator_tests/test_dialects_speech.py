"""What plain speech and plain transcription do in each of their dialects."""

import pytest

from ..simulator.server import Simulator
from ..simulator.speech.wishes import LANGUAGES
from .asking import Asker
from .test_speech_stt import LIGHT, PAUSE, RATE, TEXT, events_of, send, socket, transcribe, wav


@pytest.mark.parametrize(
    ("value", "status", "language"),
    [("any", 200, "es-ES"), ("listed_or_refused", 400, ""), ("listed_or_ignored", 200, "en")],
)
async def test_stt_language(sim: Simulator, asker: Asker, value: str, status: int, language: str) -> None:
    """A language that is not on the list is taken, refused, or as if it had not been named."""
    sim.dialect("stt_language", value)
    answer = await transcribe(asker, wav(LIGHT), [("language", "es-ES"), ("format", "true")])
    assert answer.status == status
    if status == 200:
        assert (answer.body["language"], answer.body["text"]) == (language, TEXT)
    assert (await transcribe(asker, wav(LIGHT), [("language", "es")])).body["language"] == "es"
    assert len(LANGUAGES) == 25
    assert sim.violations == []


async def test_stt_language_at_the_socket(sim: Simulator, asker: Asker) -> None:
    """The handshake is refused for it too."""
    sim.dialect("stt_language", "listed_or_refused")
    async with asker.session.get(f"{asker.url}/stt", params={"language": "pt-PT"}, headers=_UPGRADE) as response:
        assert response.status == 400
    async with socket(asker, language="pt") as line:
        await send(line, LIGHT)
        assert (await events_of(line))[-1]["text"] == TEXT


async def test_finalize(sim: Simulator, asker: Asker) -> None:
    """An utterance is ended at once, and the socket goes on."""
    async with socket(asker) as line:
        await line.send_bytes(LIGHT)
        await line.send_json({"type": "finalize"})
        event = await line.receive_json(timeout=2)
        while not event["speech_final"]:
            event = await line.receive_json(timeout=2)
        assert event["text"] == TEXT
        await send(line, PAUSE + LIGHT)
        assert (await events_of(line))[-1]["text"] == f"{TEXT} {TEXT}"
    assert sim.violations == []


async def test_unknown_finalize(sim: Simulator, asker: Asker) -> None:
    """It is answered with an error, and nothing else changes."""
    sim.dialect("finalize", "unknown")
    async with socket(asker) as line:
        await line.send_bytes(LIGHT)
        await line.send_json({"type": "finalize"})
        assert (await line.receive_json(timeout=2))["type"] == "error"
        await send(line, PAUSE)
        assert (await events_of(line))[-1]["text"] == TEXT
    assert sim.violations == []


@pytest.mark.parametrize("most", [4096, 4000, 15_000, 60_000])
async def test_tts_limit(sim: Simulator, asker: Asker, most: int) -> None:
    """A text that is one character too long is refused, whole or over the socket."""
    sim.dialect("tts_limit", str(most))
    answer = await asker.post("/tts", {"text": "a" * (most + 1), "language": "en"})
    assert (answer.status, f"at most {most}" in answer.message) == (400, True)
    async with asker.session.ws_connect(f"{asker.url}/tts", params={"language": "en"}) as line:
        await line.send_json({"type": "text.delta", "delta": "a" * (most + 1)})
        assert f"longer than {most}" in (await line.receive_json(timeout=2))["message"]


_UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": f"{RATE:>022}==",
}
