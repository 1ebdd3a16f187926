"""Languages of pipelines, whatever the service takes as a language of its plain transcription."""

from homeassistant.components import assist_pipeline
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.core import HomeAssistant
import pytest

from tests.simulator.dialects.table import DIALECTS
from tests.simulator.server import Simulator

from .spoken import sentence, speak

NAMED = {
    "es": "es", "es-MX": "es", "pt": "pt", "pt-BR": "pt", "pt-PT": "pt", "ar": "ar", "ar-EG": "ar",
    "nb": None, "fi": None, "zh-Hans": None, "zh-Hant": None,
}  # fmt: skip
"""Of each language of a pipeline what the service is told: a name of its list, or nothing."""


def named(simulator: Simulator) -> list[str | None]:
    """List the languages that transcriptions were asked with."""
    asked = [request.query.get("language") for request in simulator.requests if request.path == "/v1/stt"]
    return [language[0] if language else None for language in asked]


@pytest.mark.parametrize("rule", DIALECTS["stt_language"].values)
@pytest.mark.parametrize("finalize", DIALECTS["finalize"].values)
async def test_pipeline_when_of_any_language_then_words(
    hass: HomeAssistant, simulator: Simulator, voice: str, rule: str, finalize: str
) -> None:
    """The plain engine hears each of them, and is asked once."""
    simulator.dialect("stt_language", rule)
    simulator.dialect("finalize", finalize)
    pipeline = async_get_pipeline(hass, voice)
    for language in NAMED:
        await assist_pipeline.async_update_pipeline(
            hass, pipeline, stt_engine="stt.grok_stt", language=language, stt_language=language
        )
        run = await speak(hass, sentence("good_morning"), pipeline_id=voice, end_stage="stt")
        assert (run.error, run.transcript) == (None, "Good morning."), language
    assert named(simulator) == list(NAMED.values())


@pytest.mark.parametrize("rule", DIALECTS["stt_language"].values)
async def test_voice_when_there_is_no_session_then_words_in_any_language(
    hass: HomeAssistant, simulator: Simulator, voice: str, rule: str
) -> None:
    """What stands in for the session names languages by the same list."""
    simulator.dialect("stt_language", rule)
    simulator.fault("unavailable", times=None, path="/v1/realtime")
    pipeline = async_get_pipeline(hass, voice)
    for language in NAMED:
        await assist_pipeline.async_update_pipeline(hass, pipeline, language=language, stt_language=language)
        run = await speak(hass, sentence("good_morning"), pipeline_id=voice, end_stage="stt")
        assert (run.error, run.transcript) == (None, "Good morning."), language
    assert named(simulator) == list(NAMED.values())
