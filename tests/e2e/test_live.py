"""A live conversation with a whole Home Assistant: over the socket of its own, and over Home Assistant's connection."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

import pytest

from tests.e2e.conftest import Grok
from tests.harness.client import HomeAssistantClient
from tests.harness.errors import CommandError
from tests.harness.live import LivePage
from tests.harness.live_talk import AGENT, open_fallback, open_page
from tests.simulator.speech.hearing import spoken

LIGHT: Final = "light.kitchen_light"
STORY: Final = "Once upon a time there was a house that could hear. " * 5
SILENT_S: Final = 0.5
"""Within which a page is silent after somebody speaks: of that 0.06 are its own buffer."""


def over_socket(grok: Grok) -> AbstractAsyncContextManager[LivePage]:
    """Open a page over the socket of its own."""
    return open_page(grok.home.socket, grok.home.process.url)


def over_connection(grok: Grok) -> AbstractAsyncContextManager[LivePage]:
    """Open a page over Home Assistant's connection."""
    return open_fallback(grok.home.socket)


type Way = Callable[[Grok], AbstractAsyncContextManager[LivePage]]
WAYS: Final = (over_socket, over_connection)


def ended(page: LivePage, status: str) -> int:
    """Count answers that ended so."""
    return [told["status"] for told in page.of("answered")].count(status)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    """Each way to the page."""
    chosen: Way = request.param
    return chosen


async def test_turn_when_spoken_then_the_light_is_on_and_the_answer_is_the_servers(grok: Grok, way: Way) -> None:
    """Speech in, tool, speech out; what was heard is what the service sent."""
    await grok.simulator.voice_pace(audio_speed=1.5)
    await grok.home.client.call_service("light", "turn_off", entity_id=LIGHT)
    async with way(grok) as page:
        page.say(spoken("turn_on_the_kitchen_light")[1])
        await page.until(lambda page: ended(page, "complete"), 30)
        assert await grok.home.client.state(LIGHT) == "on"
        sounds = [sound for session in await grok.simulator.sessions() for sound in session["responses"]]
        assert page.of("user")[-1]["text"] == "Turn on the kitchen light."
        assert len(page.heard) > 24_000
        assert sounds
        await page.send({"type": "end", "reason": "user"})
        await page.until(lambda page: page.of("end"), 5)


async def test_answer_when_spoken_over_then_silent_and_the_conversation_goes_on(grok: Grok, way: Way) -> None:
    """Speech 1.5 s into a long answer: nothing of it is heard afterwards, and what is asked next is done."""
    await grok.simulator.voice_pace(audio_speed=2)
    await grok.simulator.script({"text": STORY})
    async with way(grok) as page:
        page.say(spoken("tell_me_a_story")[1])
        await page.until(lambda page: page.heard_of.get((1, 0), 0) > 1_500, 30)
        page.say(spoken("turn_on_the_kitchen_light")[1])
        await page.until(lambda page: page.of("stop"), 10)
        first = page.heard_of[1, 0]
        await page.until(lambda page: ended(page, "complete"), 30)
        assert page.heard_of[1, 0] - first < SILENT_S * 1000
        assert ended(page, "interrupted") == 1
        heard = page.of("answered")[0]["heard"]
        assert heard
        assert STORY.startswith(heard)
        assert await grok.home.client.state(LIGHT) == "on"


async def test_key_when_a_page_talks_then_it_never_reaches_it(grok: Grok) -> None:
    """Neither in a message nor in the log."""
    async with over_socket(grok) as page:
        page.say(spoken("good_morning")[1])
        await page.until(lambda page: ended(page, "complete"), 30)
        assert "xai-e2e" not in str(page.messages)
    assert "xai-e2e-0001" not in "\n".join(grok.home.process.log())
    assert "ticket." not in "\n".join(grok.home.process.log())


async def test_conversation_when_it_is_somebody_elses_then_refused(grok: Grok) -> None:
    """Whoever knows its id: while it runs, and where Home Assistant knows whose it is, also afterwards."""
    created = await grok.home.socket.call("config/auth/create", name="Ben", group_ids=["system-users"])
    user_id = created["user"]["id"]
    await grok.home.socket.call(
        "config/auth_provider/homeassistant/create", user_id=user_id, username="ben", password="ben-secret"
    )
    async with over_socket(grok) as page:
        conversation_id = page.of("ready")[0]["conversation_id"]
        async with (
            HomeAssistantClient.open(grok.home.process.url, user="ben", password="ben-secret") as ben,
            ben.websocket() as socket,
        ):
            with pytest.raises(CommandError) as refusal:
                await socket.call("grok_assist/live/open", agent=AGENT, conversation_id=conversation_id)
            assert refusal.value.translation_key == "live_foreign_conversation"
            assert (await socket.call("grok_assist/live/open", agent=AGENT))["ticket"]
        assert page.of("end") == []
    await grok.home.socket.call("config/auth/delete", user_id=user_id)
