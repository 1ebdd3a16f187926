"""Two tools at once in a live conversation, one of which fails."""

from homeassistant.core import HomeAssistant

from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..agents import state_of
from ..voice.spoken import sentence
from .conftest import Door
from .test_talk import is_answered, opened


async def test_tools_when_one_of_two_fails_then_both_are_told(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """The page sees which, the model too."""
    simulator.script(
        calls(call("HassTurnOn", {"name": "Kitchen light"}), call("HassTurnOn", {"name": "Moon"})),
        reply("The kitchen light is on. I found no moon."),
    )
    page = await opened(door)
    page.say(sentence("turn_on_the_light"))
    await page.until(is_answered, 60)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    ends = {told["target"]: told["status"] for told in page.of("tool") if told["status"] != "running"}
    assert ends["Kitchen light"] == "done"
    assert ends["Moon"] in ("failed", "done")
    assert "no moon" in "".join(told["text"] for told in page.of("answer"))
