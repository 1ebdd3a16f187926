"""Grok's voice on real satellites: each speaks, a tool runs on a real entity, and hears what the service said."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import pytest
import pytest_asyncio

from tests.e2e.conftest import Grok
from tests.harness.running import RunningHome
from tests.harness.satellites import (
    PlacedSatellite,
    add_esphome,
    add_wyoming,
    entities_of,
    make_pipeline,
    place_satellite,
)
from tests.harness.simulator import SimulatorProcess
from tests.harness.voice import VoiceTurn, voice_turn
from tests.harness.waiting import wait_until
from tests.satellites.engines import VOICE, WyomingEngines
from tests.satellites.esphome import EsphomeSatellite
from tests.satellites.esphome_device import FLAC_48, WAV_16, WAV_48, Facts, Format
from tests.satellites.turn import SatelliteTurn
from tests.satellites.wyoming import WyomingSatellite
from tests.simulator.speech.hearing import spoken
from tests.simulator.speech.matching import decode, similarity
from tests.simulator.speech.uttering import speech

PIPELINE: Final = "Grok Voice"
ORDER, ORDER_PCM = spoken("turn_on_the_kitchen_light")
HERE, HERE_PCM = spoken("turn_on_the_light")
# The answer of the simulator's mind is longer than the sixty characters from which on any answer is streamed.
QUESTION, QUESTION_PCM = spoken("what_did_you_say")
ALIKE: Final = 0.9
LIGHT: Final = "light.kitchen_light"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceHome:
    """A home with Grok's voice."""

    grok: Grok
    pipeline: str
    """Id of the pipeline that the set-up made."""

    @property
    def home(self) -> RunningHome:
        """The running Home Assistant."""
        return self.grok.home

    @property
    def simulator(self) -> SimulatorProcess:
        """The service."""
        return self.grok.simulator

    async def sent(self) -> tuple[bytes, int]:
        """Return the sound of all answers that were spoken to their end, of all sessions, and its rate."""
        sound = b""
        for session in await self.simulator.sessions():
            for response in session["responses"]:
                if response["status"] == "completed" and response["first_audio_at"]:
                    sound += await self.simulator.response_audio(session, response)
        return sound, 24_000

    async def browser(self, pcm: bytes, **more: Any) -> VoiceTurn:
        """Speak in a browser."""
        return await voice_turn(self.home.socket, self.home.process.url, pcm, pipeline=self.pipeline, **more)

    @asynccontextmanager
    async def placed(
        self, add: Callable[..., Awaitable[str]], port: int, area: str, pipeline: str = PIPELINE
    ) -> AsyncIterator[PlacedSatellite]:
        """Have a satellite in a room for a while."""
        entry_id = await add(self.home.client, port)
        try:
            yield await place_satellite(self.home.client, self.home.socket, entry_id, area=area, pipeline=pipeline)
        finally:
            await self.home.client.remove_entry(entry_id)


@pytest_asyncio.fixture(loop_scope="session")
async def voice(grok: Grok) -> VoiceHome:
    """Find the pipeline that the set-up made; the light is off."""
    listing = await grok.home.socket.call("assist_pipeline/pipeline/list")
    (pipeline,) = [found for found in listing["pipelines"] if found["name"].startswith(PIPELINE)]
    await grok.home.client.call_service("light", "turn_off", entity_id="all")
    await grok.simulator.voice_pace(transcript_s=0.1, first_audio_s=0.3, audio_speed=4)
    return VoiceHome(grok=grok, pipeline=pipeline["id"])


async def assert_answered(voice: VoiceHome, turn: SatelliteTurn | VoiceTurn, sound: tuple[bytes, int]) -> None:
    """Check what every good turn has in common: one session, nothing asked twice, the service's own sound."""
    assert turn.error_code in ("", None)
    (session,) = await voice.simulator.sessions()
    assert session["text_items"] == 0
    assert similarity(*sound, *(await voice.sent())) > ALIKE
    assert await voice.home.client.state(LIGHT) == "on"


async def test_browser_when_command_is_spoken_then_done_and_heard(voice: VoiceHome) -> None:
    """The browser's Assist dialog: binary audio over the websocket, mp3 back."""
    turn = await voice.browser(ORDER_PCM)
    assert turn.transcript == ORDER
    assert turn.playback.content_type == "audio/mpeg"
    await assert_answered(voice, turn, decode(turn.audio))


async def test_wyoming_when_command_names_no_room_then_light_of_its_own_room(voice: VoiceHome) -> None:
    """The room is known on the first turn of a conversation, so the answer made ahead is the right one."""
    async with (
        WyomingSatellite() as satellite,
        voice.placed(add_wyoming, satellite.port, "Kitchen"),
    ):
        turn = await satellite.speak(HERE_PCM)
        assert turn.transcript == HERE
        await assert_answered(voice, turn, turn.sound)
        assert turn.sound[1] == 22_050
    assert await voice.home.client.state("light.bedroom_light") == "off"


