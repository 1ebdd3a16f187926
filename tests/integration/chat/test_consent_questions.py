"""A question tells all that a yes would do: how many, how much, and in the language of the home."""

from collections.abc import Mapping

from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import HomeAssistant
from homeassistant.helpers import translation
from homeassistant.setup import async_setup_component
import pytest

from custom_components.grok_assist.core.consent.book import AskBefore
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..agents import change_agent
from ..guarded_home import GuardedHome
from ..talk import Talk, speech
from ..voice.spoken import sentence, speak


@pytest.fixture
async def guarded(hass: HomeAssistant, entry: GrokConfigEntry) -> GuardedHome:
    """A home with lamps, covers and a television."""
    for component in ("homeassistant", "light", "cover", "media_player"):
        assert await async_setup_component(hass, component, {})
    made = GuardedHome(hass)
    await made.set_up()
    hass.states.async_set("media_player.tv", "playing", {"friendly_name": "TV", "supported_features": 5})
    async_expose_entity(hass, "conversation", "media_player.tv", should_expose=True)
    await hass.async_block_till_done()
    return made


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("light__HassLightSet", {"name": "Hall light", "brightness": 40}, "Hall light, 40 % einschalten"),
        ("media_player__HassSetVolume", {"name": "TV", "volume_level": 40}, "Lautstärke einstellen, TV, 40 %"),
        ("intent__HassSetPosition", {"name": "Blinds", "position": 20}, "einstellen, Blinds, 20 %"),
        ("intent__HassTurnOff", {"name": "Blinds"}, "schließen, Blinds"),
    ],
)
async def test_question_when_a_value_is_set_then_told_with_its_unit(
    hass: HomeAssistant,
    simulator: Simulator,
    talk: Talk,
    guarded: GuardedHome,
    entry: GrokConfigEntry,
    *,
    tool: str,
    arguments: Mapping[str, object],
    told: str,
) -> None:
    """Nobody can agree to a volume that is not named, nor understands the name of a service."""
    hass.config.language = "de"
    await translation.async_load_integrations(hass, {"light", "cover", "media_player"})
    await change_agent(hass, entry, ask_before=AskBefore.ALL_CHANGES)
    simulator.script(calls(call(tool, dict(arguments))))
    assert told in speech(await talk("Mach das", language="de"))
    assert guarded.done == []


async def test_question_when_more_are_meant_than_it_names_then_their_number(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, guarded: GuardedHome
) -> None:
    """A yes that opens eight locks was given to eight."""
    for number in range(7):
        hass.states.async_set(f"lock.shed_{number}", "locked", {"friendly_name": f"Shed {number}"})
        async_expose_entity(hass, "conversation", f"lock.shed_{number}", should_expose=True)
    simulator.script(calls(call("intent__HassTurnOff", {"domain": ["lock"]})))
    asked = speech(await talk("Unlock everything"))
    assert asked.count("Shed") + asked.count("Front door") == 5
    assert "+3" in asked


async def test_spoken_question_when_the_line_breaks_then_a_yes_does_nothing(
    hass: HomeAssistant, simulator: Simulator, voice: str, guarded: GuardedHome
) -> None:
    """Nobody can have agreed to what was not asked to its end."""
    unlock = call("intent__HassTurnOff", {"name": "Front door", "domain": ["lock"]})
    simulator.script(calls(unlock), reply("What do you mean?"))
    simulator.fault("drop_mid_audio", path="/v1/realtime")
    asked = await speak(hass, sentence("turn_on_the_light"), pipeline_id=voice, conversation_id="one")
    assert asked.data("intent-end")["intent_output"]["response"]["response_type"] == "error"
    answer = await speak(hass, sentence("yes_please"), pipeline_id=voice, conversation_id="one")
    assert answer.speech == "What do you mean?"
    assert guarded.done == []
