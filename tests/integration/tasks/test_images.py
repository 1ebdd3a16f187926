"""Pictures made by AI tasks, and what of them is booked."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.images import pictures as simulated_pictures
from tests.simulator.server import Simulator

from ..pictures import Views, jpeg
from ..talk import until
from ..usage import sensor
from .tasks import Media, bodies, draw

pytestmark = pytest.mark.usefixtures("folder")

DRAWINGS = "/v1/images/generations"


def booked(hass: HomeAssistant, entry: GrokConfigEntry) -> tuple[int, float, int]:
    """Return the booked requests, what they cost, and the errors."""
    requests, cost_usd, errors = (sensor(hass, entry, key) for key in ("requests", "cost_today", "errors"))
    return int(requests), round(float(cost_usd), 6), int(errors)


async def test_picture_is_made_kept_and_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """Home Assistant keeps it as media; the ledger has its price."""
    made = await draw(hass)
    assert made["mime_type"] == "image/jpeg"
    assert made["width"] > 0
    assert made["height"] > 0
    assert made["model"] == "grok-imagine-image"
    assert made["media_source_id"].startswith("media-source://ai_task/")
    assert float(sensor(hass, entry, "cost_today")) == pytest.approx(0.02)
    assert sensor(hass, entry, "requests") == "1"
    (body,) = bodies(simulator, "/v1/images/generations")
    assert body["prompt"] == "A red door"
    assert body["response_format"] == "b64_json"


async def test_picture_is_made_from_others(
    hass: HomeAssistant,
    entry: GrokConfigEntry,
    simulator: Simulator,
    views: Views,
    media: Media,
) -> None:
    """At most three; one or several are written in their own ways."""
    photo = media("photo.jpg", jpeg("green", (4000, 3000)))
    await draw(hass, "As a drawing", attachments=[photo])
    await draw(hass, "Together", attachments=[photo, photo])
    single, several = bodies(simulator, "/v1/images/edits")
    assert single["image"]["url"].startswith("data:image/jpeg;base64,")
    assert len(several["images"]) == 2
    with pytest.raises(HomeAssistantError, match="3 are allowed"):
        await draw(hass, attachments=[photo] * 4)
    with pytest.raises(HomeAssistantError, match=r"bill\.pdf cannot be attached"):
        await draw(hass, attachments=[media("bill.pdf", b"%PDF-1.7")])


@pytest.mark.parametrize(
    ("fault", "words"),
    [("bad_key", "API key"), ("rate_limited", "seconds"), ("no_image", "no answer"), ("no_credits_429", "credits")],
)
async def test_picture_that_cannot_be_made_is_a_sentence(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object, fault: str, words: str
) -> None:
    """A key, a limit, an empty reply, money; the next one works."""
    simulator.fault(fault, path="/images/generations")
    with pytest.raises(HomeAssistantError, match=f"(?i){words}"):
        await draw(hass)


async def test_refused_picture_says_why(hass: HomeAssistant, entry: GrokConfigEntry, media: object) -> None:
    """Moderation's own words are told; nothing was made, so nothing is booked."""
    with pytest.raises(HomeAssistantError, match=r"(?i)moderation"):
        await draw(hass, "Something forbidden")
    assert booked(hass, entry) == (0, 0.0, 1)


@pytest.mark.parametrize("fault", ["unavailable", "overloaded"])
async def test_picture_for_which_there_is_no_room_is_ordered_again(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object, fault: str
) -> None:
    """Twice; a plain refusal costs nothing."""
    simulator.fault(fault, times=2, path=DRAWINGS)
    assert (await draw(hass))["media_source_id"]
    assert len(bodies(simulator, DRAWINGS)) == 3
    assert booked(hass, entry) == (1, 0.02, 0)


@pytest.mark.parametrize(
    ("fault", "cost_usd"),
    [
        ("no_image", 0.0),  # as the service tells
        *((name, 0.02) for name in ("server_error", "bad_gateway", "html", "drop", "truncated", "error_in_stream")),
    ],
)
async def test_picture_that_may_have_been_made_is_booked_and_not_ordered_again(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object, fault: str, cost_usd: float
) -> None:
    """What the service tells, else the estimate: nobody knows what it did."""
    simulator.fault(fault, path=DRAWINGS)
    with pytest.raises(HomeAssistantError):
        await draw(hass)
    assert len(bodies(simulator, DRAWINGS)) == 1
    assert booked(hass, entry) == (1, cost_usd, 1)


@pytest.mark.parametrize("fault", ["forbidden", "unprocessable", "rate_limited", "no_credits", "bad_key"])
async def test_picture_that_is_plainly_refused_is_not_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object, fault: str
) -> None:
    """Nothing was made."""
    simulator.fault(fault, path=DRAWINGS)
    with pytest.raises(HomeAssistantError):
        await draw(hass)
    assert len(bodies(simulator, DRAWINGS)) == 1
    assert booked(hass, entry) == (0, 0.0, 1)


async def test_picture_that_finds_no_room_at_all_is_not_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """Three refusals are none of them a picture."""
    simulator.fault("unavailable", times=3, path=DRAWINGS)
    with pytest.raises(HomeAssistantError, match="problem on its side"):
        await draw(hass)
    assert len(bodies(simulator, DRAWINGS)) == 3
    assert booked(hass, entry) == (0, 0.0, 1)


async def test_picture_that_comes_too_late_is_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """The service draws on, whether somebody waits or not."""
    entry.runtime_data.client.images.limit_s = 0.2
    simulator.fault("silent", path=DRAWINGS)
    with pytest.raises(HomeAssistantError, match="did not answer within"):
        await draw(hass)
    assert len(bodies(simulator, DRAWINGS)) == 1
    assert booked(hass, entry) == (1, 0.02, 1)


async def test_picture_of_a_cancelled_task_is_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """It was ordered; a task that somebody stopped is no failure."""
    simulator.fault("silent", path=DRAWINGS)
    task = hass.async_create_task(draw(hass))
    await until(lambda: bool(bodies(simulator, DRAWINGS)))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert booked(hass, entry) == (1, 0.02, 0)


async def test_picture_that_could_not_be_ordered_is_not_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """Where nobody is reached nothing is made."""
    await simulator.pause_listening()
    with pytest.raises(HomeAssistantError, match="cannot reach"):
        await draw(hass)
    assert booked(hass, entry) == (0, 0.0, 1)


async def test_picture_that_is_none_is_booked_once(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was paid for, whatever it is."""
    monkeypatch.setattr(simulated_pictures, "_drawn", lambda _ask: [b"no picture"])
    with pytest.raises(HomeAssistantError, match="no answer"):
        await draw(hass)
    assert booked(hass, entry) == (1, 0.02, 1)
