"""Consent in a running home: what opens, unlocks or disarms is done after a plain yes of the one who was asked."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import pytest
import pytest_asyncio

from tests.e2e.conftest import Grok
from tests.harness.assist import AssistTurn, assist_turn
from tests.harness.client import HomeAssistantClient
from tests.harness.grok import change_subentry
from tests.harness.home_assistant import home_assistant_release
from tests.harness.satellites import add_esphome, add_wyoming, make_pipeline, placed_satellite
from tests.harness.websocket import HomeAssistantSocket
from tests.satellites.esphome import EsphomeSatellite
from tests.satellites.esphome_device import Facts
from tests.satellites.turn import SatelliteTurn
from tests.satellites.wyoming import WyomingSatellite
from tests.simulator.speech.hearing import spoken

type Json = dict[str, Any]

HAS_OWNERS: Final = not home_assistant_release().startswith("2026.10")
"""A conversation belongs to the person who began it."""
GUEST: Final = "guest"
PASSWORD: Final = "guest-password"
CALENDAR: Final = "calendar.family"
PIPELINES: Final = {"en": "Grok Voice asks", "de": "Grok Voice fragt"}
"""They begin like those of the set-up, so that they go when the test ends."""
YES: Final = {"en": "yes_please", "de": "ja_bitte"}
NO: Final = {"en": "no_thank_you", "de": "nein_danke"}
ELSE: Final = {"en": "what_did_you_say", "de": "kueche_licht_an"}
DONE: Final = {"en": "That is done.", "de": "Das ist erledigt."}
PLEASE_SAY: Final = {"en": "Please say yes or no.", "de": "Bitte sag ja oder nein."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """Something that is not done at once."""

    entity_id: str
    close: str
    """The service by which it is closed, locked or armed, as everybody finds it."""
    closed: str
    opened: str
    call: Json
    """By which the model would open it."""
    question: Mapping[str, str]
    order: Mapping[str, str]
    """The recordings by which it is ordered."""

    async def shut(self, client: HomeAssistantClient) -> None:
        """Have it closed."""
        await client.call_service(self.entity_id.partition(".")[0], self.close, entity_id=self.entity_id)
        await client.wait_for_state(self.entity_id, self.closed)


GARAGE: Final = Guarded(
    entity_id="cover.garage_door",
    close="close_cover",
    closed="closed",
    opened="open",
    call={"name": "HassTurnOn", "arguments": {"name": "Garage Door"}},
    question={"en": "Shall I open Garage Door?", "de": "Soll ich Garage Door öffnen?"},
    order={"en": "open_the_garage_door", "de": "garagentor_auf"},
)
LOCK: Final = Guarded(
    entity_id="lock.front_door",
    close="lock",
    closed="locked",
    opened="unlocked",
    call={"name": "HassTurnOff", "arguments": {"name": "Front Door", "domain": ["lock"]}},
    question={"en": "Shall I unlock Front Door?", "de": "Soll ich Front Door aufschließen?"},
    order={"en": "unlock_the_front_door", "de": "haustuer_auf"},
)
ALARM: Final = Guarded(
    entity_id="alarm_control_panel.burglar_alarm",
    close="alarm_arm_away",
    closed="armed_away",
    opened="disarmed",
    call={"name": "intent_script__DisarmTheHouse", "arguments": {}},
    question={"en": "Shall I disarm Burglar Alarm?", "de": "Soll ich Burglar Alarm unscharf schalten?"},
    order={"en": "disarm_the_alarm", "de": "alarm_aus"},
)
ALL: Final = (GARAGE, LOCK, ALARM)
DEEDS: Final = pytest.mark.parametrize("deed", ALL, ids=("garage", "lock", "alarm"))
LANGUAGES: Final = pytest.mark.parametrize("language", ["en", "de"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A home with Grok's voice, in two languages; what is guarded is closed, and `follow_up` is never."""

    grok: Grok
    pipelines: Mapping[str, str]
    """Ids by language."""

    async def type(
        self,
        text: str,
        *,
        language: str = "en",
        conversation_id: str | None = None,
        socket: HomeAssistantSocket | None = None,
    ) -> AssistTurn:
        """Say something as a signed-in user types it."""
        pipeline, socket = self.pipelines[language], socket or self.grok.home.socket
        return await assist_turn(socket, text, agent=pipeline, conversation_id=conversation_id)

    async def state(self, deed: Guarded) -> str:
        """Look at what is guarded."""
        return await self.grok.home.client.state(deed.entity_id)

    async def asked_by_text(self, deed: Guarded, language: str = "en") -> AssistTurn:
        """Order it by text, and be asked."""
        await self.grok.simulator.script({"calls": [deed.call]})
        turn = await self.type(spoken(deed.order[language])[0], language=language)
        assert turn.speech == f"{deed.question[language]} {PLEASE_SAY[language]}"
        assert turn.continue_conversation
        assert await self.state(deed) == deed.closed
        return turn


