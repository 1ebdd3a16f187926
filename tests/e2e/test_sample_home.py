"""The sample home itself: quiet, complete, and it does what it is told."""

import pytest

from tests.harness.log import serious_lines
from tests.harness.running import RunningHome
from tests.harness.sample_home import exposed_entity_ids

DEEDS = (
    ("light", "turn_on", "light.bathroom_light", "on"),
    ("light", "turn_off", "light.bathroom_light", "off"),
    ("switch", "turn_on", "switch.bathroom_heater", "on"),
    ("switch", "turn_off", "switch.bathroom_heater", "off"),
    ("cover", "close_cover", "cover.office_blinds", "closed"),
    ("cover", "open_cover", "cover.office_blinds", "open"),
    ("lock", "unlock", "lock.back_door", "unlocked"),
    ("lock", "lock", "lock.back_door", "locked"),
    ("fan", "turn_on", "fan.office_fan", "on"),
    ("fan", "turn_off", "fan.office_fan", "off"),
    ("media_player", "media_play", "media_player.kitchen_speaker", "playing"),
    ("media_player", "media_pause", "media_player.kitchen_speaker", "paused"),
    ("climate", "turn_off", "climate.bedroom_thermostat", "off"),
    ("vacuum", "start", "vacuum.robbie", "cleaning"),
    ("vacuum", "return_to_base", "vacuum.robbie", "returning"),
)


async def test_start_is_quiet(shared_home: RunningHome) -> None:
    """A newcomer finds nothing to stumble over in the log, and no repair to make."""
    assert serious_lines(shared_home.startup_log) == []
    listed = await shared_home.socket.call("repairs/list_issues")
    assert [issue for issue in listed["issues"] if issue["domain"] != "grok_assist"] == []


async def test_everything_exposed_is_there(home: RunningHome) -> None:
    """Every exposed entity has a state, and only the arranged ones are exposed."""
    states = await home.client.states()
    listed = await home.socket.call("homeassistant/expose_entity/list")
    exposed = {entity_id for entity_id, shown in listed["exposed_entities"].items() if shown.get("conversation")}
    assert sorted(exposed) == exposed_entity_ids()
    assert [entity_id for entity_id in exposed if states[entity_id]["state"] == "unavailable"] == []
    assert "lock.safe" in states


@pytest.mark.parametrize(("domain", "service", "entity_id", "state"), DEEDS)
async def test_devices_obey(home: RunningHome, domain: str, service: str, entity_id: str, state: str) -> None:
    """What is told to a device shows in its state."""
    await home.client.call_service(domain, service, entity_id=entity_id)
    await home.client.wait_for_state(entity_id, state, deadline_s=5)
