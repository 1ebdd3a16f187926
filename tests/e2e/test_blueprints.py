"""Our blueprints, imported by their address and made into automations that really run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import re
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
import yaml

from tests.harness.blueprints import BLUEPRINTS, automation_of, imported
from tests.harness.errors import RestError
from tests.harness.running import RunningHome
from tests.harness.satellites import PlacedSatellite, add_esphome, entities_of, placed_satellite
from tests.harness.sent import sent_pictures
from tests.harness.spoken import PIPELINE
from tests.harness.waiting import wait_until
from tests.satellites.esphome import EsphomeSatellite

from .conftest import Grok
from .test_budget import Spender

FOLDER: Final = BLUEPRINTS / "automation" / "grok_assist"
ADDRESS: Final = "https://github.com/grok-assist/grok_assist/blob/main/blueprints/automation/grok_assist"
DOORBELL: Final = FOLDER / "doorbell_description.yaml"
BRIEFING: Final = FOLDER / "morning_briefing.yaml"
BUDGET: Final = FOLDER / "budget_warning.yaml"
SEEN: Final = "I see a mostly red picture of 1280 by 720 pixels."
SOMEBODY: Final = "Somebody is at the door."
NO_BRIEFING: Final = "Good morning. I could not reach Grok, so there is no briefing today."
BRIEF: Final = "Good morning. It will rain today."
EVERY_DAY: Final = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MOTION: Final = "binary_sensor.hallway_motion"
COST: Final = r"So far Grok has cost 0\.\d\d dollars today and 0\.\d\d dollars this month\."
HOME_ZONE: Final = ZoneInfo("Europe/Amsterdam")

type Json = dict[str, Any]


def read(file: Path) -> Json:
    """Read a blueprint; what is filled in is the name of its field."""
    content: Json = yaml.safe_load(file.read_text(encoding="utf-8").replace("!input ", ""))
    return content


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A home in which automations tell somebody something."""

    grok: Grok

    @property
    def home(self) -> RunningHome:
        """The running Home Assistant."""
        return self.grok.home

    async def told(self) -> list[Json]:
        """List the notifications that are shown."""
        listed: list[Json] = await self.home.socket.call("persistent_notification/get")
        return listed

    async def wait_told(self, count: int = 1) -> list[Json]:
        """Wait for so many notifications; returns them, the newest last."""

        async def enough() -> list[Json]:
            told = await self.told()
            return told if len(told) >= count else []

        told = await wait_until(enough, f"{count} notifications", deadline_s=45)
        assert len(told) == count
        return sorted(told, key=lambda notification: notification["created_at"])

    async def ring(self) -> None:
        """Press the doorbell."""
        await self.home.client.call_service("input_button", "press", entity_id="input_button.doorbell_button")

    async def quiet(self, automation: str, *, runs: int = 1) -> None:
        """Wait until an automation has run so often, and does nothing any more."""

        async def ended() -> bool:
            state = (await self.home.client.states())[automation]
            return not state["attributes"]["current"] and await self.runs(automation) >= runs

        await wait_until(ended, f"{automation} has ended", deadline_s=45)
        assert await self.runs(automation) == runs

    async def runs(self, automation: str) -> int:
        """Count the runs whose conditions were met, by their traces."""
        unique_id = (await self.home.client.states())[automation]["attributes"]["id"]
        traces = await self.home.socket.call("trace/list", domain="automation", item_id=unique_id)
        return sum(trace["script_execution"] == "finished" for trace in traces)


@pytest_asyncio.fixture(loop_scope="session")
async def house(grok: Grok) -> AsyncIterator[House]:
    """Begin and end without notifications."""
    client = grok.home.client
    await client.call_service("persistent_notification", "dismiss_all")
    yield House(grok=grok)
    await client.call_service("persistent_notification", "dismiss_all")


@asynccontextmanager
async def satellite_in(house: House, area: str) -> AsyncIterator[tuple[EsphomeSatellite, PlacedSatellite]]:
    """Have a satellite that speaks with Grok's voice."""
    async with EsphomeSatellite(plays=False) as satellite:
        place = {"area": area, "pipeline": PIPELINE}
        async with placed_satellite(
            house.home.client, house.home.socket, add_esphome, satellite.port, **place
        ) as placed:
            yield satellite, placed


