"""A spoken turn through Home Assistant's pipeline, on one realtime session."""

import asyncio
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path

from homeassistant.components import assist_pipeline, conversation
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.helpers import chat_session
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry
from custom_components.grok_assist.voice.turn import PADDING
from tests.simulator.jsontypes import Json
from tests.simulator.realtime.record import RecordedResponse
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator
from tests.simulator.speech.matching import decode, similarity

from ..agents import state_of
from ..talk import speech, until
from .spoken import Spoken, sentence, speak

ALIKE = 0.85
"""Correlation from which two recordings count as the same sound, after mp3 or a resampling."""


def answers_of(simulator: Simulator) -> list[RecordedResponse]:
    """List the answers that were spoken to their end, of all sessions."""
    return [
        response
        for session in simulator.sessions
        for response in session.responses
        if response.audio and response.status == "completed"
    ]


def is_sound_of(run: Spoken, *answers: RecordedResponse) -> bool:
    """Tell whether what was heard is what the server sent, and nothing else."""
    heard, rate = decode(run.audio)
    sent = b"".join(bytes(answer.audio) for answer in answers)
    return similarity(heard, rate, sent, answers[0].audio_rate) > ALIKE


def calls_of(hass: HomeAssistant) -> list[str]:
    """List the services that are called from now on."""
    called: list[str] = []

    @callback
    def note(event: Event) -> None:
        """Note a call."""
        called.append(f"{event.data['domain']}.{event.data['service']}")

    hass.bus.async_listen("call_service", note)
    return called


def delta_of(event: assist_pipeline.PipelineEvent) -> str:
    """Give the text by which the chat log grows at an event, else nothing."""
    return str(((event.data or {}).get("chat_log_delta") or {}).get("content") or "")


def texts_in(node: Json) -> Iterator[str]:
    """Give every text of a body, as it is: a dump of it writes line breaks otherwise."""
    match node:
        case str():
            yield node
        case dict():
            yield from (text for part in node.values() for text in texts_in(part))
        case list():
            yield from (text for part in node for text in texts_in(part))


