"""Turns with the APIs of other integrations, and templates of the user's own, that work, break or hang."""

import asyncio
from collections.abc import Callable
import json

from homeassistant.components.conversation import agent_manager
from homeassistant.core import HomeAssistant
from homeassistant.helpers import llm

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..agents import change_agent, change_voice
from ..apis import BrokenAPI, CountingAPI, HangingAPI
from ..talk import Talk, speech
from ..voice.spoken import sentence, speak


async def test_agent_when_several_apis_then_tools_of_all(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, home: None, talk: Talk
) -> None:
    """Two APIs are merged, odd names are fitted, and the call finds its way back."""
    llm.async_register_api(hass, CountingAPI(hass=hass, id="counting", name="Counting"))
    await change_agent(hass, entry, llm_hass_api=["assist", "counting"])
    simulator.script(reply("Hi."))
    await talk("Hi")
    names = [tool["name"] for tool in simulator.requests[-1].body["tools"]]
    (fitted,) = [name for name in names if "count_things_now" in name]
    simulator.script(calls(call(fitted, {"what": "sheep"})), reply("Three."))
    assert speech(await talk("Count the sheep")) == "Three."
    assert '"count":3' in simulator.requests[-1].body["input"][-1]["output"].replace(" ", "")


async def test_turn_when_tool_breaks_then_model_is_told(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """Whatever another integration's tool raises, the model is told and can correct itself."""
    llm.async_register_api(hass, CountingAPI(hass=hass, id="counting", name="Counting"))
    await change_agent(hass, entry, llm_hass_api=["counting"])
    simulator.script(calls(call("count_things_now", {"what": "disaster"})), reply("I could not count that."))
    assert speech(await talk("Count the disaster")) == "I could not count that."
    told = json.dumps(simulator.requests[-1].body["input"])
    assert "function_call_output" in told
    assert "LibraryError" in told


async def test_turn_when_api_is_gone_then_sentence(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """An API that was uninstalled is named as the cause."""
    await change_agent(hass, entry, llm_hass_api=["gone"])
    assert "no longer there" in speech(await talk("Hello"))


async def test_turn_when_template_is_wrong_then_sentence(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """A mistake in the user's own template is told as such."""
    await change_agent(hass, entry, prompt="{{ 1 / 0 }}")
    assert "template" in speech(await talk("Hello"))


async def test_turn_when_another_integrations_api_hangs_then_sentence(
    hass: HomeAssistant, entry: GrokConfigEntry, talk: Talk
) -> None:
    """The deadline of the turn covers the preparation of its tools, and preparing ahead gives up by itself."""
    llm.async_register_api(hass, HangingAPI(hass=hass, id="hanging", name="Hanging"))
    hass.config_entries.async_update_entry(entry, options={"turn_timeout_s": 5})
    await hass.async_block_till_done()
    await change_agent(hass, entry, llm_hass_api=["hanging"])
    assert "within 5 seconds" in speech(await asyncio.wait_for(talk("Hello"), 8))
    agent = agent_manager.async_get_agent(hass, "conversation.grok")
    assert agent is not None
    await asyncio.wait_for(agent.async_prepare("en"), 8)


async def test_turn_when_another_integrations_api_breaks_then_sentence(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry, talk: Talk, expect_error: Callable[[str], None]
) -> None:
    """Typed and spoken, whatever its library raises."""
    llm.async_register_api(hass, BrokenAPI(hass=hass, id="broken", name="Broken"))
    await change_agent(hass, entry, llm_hass_api=["broken"])
    assert "unexpected" in speech(await talk("Hello"))
    await change_voice(hass, entry, llm_hass_api=["broken"])
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert "unexpected" in run.speech
    assert run.audio
    expect_error("Unexpected failure of a turn")