@asynccontextmanager
async def notebook(house: House) -> AsyncIterator[tuple[str, Path]]:
    """Have a notify entity that writes into a file."""
    config = await house.home.client.rest("GET", "/api/config")
    path = Path(config["config_dir"]) / "www" / "notebook.txt"
    flow = await house.home.client.flow("file")
    await flow.submit({"next_step_id": "notify"})
    await flow.submit({"file_path": str(path)})
    (entity_id,) = await entities_of(house.home.socket, flow.created_entry_id)
    try:
        yield entity_id, path
    finally:
        await house.home.client.remove_entry(flow.created_entry_id)
        path.unlink(missing_ok=True)


def assert_announced(satellite: EsphomeSatellite, text: str) -> None:
    """Check that a satellite has played a text once, and that it was to be heard."""
    (turn,) = satellite.announcements
    assert turn.answer == text
    pcm, rate = turn.sound
    assert len(pcm) / 2 / rate > 1


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
async def test_blueprint_when_imported_then_valid_and_explained(shared_home: RunningHome, file: Path) -> None:
    """The dialog finds nothing wrong; the address is that of the repository, and every field says what it is."""
    assert read(file)["blueprint"]["source_url"] == f"{ADDRESS}/{file.name}"
    async with imported(shared_home, file) as (path, shown):
        metadata = shown["blueprint"]["metadata"]
        listed = await shared_home.socket.call("blueprint/list", domain="automation")
    assert (shown["validation_errors"], shown["exists"]) == (None, False)
    assert listed[path]["metadata"]["name"] == metadata["name"]
    assert metadata["homeassistant"] == {"min_version": "2026.10.0"}
    assert metadata["description"]
    fields = dict(_fields(metadata["input"]))
    assert all(field["name"] and field["selector"] for field in fields.values())
    assert len([name for name, field in fields.items() if "default" not in field]) <= 2


def _fields(inputs: Json) -> list[tuple[str, Json]]:
    """List the fields of a blueprint, those of its sections included."""
    found: list[tuple[str, Json]] = []
    for name, field in inputs.items():
        found.extend(_fields(field["input"]) if "input" in field else [(name, field)])
    return found


async def test_doorbell_when_rung_then_described_shown_and_spoken(house: House) -> None:
    """The notification, the notebook and the satellite say what the exposed camera shows; nothing else was sent."""
    async with (
        satellite_in(house, "Kitchen") as (satellite, placed),
        notebook(house) as (notify, path),
        imported(house.home, DOORBELL) as (blueprint, _),
        automation_of(
            house.home,
            blueprint,
            doorbell=["event.doorbell"],
            camera="camera.front_door",
            notify_entities=[notify],
            satellites=[placed.entity_id],
        ) as automation,
    ):
        await house.ring()
        (told,) = await house.wait_told()
        assert (told["title"], told["message"]) == ("Front door", SEEN)
        await house.quiet(automation)
        assert_announced(satellite, SEEN)
        assert path.read_text(encoding="utf-8").splitlines()[-1] == SEEN
        (request,) = await house.grok.simulator.requests()
        (picture,) = sent_pictures(request["body"])
        assert (picture.color, picture.image.size) == ("red", (1280, 720))
        assert "Somebody rang the doorbell" in json.dumps(request["body"]["input"])


async def test_doorbell_when_helper_and_phone_are_chosen_then_they_are_used(house: House) -> None:
    """A helper button rings too, any notify action gets the picture's address, and the words are the user's."""
    async with (
        imported(house.home, DOORBELL) as (blueprint, _),
        automation_of(
            house.home,
            blueprint,
            doorbell=["input_button.doorbell_button"],
            camera="image.last_visitor",
            notify_action="notify.persistent_notification",
            question="Who rang?",
            title="The bell",
        ) as automation,
    ):
        await house.ring()
        (told,) = await house.wait_told()
        await house.quiet(automation)
        assert told["title"] == "The bell"
        assert "mostly yellow" in told["message"]
        item_id = (await house.home.client.states())[automation]["attributes"]["id"]
        (run,) = await house.home.socket.call("trace/list", domain="automation", item_id=item_id)
        trace = await house.home.socket.call("trace/get", domain="automation", item_id=item_id, run_id=run["run_id"])
        assert "/api/image_proxy/image.last_visitor" in json.dumps(trace)