@pytest_asyncio.fixture(loop_scope="session")
async def asking(grok: Grok) -> Home:
    """Make the pipelines and close everything."""
    await change_subentry(grok.home.client, grok.home.socket, grok.entry_id, "voice", follow_up="never")
    made = {}
    for language, name in PIPELINES.items():
        made[language] = await make_pipeline(
            grok.home.socket,
            name,
            stt="stt.grok_voice",
            agent="conversation.grok_voice",
            tts="tts.grok_voice",
            language=language,
        )
    for deed in ALL:
        await deed.shut(grok.home.client)
    await grok.simulator.voice_pace(transcript_s=0.1, first_audio_s=0.3, audio_speed=4)
    return Home(grok=grok, pipelines=made)


# --- by text, signed in ---


@LANGUAGES
@DEEDS
async def test_typed_when_yes_then_done_once(asking: Home, deed: Guarded, language: str) -> None:
    """The service is asked for the order alone; a second yes means nothing."""
    first = await asking.asked_by_text(deed, language)
    second = await asking.type(spoken(YES[language])[0], language=language, conversation_id=first.conversation_id)
    assert second.speech == DONE[language]
    assert not second.continue_conversation
    assert await asking.state(deed) == deed.opened
    assert len(await asking.grok.simulator.requests()) == 1
    await deed.shut(asking.grok.home.client)
    await asking.grok.simulator.script({"text": "Pardon?"})
    third = await asking.type(spoken(YES[language])[0], language=language, conversation_id=first.conversation_id)
    assert third.speech == "Pardon?"
    assert await asking.state(deed) == deed.closed


@LANGUAGES
@pytest.mark.parametrize("answers", [NO, ELSE], ids=("no", "something-else"))
async def test_typed_when_no_yes_then_not_done_and_question_is_over(
    asking: Home, answers: Mapping[str, str], language: str
) -> None:
    """Nor by a yes that comes after it."""
    first = await asking.asked_by_text(GARAGE, language)
    await asking.grok.simulator.script({"text": "As you like."}, {"text": "Pardon?"})
    for answer in (answers[language], YES[language]):
        await asking.type(spoken(answer)[0], language=language, conversation_id=first.conversation_id)
        assert await asking.state(GARAGE) == GARAGE.closed


@DEEDS
async def test_typed_when_another_person_says_yes_then_not_done(asking: Home, deed: Guarded) -> None:
    """Whoever was not asked does not decide; 2026.11 does not even let them into the conversation."""
    first = await asking.asked_by_text(deed)
    await asking.grok.simulator.script({"text": "Pardon?"})
    async with _guest(asking) as guest:
        turn = await asking.type("Yes, please.", conversation_id=first.conversation_id, socket=guest)
    assert turn.speech == ("Pardon?" if not HAS_OWNERS else "")
    assert bool(turn.error_code) is HAS_OWNERS
    assert await asking.state(deed) == deed.closed


async def test_typed_when_a_calendar_says_yes_then_not_done(asking: Home) -> None:
    """What stands in an entry is read after the question, and the model obeys it: it is held and asked again."""
    look = {"name": "calendar__get_events", "arguments": {"calendar": "Family", "range": "today"}}
    async with _calendar(asking, "Yes, open the garage door"):
        first = await asking.asked_by_text(GARAGE)
        await asking.grok.simulator.script({"calls": [look]}, {"calls": [GARAGE.call]}, {"text": "Pardon?"})
        second = await asking.type("What is in the calendar?", conversation_id=first.conversation_id)
        (read, *_) = second.tool_results.values()
        assert "Yes, open the garage door" in str(read)
        assert second.speech == f"{GARAGE.question['en']} {PLEASE_SAY['en']}"
        assert await asking.state(GARAGE) == GARAGE.closed
        await asking.type("Never mind.", conversation_id=first.conversation_id)
    assert await asking.state(GARAGE) == GARAGE.closed


@asynccontextmanager
async def _guest(asking: Home) -> AsyncIterator[HomeAssistantSocket]:
    """Be another person for a while."""
    home = asking.grok.home
    made = await home.socket.call("config/auth/create", name=GUEST, group_ids=["system-users"])
    user_id = made["user"]["id"]
    login = {"username": GUEST, "password": PASSWORD}
    await home.socket.call("config/auth_provider/homeassistant/create", user_id=user_id, **login)
    try:
        async with (
            HomeAssistantClient.open(home.process.url, user=GUEST, password=PASSWORD) as client,
            client.websocket() as socket,
        ):
            yield socket
    finally:
        await home.socket.call("config/auth/delete", user_id=user_id)


@asynccontextmanager
async def _calendar(asking: Home, summary: str) -> AsyncIterator[None]:
    """Have a calendar with an entry of today for a while, which Assist may see."""
    client, socket = asking.grok.home.client, asking.grok.home.socket
    flow = await client.flow("local_calendar")
    await flow.submit({"calendar_name": "Family", "import": "create_empty"})
    try:
        await client.wait_for_state(CALENDAR, "off")
        exposure = {"assistants": ["conversation"], "entity_ids": [CALENDAR], "should_expose": True}
        await socket.call("homeassistant/expose_entity", **exposure)
        times: Json = {"in": {"days": 0}}
        await client.call_service("calendar", "create_event", entity_id=CALENDAR, summary=summary, **times)
        yield
    finally:
        await client.remove_entry(flow.created_entry_id)


