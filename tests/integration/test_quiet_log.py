"""What the log says at Home Assistant's usual level: kinds and statuses, never anybody's words."""

import logging

from homeassistant.components.stt.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.server import Simulator

from .talk import Talk
from .voice.spoken import microphone, sentence
from .voice.test_alone import METADATA


def told(caplog: pytest.LogCaptureFixture, level: int) -> str:
    """Return what our log has at a level or above."""
    ours = [record for record in caplog.records if record.name.startswith("custom_components.grok_assist")]
    return "\n".join(record.getMessage() for record in ours if record.levelno >= level)


async def test_turn_when_refused_then_service_is_quoted_for_debugging_only(
    talk: Talk, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """What a service quotes may be what a user has said."""
    with caplog.at_level(logging.DEBUG):
        simulator.fault("unprocessable", path="/v1/responses")
        await talk("My secret sentence")
    assert "A turn of conversation.grok failed: GrokRequestError 422" in told(caplog, logging.WARNING)
    assert "deserialize" not in told(caplog, logging.INFO)
    assert "Failed to deserialize" in told(caplog, logging.DEBUG)


async def test_turn_when_an_argument_is_refused_then_the_log_names_it(
    talk: Talk, home: None, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """The sentence that is spoken promises that the log says more."""
    simulator.dialect("refused_argument", "store")
    await talk("My secret sentence")
    failed = "A turn of conversation.grok failed: GrokRequestError 400, argument not supported: store"
    assert failed in told(caplog, logging.WARNING)


async def test_transcription_when_refused_then_service_is_quoted_for_debugging_only(
    hass: HomeAssistant, assist: None, entry: GrokConfigEntry, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """It may quote the address, with the names of rooms and the key."""
    ear = hass.data[DATA_COMPONENT].get_entity("stt.grok_stt")
    assert ear is not None
    with caplog.at_level(logging.DEBUG):
        simulator.fault("forbidden", path="/v1/stt")
        await ear.async_process_audio_stream(METADATA, microphone(sentence("good_morning"), tail_s=0))
    assert "stt.grok_stt has no words: GrokPermissionError" in told(caplog, logging.WARNING)
    assert "does not have permission" not in told(caplog, logging.INFO)
    assert "does not have permission" in told(caplog, logging.DEBUG)