async def test_any_way_when_the_service_is_hostile_then_done_once_and_heard(voice: VoiceHome) -> None:
    """Written, in the browser and on a satellite: whatever the service may be like, the household is answered."""
    await voice.simulator.hostile()
    turn = await voice.grok.say("Turn on the kitchen light")
    assert turn.error_code == ""
    assert await voice.home.client.state(LIGHT) == "on"
    await voice.home.client.call_service("light", "turn_off", entity_id="all")
    heard = await voice.browser(ORDER_PCM)
    assert (heard.error_code, heard.transcript) == ("", ORDER)
    assert len(decode(heard.audio)[0])
    assert await voice.home.client.state(LIGHT) == "on"
    await voice.home.client.call_service("light", "turn_off", entity_id="all")
    async with (
        WyomingSatellite() as satellite,
        voice.placed(add_wyoming, satellite.port, "Kitchen"),
    ):
        there = await satellite.speak(HERE_PCM)
    assert (there.error_code, there.transcript) == ("", HERE)
    assert len(there.sound[0])
    assert await voice.home.client.state(LIGHT) == "on"
    assert await voice.home.client.state("light.bedroom_light") == "off"


@pytest.mark.parametrize("announcement", [FLAC_48, WAV_48, WAV_16], ids=lambda form: f"{form.name}-{form.rate}")
async def test_esphome_when_command_names_no_room_then_light_of_its_own_room(
    voice: VoiceHome, announcement: Format
) -> None:
    """An ESPHome device stops its microphone at `stt-vad-end` and fetches the answer in the form that it asks for."""
    async with (
        EsphomeSatellite(Facts(announcement=announcement), plays=False) as satellite,
        voice.placed(add_esphome, satellite.port, "Kitchen"),
    ):
        turn = await satellite.speak(HERE_PCM)
    assert turn.transcript == HERE
    await assert_answered(voice, turn, turn.sound)
    assert turn.sound[1] == announcement.rate
    hushed_at, first_byte_at = turn.at("stt-vad-end"), turn.first_byte_at
    assert hushed_at is not None
    assert first_byte_at is not None
    assert hushed_at < first_byte_at


async def test_esphome_with_raw_speaker_when_command_is_spoken_then_done_and_heard(voice: VoiceHome) -> None:
    """A device without a player is fed strictly framed WAV by Home Assistant's own parser."""
    async with (
        EsphomeSatellite(Facts(announcement=None)) as satellite,
        voice.placed(add_esphome, satellite.port, "Kitchen"),
    ):
        turn = await satellite.speak(HERE_PCM)
    assert turn.transcript == HERE
    await assert_answered(voice, turn, turn.sound)


async def test_run_when_compared_with_cores_engines_then_same_events(voice: VoiceHome) -> None:
    """A satellite cannot tell our engines from Home Assistant's own by the order of events."""
    async with WyomingEngines() as engines:
        entry_id = await add_wyoming(voice.home.client, engines.port)
        names = {entity_id.partition(".")[0]: entity_id for entity_id in await entities_of(voice.home.socket, entry_id)}
        plain = await make_pipeline(
            voice.home.socket, "Plain", stt=names["stt"], agent=voice.grok.agent, tts=names["tts"], tts_voice=VOICE
        )
        ours = await voice.browser(QUESTION_PCM)
        theirs = await voice_turn(voice.home.socket, voice.home.process.url, QUESTION_PCM, pipeline=plain)
        async with (
            EsphomeSatellite(Facts()) as satellite,
            voice.placed(add_esphome, satellite.port, "Kitchen") as place,
        ):
            device_ours = await satellite.speak(QUESTION_PCM)
            await voice.home.client.call_service(
                "select", "select_option", entity_id=place.pipeline_select, option="Plain"
            )
            device_theirs = await satellite.speak(QUESTION_PCM)
        await voice.home.socket.call("assist_pipeline/pipeline/delete", pipeline_id=plain)
        await voice.home.client.remove_entry(entry_id)

    def shape(kinds: list[str]) -> list[str]:
        """Give the events without repetitions: how many pieces an answer has is the model's choice."""
        return [kind for index, kind in enumerate(kinds) if index == 0 or kinds[index - 1] != kind]

    assert shape(ours.kinds) == shape(theirs.kinds)
    assert shape(device_ours.kinds) == shape(device_theirs.kinds)