@pytest.mark.parametrize("trouble", ["server_error", "no_credits"])
async def test_doorbell_when_grok_fails_then_told_all_the_same(house: House, trouble: str) -> None:
    """Somebody is at the door, whatever happens at xAI."""
    await house.grok.simulator.fault(trouble)
    async with (
        imported(house.home, DOORBELL) as (blueprint, _),
        automation_of(house.home, blueprint, doorbell=["event.doorbell"], camera="camera.front_door") as automation,
    ):
        await house.ring()
        (told,) = await house.wait_told()
        await house.quiet(automation)
    await house.grok.simulator.clear_faults()
    assert told["message"] == SOMEBODY


async def test_doorbell_when_camera_is_not_exposed_then_nothing_leaves_the_house(house: House) -> None:
    """The user is told that somebody is there; no request goes out."""
    async with (
        imported(house.home, DOORBELL) as (blueprint, _),
        automation_of(house.home, blueprint, doorbell=["event.doorbell"], camera="camera.nursery") as automation,
    ):
        await house.ring()
        (told,) = await house.wait_told()
        await house.quiet(automation)
    assert told["message"] == SOMEBODY
    assert await house.grok.simulator.requests() == []


async def test_briefing_when_the_time_comes_then_spoken_with_the_forecast(house: House) -> None:
    """The time trigger fires by itself; weather and wishes are in the question, the answer is to be heard."""
    await house.grok.simulator.script({"text": BRIEF})
    async with (
        satellite_in(house, "Bedroom") as (satellite, placed),
        imported(house.home, BRIEFING) as (blueprint, _),
        automation_of(
            house.home,
            blueprint,
            satellites=[placed.entity_id],
            earliest=(datetime.now(HOME_ZONE) + timedelta(seconds=3)).strftime("%H:%M:%S"),
            weekdays=EVERY_DAY,
            weather=["weather.forecast"],
            web_search=True,
            wishes="Tell me a word of the day.",
        ) as automation,
    ):
        await house.quiet(automation)
        assert_announced(satellite, BRIEF)
    (request,) = await house.grok.simulator.requests()
    said = json.dumps(request["body"]["input"], ensure_ascii=False)
    assert "Forecast for today: rainy, lowest 4.0 °C, highest 9.0 °C, precipitation 6.0 mm." in said
    assert "Tell me a word of the day." in said
    assert "web_search" in {tool["type"] for tool in request["body"]["tools"]}


async def test_briefing_when_somebody_is_up_then_once_a_day_and_with_a_sentence_for_trouble(house: House) -> None:
    """The first motion speaks, here the sentence for a Grok that cannot be reached; the second is silent."""
    await house.grok.simulator.fault("server_error", path="/v1/responses")
    usual = (await house.home.client.states())[MOTION]
    async with (
        satellite_in(house, "Bedroom") as (satellite, placed),
        imported(house.home, BRIEFING) as (blueprint, _),
        automation_of(
            house.home,
            blueprint,
            satellites=[placed.entity_id],
            earliest="00:00:00",
            latest="23:59:59",
            weekdays=EVERY_DAY,
            motion=[MOTION],
        ) as automation,
    ):
        await _move(house, usual)
        await house.quiet(automation)
        assert_announced(satellite, NO_BRIEFING)
        await _move(house, usual)
        await house.quiet(automation)
    await house.grok.simulator.clear_faults()
    assert len(satellite.announcements) == 1


async def _move(house: House, usual: Json) -> None:
    """Have the motion sensor see somebody, and nobody again."""
    for state in ("on", usual["state"]):
        body = {"state": state, "attributes": usual["attributes"]}
        await house.home.client.rest("POST", f"/api/states/{MOTION}", body)


@asynccontextmanager
async def calendar_of(house: House, name: str) -> AsyncIterator[str]:
    """Have a calendar of Home Assistant's own, as a user adds one; gives its entity."""
    client = house.home.client
    flow = await client.flow("local_calendar")
    await flow.submit({"calendar_name": name})
    entity_id = f"calendar.{name.lower()}"
    await client.wait_for_state(entity_id, "off")
    yield entity_id
    await client.remove_entry(flow.created_entry_id)