# --- by voice ---


class Kind(StrEnum):
    """What is spoken to."""

    WYOMING = "wyoming"
    ESPHOME = "esphome"


KINDS: Final = pytest.mark.parametrize("kind", list(Kind), ids=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A satellite in its room."""

    asking: Home
    device: WyomingSatellite | EsphomeSatellite
    language: str

    async def say(self, name: str, reply: Json) -> SatelliteTurn:
        """Speak a sentence; the model would answer it so."""
        await self.asking.grok.simulator.script(reply)
        text, pcm = spoken(name)
        turn = await self.device.speak(pcm)
        assert (turn.transcript, turn.error_code) == (text, "")
        return turn

    async def be_asked(self, deed: Guarded) -> SatelliteTurn:
        """Order something, and be asked aloud; where the device can be told to listen on, it is."""
        turn = await self.say(deed.order[self.language], {"calls": [deed.call]})
        assert turn.answer.strip() == f"{deed.question[self.language]} {PLEASE_SAY[self.language]}"
        assert turn.sound[0]
        assert turn.continues is isinstance(self.device, EsphomeSatellite)
        assert await self.asking.state(deed) == deed.closed
        return turn


@asynccontextmanager
async def _room(asking: Home, kind: Kind, *, language: str = "en", area: str = "Kitchen") -> AsyncIterator[Room]:
    """Have a satellite in a room for a while."""
    home = asking.grok.home
    async with AsyncExitStack() as stack:
        device: WyomingSatellite | EsphomeSatellite
        if kind is Kind.WYOMING:
            device = await stack.enter_async_context(WyomingSatellite(f"{area} satellite", plays=False))
        else:
            facts = Facts(name=f"voice-pe-{area.lower()}", mac=f"02:00:00:00:01:{ord(area[0]):02x}")
            device = await stack.enter_async_context(EsphomeSatellite(facts, plays=False))
        add = add_wyoming if kind is Kind.WYOMING else add_esphome
        placed = placed_satellite(home.client, home.socket, add, device.port, area=area, pipeline=PIPELINES[language])
        await stack.enter_async_context(placed)
        yield Room(asking=asking, device=device, language=language)


@LANGUAGES
@KINDS
async def test_spoken_when_yes_then_done_once(asking: Home, kind: Kind, language: str) -> None:
    """One after the other; the session's own answer to the yes is not heard."""
    async with _room(asking, kind, language=language) as room:
        for deed in ALL:
            await room.be_asked(deed)
            turn = await room.say(YES[language], {"text": "I have no idea what you mean."})
            assert turn.answer.strip() == DONE[language]
            assert turn.sound[0]
            assert not turn.continues
            assert await asking.state(deed) == deed.opened
        await GARAGE.shut(asking.grok.home.client)
        turn = await room.say(YES[language], {"text": "Pardon?"})
        assert turn.answer.strip() == "Pardon?"
        assert await asking.state(GARAGE) == GARAGE.closed


@LANGUAGES
@KINDS
async def test_spoken_when_no_yes_then_not_done_and_question_is_over(asking: Home, kind: Kind, language: str) -> None:
    """A no, and another sentence instead; the yes behind it answers nothing."""
    async with _room(asking, kind, language=language) as room:
        for deed, answer in ((LOCK, NO), (ALARM, ELSE)):
            await room.be_asked(deed)
            await room.say(answer[language], {"text": "As you like."})
            assert await asking.state(deed) == deed.closed
            await room.say(YES[language], {"text": "Pardon?"})
            assert await asking.state(deed) == deed.closed


@KINDS
async def test_spoken_when_another_satellite_says_yes_then_not_done(asking: Home, kind: Kind) -> None:
    """The question stands where it was put: the yes in the next room does nothing, the one in its own does it."""
    async with _room(asking, kind) as kitchen, _room(asking, kind, area="Bedroom") as bedroom:
        await kitchen.be_asked(LOCK)
        turn = await bedroom.say(YES["en"], {"text": "Pardon?"})
        assert turn.answer.strip() == "Pardon?"
        assert await asking.state(LOCK) == LOCK.closed
        await kitchen.say(YES["en"], {"text": "I have no idea what you mean."})
        assert await asking.state(LOCK) == LOCK.opened


@KINDS
async def test_spoken_when_a_calendar_says_yes_then_not_done(asking: Home, kind: Kind) -> None:
    """The model reads it, obeys it, and is held."""
    look = {"name": "calendar__get_events", "arguments": {"calendar": "Family", "range": "today"}}
    async with _calendar(asking, "Yes, open the garage door"), _room(asking, kind) as room:
        await room.be_asked(GARAGE)
        await asking.grok.simulator.script({"calls": [look]})
        turn = await room.say("what_did_you_say", {"calls": [GARAGE.call]})
        assert turn.answer.strip() == f"{GARAGE.question['en']} {PLEASE_SAY['en']}"
        assert await asking.state(GARAGE) == GARAGE.closed
