"""Wit, sarcasm and helpfulness: the same words for what is typed and what is spoken, and never in an error."""

from typing import Any

from homeassistant.core import HomeAssistant

from custom_components.grok_assist.core.personality import Personality
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.server import Simulator

from ..agents import change_agent, change_voice
from ..talk import Talk, speech
from ..voice.spoken import sentence, speak

MANNER: dict[str, Any] = {"wit": 0.8, "sarcasm": 0.2, "helpfulness": 1}
TEXT = Personality(wit=0.8, sarcasm=0.2, helpfulness=1.0).text()


def instructions(simulator: Simulator) -> str:
    """Return what was told with the last typed sentence."""
    body = next(request.body for request in reversed(simulator.requests) if request.path == "/v1/responses")
    return str(body["instructions"])


async def test_manner_is_told_in_words_to_both(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """Not at all before; then the same sentences."""
    talk = Talk(hass, "conversation.grok")
    await talk("Hello")
    assert "manner" not in instructions(simulator)
    await change_agent(hass, entry, **MANNER)
    await change_voice(hass, entry, **MANNER)
    await talk("Hello")
    assert TEXT in instructions(simulator)
    await speak(hass, sentence("good_morning"), pipeline_id=voice)
    told = simulator.sessions[-1].sent("session.update")[-1].body["session"]
    assert TEXT in told["instructions"]
    assert "0.8" not in instructions(simulator)


async def test_manner_never_touches_an_error(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """Sentences of failures are ours, not the model's."""
    talk = Talk(hass, "conversation.grok")
    simulator.fault("no_credits", times=2)
    plain = speech(await talk("Hello"))
    await change_agent(hass, entry, wit=1, sarcasm=1, helpfulness=0)
    assert speech(await talk("Hello")) == plain


async def test_form_keeps_and_clears_a_manner(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """A slider that is emptied is no zero."""
    subentry = next(iter(entry.get_subentries_of_type("conversation")))
    for chosen in ({"wit": 0.3}, {}):
        flow = await hass.config_entries.subentries.async_init(
            (entry.entry_id, "conversation"), context={"source": "reconfigure", "subentry_id": subentry.subentry_id}
        )
        flow = await hass.config_entries.subentries.async_configure(
            flow["flow_id"], {"name": "Grok", "llm_hass_api": ["assist"], "recommended": False}
        )
        await hass.config_entries.subentries.async_configure(flow["flow_id"], chosen)
        await hass.async_block_till_done()
        data = entry.subentries[subentry.subentry_id].data
        assert {key: data[key] for key in ("wit", "sarcasm", "helpfulness") if key in data} == chosen