async def test_two_satellites_when_they_speak_at_once_then_each_has_its_room(voice: VoiceHome) -> None:
    """Equal words at the same moment in two rooms: each light is switched by its own satellite."""
    async with (
        WyomingSatellite() as kitchen,
        EsphomeSatellite(Facts(), plays=False) as bedroom,
        voice.placed(add_wyoming, kitchen.port, "Kitchen"),
        voice.placed(add_esphome, bedroom.port, "Bedroom"),
    ):
        turns = await asyncio.gather(kitchen.speak(HERE_PCM), bedroom.speak(HERE_PCM))
    assert [turn.transcript for turn in turns] == [HERE, HERE]
    assert await voice.home.client.state(LIGHT) == "on"
    assert await voice.home.client.state("light.bedroom_light") == "on"
    assert len(await voice.simulator.sessions()) == 2
    assert [session["text_items"] for session in await voice.simulator.sessions()] == [0, 0]


async def test_plain_engines_when_used_by_another_pipeline_then_heard_and_spoken(voice: VoiceHome) -> None:
    """Transcription and speech by themselves, with an agent that answers by text."""
    plain = await make_pipeline(
        voice.home.socket, "Plain Grok", stt="stt.grok_stt", agent="conversation.grok", tts="tts.grok_tts"
    )
    turn = await voice_turn(voice.home.socket, voice.home.process.url, QUESTION_PCM, pipeline=plain)
    await voice.home.socket.call("assist_pipeline/pipeline/delete", pipeline_id=plain)
    assert turn.transcript == QUESTION
    heard = decode(turn.audio)
    assert similarity(*heard, speech(turn.speech, voice="eve", rate=24_000), 24_000) > ALIKE
    assert await voice.simulator.sessions() == []


async def test_question_when_asked_by_an_automation_then_answer_is_understood(voice: VoiceHome) -> None:
    """`ask_question` speaks with the plain endpoint and hears with the session's ear; no answer of it is used."""
    async with (
        EsphomeSatellite(Facts(), plays=False) as satellite,
        voice.placed(add_esphome, satellite.port, "Kitchen") as place,
    ):
        asking = asyncio.create_task(
            voice.home.socket.call(
                "call_service",
                domain="assist_satellite",
                service="ask_question",
                service_data={
                    "question": "Shall I close the garage?",
                    "preannounce": False,
                    "answers": [{"id": "yes", "sentences": ["yes [please]"]}, {"id": "no", "sentences": ["no"]}],
                },
                target={"entity_id": place.entity_id},
                return_response=True,
            )
        )
        await wait_until(_announced(satellite), "the question was spoken", deadline_s=20)
        _, answer_pcm = spoken("yes_please")
        await satellite.speak(answer_pcm)
        answer = await asking
    (response,) = answer["response"].values() if "id" not in answer["response"] else [answer["response"]]
    assert response["id"] == "yes"


async def test_conversation_when_started_by_an_automation_then_grok_knows_what_it_asked(voice: VoiceHome) -> None:
    """`start_conversation`: the answer is understood in the light of what was said."""
    async with (
        EsphomeSatellite(Facts(), plays=False) as satellite,
        voice.placed(add_esphome, satellite.port, "Kitchen") as place,
    ):
        starting = asyncio.create_task(
            voice.home.client.call_service(
                "assist_satellite",
                "start_conversation",
                entity_id=place.entity_id,
                start_message="The washing machine is done. Shall I tell the others?",
                extra_system_prompt="You may announce that the washing machine is done.",
                preannounce=False,
            )
        )
        await wait_until(_announced(satellite), "the message was spoken", deadline_s=20)
        _, answer_pcm = spoken("yes_please")
        turn = await satellite.speak(answer_pcm)
        await starting
    assert turn.transcript == "Yes, please."
    assert turn.answer
    (session,) = await voice.simulator.sessions()
    told = [event["body"]["session"]["instructions"] for event in session["events"] if _is_update(event)][-1]
    assert "Shall I tell the others?" in told
    assert "You may announce" in told


def _is_update(event: dict[str, Any]) -> bool:
    """Tell whether an event is a client's `session.update`."""
    return bool(event["sender"] == "client" and event["body"]["type"] == "session.update")


def _announced(satellite: EsphomeSatellite) -> Callable[[], Awaitable[bool]]:
    """Give a question that is answered with yes when the device has spoken something."""

    async def question() -> bool:
        """Look."""
        return bool(satellite.announcements)

    return question


async def test_announcement_when_made_then_spoken_by_the_plain_endpoint(voice: VoiceHome) -> None:
    """A text that no session said is spoken with the same voice, and no session is opened for it."""
    async with (
        EsphomeSatellite(Facts(), plays=False) as satellite,
        voice.placed(add_esphome, satellite.port, "Kitchen") as place,
    ):
        await voice.home.client.call_service(
            "assist_satellite", "announce", entity_id=place.entity_id, message="Dinner is ready.", preannounce=False
        )
        heard = satellite.announcements[-1]
    assert heard.answer == "Dinner is ready."
    assert len(heard.sound[0]) > heard.sound[1]
    assert await voice.simulator.sessions() == []
    assert len(await voice.simulator.requests("/v1/tts")) == 1
