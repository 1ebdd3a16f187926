"""The conversation agent through Home Assistant's conversation integration, against the simulator."""

from homeassistant.core import HomeAssistant

from tests.simulator.script import calls, call, reply
from tests.simulator.server import Simulator

from .talk import Talk, speech


async def test_turn_when_asked_then_answers(hass: HomeAssistant, simulator: Simulator, talk: Talk) -> None:
    """A plain question gets the model's words."""
    simulator.script(reply("It is **sunny**."))
    result = await talk("How is the weather?")
    assert speech(result) == "It is sunny."
    assert result.conversation_id


async def test_turn_when_tool_called_then_acts(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """A command switches a real entity by Home Assistant's own tool."""
    simulator.script(calls(call("intent__HassTurnOn", {"name": "Kitchen light"})), reply("Done."))
    result = await talk("Turn on the kitchen light")
    assert hass.states.get("input_boolean.kitchen_light").state == "on"
    assert speech(result) == "Done."