async def test_briefing_when_calendars_are_asked_then_events_are_words(house: House) -> None:
    """Events at an hour, of the whole day, in another time zone, none at all; those of tomorrow are not told."""
    await house.grok.simulator.script({"text": BRIEF})
    today = datetime.now(HOME_ZONE).replace(hour=9, minute=30, second=0, microsecond=0)
    utc, day = today.astimezone(UTC), timedelta(days=1)
    events: list[Json] = [
        {"summary": "Dentist", "location": "Main Street", "start_date_time": today, "end_date_time": today + day / 24},
        {"summary": "Birthday of Ada", "start_date": today.date(), "end_date": today.date() + day},
        {"summary": "Call with Tokyo", "start_date_time": utc + day / 24, "end_date_time": utc + day / 12},
        {"summary": "Holiday", "start_date": today.date() + day, "end_date": today.date() + 2 * day},
    ]
    async with (
        satellite_in(house, "Bedroom") as (satellite, placed),
        calendar_of(house, "Family") as family,
        calendar_of(house, "Work") as work,
        imported(house.home, BRIEFING) as (blueprint, _),
        automation_of(
            house.home,
            blueprint,
            satellites=[placed.entity_id],
            earliest="00:00:00",
            latest="23:59:59",
            weekdays=EVERY_DAY,
            motion=[MOTION],
            calendars=[family, work],
        ) as automation,
    ):
        for event in events:
            written = {key: str(value) for key, value in event.items()}
            body = {"entity_id": family, **written}
            await house.home.client.rest("POST", "/api/services/calendar/create_event", body)
        await _move(house, (await house.home.client.states())[MOTION])
        await house.quiet(automation)
        assert_announced(satellite, BRIEF)
    (request,) = await house.grok.simulator.requests()
    said = json.dumps(request["body"]["input"], ensure_ascii=False)
    for line in (
        "Event today: Dentist at 09:30, Main Street.",
        "Event today: Birthday of Ada, all day.",
        "Event today: Call with Tokyo at 10:30.",
        "No event today in the calendar Work.",
    ):
        assert line in said
    assert "Holiday" not in said


@pytest_asyncio.fixture(loop_scope="session")
async def limits(house: House) -> str:
    """Find the event entity of the account."""
    found = await entities_of(house.home.socket, house.grok.entry_id)
    (entity_id,) = [entity_id for entity_id in found if entity_id.startswith("event.")]
    return entity_id


async def test_budget_when_spent_then_told_once_with_the_cost(house: House, limits: str) -> None:
    """One event, one notification with what it cost; a reload of the account tells nothing."""
    entities = await entities_of(house.home.socket, house.grok.entry_id)
    (sensor,) = [entity_id for entity_id in entities if entity_id.startswith("binary_sensor.")]
    spender = Spender(grok=house.grok, pipeline="", sensor=sensor)
    async with (
        imported(house.home, BUDGET) as (blueprint, _),
        automation_of(house.home, blueprint, limits=limits) as automation,
    ):
        await spender.set_budget(0.000_01)
        assert await house.told() == []
        await spender.spend()
        # So small a budget is passed with one step: nearly spent and spent are events of the same moment.
        await house.quiet(automation, runs=2)
        warned, spent = await house.wait_told(2)
        assert (warned["title"], spent["title"]) == ("Grok: budget nearly spent", "Grok: budget spent")
        assert re.fullmatch(rf"0\.\d\d of the 0\.00 dollars for this day are spent\. {COST}", warned["message"])
        assert re.fullmatch(rf"The 0\.00 dollars for this day are spent\. {COST}", spent["message"])
        await house.home.client.reload_entry(house.grok.entry_id)
        await house.home.client.wait_for_state(sensor, "on")
        await house.quiet(automation, runs=2)
        assert len(await house.told()) == 2


async def test_budget_when_calls_are_held_back_then_told_which_limit(house: House, limits: str) -> None:
    """A limit of the service is an event, too; kinds that were not chosen are not told."""
    async with (
        imported(house.home, BUDGET) as (blueprint, _),
        automation_of(house.home, blueprint, limits=limits, kinds=["budget_warning", "budget_exhausted"]) as other,
        automation_of(house.home, blueprint, limits=limits, kinds=["rate_limited"]) as automation,
    ):
        await house.grok.simulator.fault("rate_limited", retry_after=600)
        with pytest.raises(RestError):
            await house.home.client.call_service("grok_assist", "ask", response=True, text="Hello")
        await house.grok.simulator.clear_faults()
        await house.quiet(automation)
        await house.quiet(other, runs=0)
        (told,) = await house.wait_told()
    assert told["title"] == "Grok: a limit was reached"
    assert re.fullmatch(rf"A limit has held a call back \(rate limited\)\. {COST}", told["message"])