async def test_turn_when_command_is_spoken_then_light_is_on_and_answer_is_the_servers_own(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """Speech in, tool, speech out, on one session, and nothing is asked twice."""
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.error is None
    assert run.transcript == "Turn on the kitchen light."
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    (session,) = simulator.sessions
    answers = answers_of(simulator)
    assert is_sound_of(run, *answers)
    assert run.speech == "".join(answer.text for answer in answers)
    assert session.text_items == 0
    assert [request.path for request in simulator.requests if request.path == "/v1/responses"] == []


async def test_turn_when_pipeline_runs_then_events_come_as_with_other_engines(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """Satellites stop their microphone at `stt-vad-end` and begin to play at `tts_start_streaming`."""
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    kinds = [kind for kind in run.kinds if kind != "intent-progress"]
    assert kinds == [
        "run-start",
        "stt-start",
        "stt-vad-start",
        "stt-vad-end",
        "stt-end",
        "intent-start",
        "intent-end",
        "tts-start",
        "tts-end",
        "run-end",
    ]
    assert any((event.data or {}).get("tts_start_streaming") for event in run.events)


async def test_chat_log_when_spoken_then_without_padding(
    hass: HomeAssistant, simulator: Simulator, voice: str, context: Context
) -> None:
    """Neither the user nor the service, on whatever way, sees how Home Assistant was made to play at once."""
    simulator.script(reply("All quiet."))
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert any(PADDING in delta_of(event) for event in run.events)  # else there was nothing to be taken out
    assert run.speech == "All quiet."
    with (
        chat_session.async_get_chat_session(hass, run.conversation_id) as session,
        conversation.async_get_chat_log(hass, session) as log,
    ):
        answers = [content.content for content in log.content if isinstance(content, conversation.AssistantContent)]
        assert answers == ["All quiet."]
    again = await conversation.async_converse(
        hass, "And now?", run.conversation_id, context=context, agent_id="conversation.grok_voice"
    )
    assert speech(again)
    simulator.drop_sessions()
    await until(lambda: simulator.open_sessions == 0)
    await speak(hass, sentence("what_did_you_say"), pipeline_id=voice, conversation_id=run.conversation_id)
    typed = next(request.body for request in simulator.requests if request.path == "/v1/responses")
    spoken = simulator.sessions[-1].sent("session.update")[0].body
    for sent in (typed, spoken):
        texts = list(texts_in(sent))
        assert any("All quiet." in text for text in texts)
        assert not [text for text in texts if PADDING in text]


async def test_follow_up_when_session_is_open_then_used_again(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """One socket carries the turns of a conversation, and nothing is told twice."""
    simulator.voice_pace(audio_speed=1)
    simulator.script(reply("It is quiet."), reply("As I said."))
    first = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    (session,) = simulator.sessions
    (said,) = session.responses
    await asyncio.sleep(len(said.audio) / 2 / said.audio_rate)  # heard to its end, however late it came
    second = await speak(hass, sentence("what_did_you_say"), pipeline_id=voice, conversation_id=first.conversation_id)
    assert second.speech == "As I said."
    assert session.text_items == 0
    updates = [event.body["session"]["instructions"].partition("It is ")[0] for event in session.sent("session.update")]
    assert len(set(updates)) == 1  # but for the minute of the day


async def test_new_socket_when_conversation_goes_on_then_knows_what_was_said(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """After the session was lost, the next one is told the history, without paid text items."""
    simulator.script(reply("It is quiet."), reply("I said that it is quiet."))
    first = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    simulator.drop_sessions()
    await until(lambda: simulator.open_sessions == 0)
    await speak(hass, sentence("what_did_you_say"), pipeline_id=voice, conversation_id=first.conversation_id)
    instructions = simulator.sessions[1].sent("session.update")[0].body["session"]["instructions"]
    assert "User: Good morning." in instructions
    assert "You: It is quiet." in instructions
    assert simulator.sessions[1].text_items == 0


async def test_two_satellites_when_they_say_the_same_at_once_then_each_hears_its_own_answer(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """Equal words at the same moment never mix."""
    for number in range(5):
        simulator.script(reply(f"Here is the first answer of round {number}."), reply(f"And a second one: {number}."))
        runs = await asyncio.gather(*(speak(hass, sentence("good_morning"), pipeline_id=voice) for _ in range(2)))
        answers = {answer.text: answer for answer in answers_of(simulator)}
        assert {run.speech for run in runs} == {
            f"Here is the first answer of round {number}.",
            f"And a second one: {number}.",
        }
        for run in runs:
            assert is_sound_of(run, answers[run.speech])


async def test_pause_in_the_sentence_when_server_hears_its_end_then_one_turn(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """The first half's answer is neither heard nor done, whatever tool it wanted."""
    simulator.script(calls(call("HassTurnOn", {"name": "Study light"})), reply("That was the whole sentence."))
    run = await speak(hass, sentence("turn_on_the_light", "in_the_bedroom", pause_s=0.8), pipeline_id=voice)
    assert run.transcript == "Turn on the light. In the bedroom."
    assert run.speech == "That was the whole sentence."
    assert state_of(hass, "input_boolean.study_light").state == "off"
    first, *_, last = simulator.sessions[0].responses
    assert first.calls
    assert is_sound_of(run, last)
    assert simulator.sessions[0].text_items == 0


async def test_answer_made_ahead_when_it_does_not_fit_then_asked_again(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """What only the claim knows (what an automation added to the prompt) makes a new answer; the old one is unheard."""
    simulator.script(
        calls(call("HassTurnOn", {"name": "Study light"})), reply("The washing machine, you mean. It is still running.")
    )
    run = await speak(
        hass,
        sentence("yes_please"),
        pipeline_id=voice,
        extra_system_prompt="The washing machine is done. You asked whether to say more.",
    )
    assert run.speech == "The washing machine, you mean. It is still running."
    assert state_of(hass, "input_boolean.study_light").state == "off"
    (session,) = simulator.sessions
    assert session.text_items == 1
    told = session.sent("session.update")[-1].body["session"]["instructions"]
    assert "The washing machine is done." in told
    assert is_sound_of(run, session.responses[-1])
    deleted = {event.body["item_id"] for event in session.sent("conversation.item.delete")}
    assert session.items[0].id in deleted


async def test_places_when_all_are_taken_then_answered_by_text(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """More speakers than sessions: one waits in vain and is answered all the same."""
    hass.config_entries.async_update_entry(entry, options={"max_voice_sessions": 1})
    await hass.async_block_till_done()
    simulator.voice_pace(first_audio_s=6, audio_speed=10)
    runs = await asyncio.gather(*(speak(hass, sentence("good_morning"), pipeline_id=voice) for _ in range(2)))
    assert [run.error for run in runs] == [None, None]
    assert all(run.speech and run.audio for run in runs)
    assert len(simulator.sessions) == 1


async def test_local_answer_when_preferred_then_grok_does_nothing(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """The light is switched once, by Home Assistant, whose words are spoken by the plain endpoint."""
    pipeline = async_get_pipeline(hass, voice)
    await assist_pipeline.async_update_pipeline(hass, pipeline, prefer_local_intents=True)
    switched = calls_of(hass)
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.data("intent-end")["processed_locally"]
    assert switched.count("input_boolean.turn_on") == 1
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    (session,) = simulator.sessions
    assert all(response.status != "completed" or response.calls for response in session.responses)
    assert not session.sent("conversation.item.create")
    heard, rate = decode(run.audio)
    spoken = [request for request in simulator.requests if request.path == "/v1/tts"]
    assert len(spoken) == 1
    assert len(heard) > rate


@pytest.mark.parametrize(
    "fault",
    [
        "no_session",
        "no_update",
        "refused_update",
        "drop_listening",
        "drop_before_audio",
        "close_1011",
        "garbage_frame",
        "huge_frame",
        "unknown_events",
        "stalled_response",
        "silent_vad",
        "no_transcript",
        "late_transcript",
        "empty_transcript",
        "duplicate_calls",
        "clock_skew",
        "response_error",
        "substituted_model",
        "repeated_started",
        "max_duration",
        "session_timeout",
        "empty",
        "failed",
    ],
)
async def test_fault_before_first_audio_when_it_happens_then_one_answer_is_heard(
    hass: HomeAssistant, simulator: Simulator, voice: str, fault: str
) -> None:
    """Whatever goes wrong before the first sound, the user hears one answer and the light is switched once."""
    switched = calls_of(hass)
    simulator.fault(fault, path="/v1/realtime")
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.error is None
    assert run.transcript == "Turn on the kitchen light."
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert switched.count("input_boolean.turn_on") == 1
    heard, rate = decode(run.audio)
    assert len(heard) > rate


async def test_sound_when_it_comes_after_the_claim_then_nothing_is_put_between_its_pieces(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """The silence that keeps a player from giving up has no place between two deltas."""
    simulator.voice_pace(first_audio_s=0.5, audio_speed=1.2)
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice, audio_output="wav")
    heard, rate = decode(run.audio)
    (answer,) = answers_of(simulator)
    assert abs(len(heard) / rate - len(answer.audio) / answer.audio_rate) < 0.05


async def test_equal_answers_when_spoken_twice_then_each_is_the_sessions_own(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """Home Assistant keeps speech by its words alone; a session's answer never comes from there, nor goes there."""
    answer = "Yes, both times."
    for _ in range(2):
        simulator.script(reply(answer))
        run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
        assert is_sound_of(run, simulator.sessions[-1].responses[-1])
    assert len(simulator.sessions) == 2
    assert [request for request in simulator.requests if request.path == "/v1/tts"] == []
    # By the text: the folder belongs to all tests, and others run at the same time.
    names = tuple(sha1(text.encode(), usedforsecurity=False).hexdigest() for text in (answer, PADDING + answer))
    kept = await hass.async_add_executor_job(lambda: list(Path(hass.config.path("tts")).glob("*")))
    assert [path for path in kept if path.name.startswith(names)] == []
