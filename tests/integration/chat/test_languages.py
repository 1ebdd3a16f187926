"""Tags of languages at the front doors: automations and satellites that moved over from other engines."""

from http import HTTPStatus

from homeassistant.components import tts
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.server import Simulator

from ..voice.spoken import sentence

TAGS = {
    "en": "en", "en-US": "en", "en_GB": "en", "de-DE": "de", "nl_BE": "auto", "nl-BE": "auto", "es-MX": "es-MX",
    "es-419": "es-MX", "pt-PT": "pt-PT", "pt-BR": "pt-BR", "zh-CN": "zh", "fr-CA": "fr", "ar-SA": "ar-SA",
}  # fmt: skip


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("engine", ["tts.grok_tts", "tts.grok_voice"])
async def test_speech_when_tag_is_of_another_engine_then_spoken(
    hass: HomeAssistant, assist: None, simulator: Simulator, entry: GrokConfigEntry, engine: str, tag: str
) -> None:
    """As `tts.speak` asks for it; the service is told the nearest tag that it knows."""
    source = tts.generate_media_source_id(hass, "Hello.", engine=engine, language=tag)
    _extension, sound = await tts.async_get_media_source_audio(hass, source)
    assert len(sound) > 1_000
    asked = [request for request in simulator.requests if request.path == "/v1/tts"]
    assert asked[-1].query["language"] == [TAGS[tag]]


async def test_speech_when_address_is_asked_for_then_given(
    hass: HomeAssistant, assist: None, entry: GrokConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """As a script outside of Home Assistant asks for it; a typing error is told."""
    client = await hass_client()
    body = {"engine_id": "tts.grok_tts", "message": "Hello.", "language": "en-US"}
    reply = await client.post("/api/tts_get_url", json=body)
    assert reply.status == HTTPStatus.OK
    assert (await reply.json())["path"].startswith("/api/tts_proxy/")
    with pytest.raises(HomeAssistantError, match="not supported"):
        tts.generate_media_source_id(hass, "Hello.", engine="tts.grok_tts", language="klingon")


@pytest.mark.parametrize("engine", ["stt.grok_stt", "stt.grok_voice"])
async def test_transcription_when_tag_is_of_another_engine_then_words(
    hass: HomeAssistant, voice: str, simulator: Simulator, hass_client: ClientSessionGenerator, engine: str
) -> None:
    """As another program sends sound; the service is told a language of its list, or none."""
    client = await hass_client()
    for tag in TAGS:
        base = tag[:2]
        named = None if base == "zh" else [base]
        wanted = f"format=wav; codec=pcm; sample_rate=16000; bit_rate=16; channel=1; language={tag}"
        sound = sentence("good_morning")
        reply = await client.post(f"/api/stt/{engine}", headers={"X-Speech-Content": wanted}, data=sound)
        assert reply.status == HTTPStatus.OK, tag
        assert (await reply.json())["text"] == "Good morning."
        asked = [request.query.get("language") for request in simulator.requests if request.path == "/v1/stt"]
        assert engine != "stt.grok_stt" or asked[-1] == named


async def test_languages_when_listed_then_those_that_make_a_difference(
    hass: HomeAssistant, assist: None, entry: GrokConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    """The form of an assistant offers the regions that the service tells apart, and each language once."""
    client = await hass_ws_client()
    for kind in ("tts", "stt"):
        await client.send_json_auto_id({"type": f"{kind}/engine/list", "language": "pt", "country": "PT"})
        reply = await client.receive_json()
        listed = {found["engine_id"]: found["supported_languages"] for found in reply["result"]["providers"]}
        assert sorted(listed[f"{kind}.grok_{kind}"]) == ["pt", "pt-BR", "pt-PT"]
        assert listed[f"{kind}.grok_{kind}"][0] == "pt-PT"
