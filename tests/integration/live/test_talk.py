"""Turns of a live conversation: heard, answered, acted, interrupted."""

from collections.abc import Sequence

from homeassistant.components import conversation
from homeassistant.components.conversation.chat_log import DATA_CHAT_LOGS
from homeassistant.core import HomeAssistant
import pytest

from tests.harness.live import LivePage
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator
from tests.simulator.speech.matching import similarity

from ..agents import state_of
from ..guarded_home import GuardedHome
from ..voice.spoken import sentence
from ..voice.test_turn import calls_of
from .conftest import Door

STORY = "Once upon a time there was a house. " * 6 + "And they all lived happily ever after."


def log_of(hass: HomeAssistant, page: LivePage) -> list[tuple[str, str]]:
    """Read what the chat log has of a conversation: roles and words."""
    log = hass.data[DATA_CHAT_LOGS].get(page.of("ready")[0]["conversation_id"])
    contents: Sequence[conversation.Content] = [] if log is None else log.content[1:]
    return [(entry.role, entry.content or "") for entry in contents if entry.role in ("user", "assistant")]


def is_acted(called: list[str]) -> int:
    """Count what switched something."""
    return len([service for service in called if service.startswith("input_boolean.")])


def is_answered(page: LivePage, count: int = 1, status: str = "complete") -> bool:
    """Tell whether so many answers have ended so."""
    return [told["status"] for told in page.of("answered")].count(status) >= count


async def opened(door: Door) -> LivePage:
    """Open a page that may speak."""
    page = await door.page()
    await page.until(lambda page: page.of("ready"))
    return page


async def test_turn_when_spoken_then_light_is_on_and_answer_is_heard(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """Speech in, tool, speech out, words of both sides, one entry each in the chat log."""
    page = await opened(door)
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.until(is_answered)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert page.of("user")[-1] == {"type": "user", "turn": 1, "text": "Turn on the kitchen light.", "final": True}
    said = "".join(told["text"] for told in page.of("answer"))
    assert [entry for entry in log_of(hass, page) if entry[1]] == [
        ("user", "Turn on the kitchen light."),
        ("assistant", said),
    ]
    (answer,) = [one for one in simulator.sessions[0].responses if one.audio]
    assert similarity(bytes(page.heard), 24_000, bytes(answer.audio), 24_000) > 0.9
    assert [told["status"] for told in page.of("tool")] == ["running", "done"]
    assert simulator.sessions[0].text_items == 0
    assert not [request for request in simulator.requests if request.path == "/v1/responses"]


async def test_answer_when_spoken_over_then_silent_truncated_and_told_as_heard(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """A barge-in 1.5 s into a long answer: nothing of it is heard after the stop."""
    simulator.script(reply(STORY))
    page = await opened(door)
    page.say(sentence("tell_me_a_story"))
    await page.until(lambda page: page.heard_of.get((1, 0), 0) > 1_500)
    page.say(sentence("what_did_you_say"))
    await page.until(lambda page: page.of("stop"))
    heard = len(page.heard)
    await page.until(lambda page: is_answered(page, 1, "interrupted"))
    await page.until(lambda page: is_answered(page, 1))
    assert page.of("stop")[0]["answer"] == 1
    assert heard <= 24_000 * 2 * 5
    assert {frame.answer for frame in page.frames[-3:]} == {2}
    (told,) = simulator.sessions[0].sent("conversation.item.truncate")
    assert told.body["audio_end_ms"] == pytest.approx(page.heard_of[1, 0], abs=120)
    assert told.body["audio_end_ms"] <= page.received_of[1, 0]
    (cut,) = page.of("answered")[:1]
    assert cut["heard"]
    assert STORY.startswith(cut["heard"])
    roles = [entry for entry in log_of(hass, page) if entry[1]]
    assert roles[0] == ("user", "Tell me a long story.")
    assert roles[1][0] == "assistant"
    assert roles[1][1].endswith("…")
    assert roles[2] == ("user", "What did you just say?")


async def test_sentence_when_paused_then_one_turn_and_the_first_answer_is_never_heard(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """The service takes the pause for an end and begins to act: one user turn, one action."""
    called = calls_of(hass)
    simulator.voice_pace(first_audio_s=0.4)
    page = await opened(door)
    page.say(sentence("turn_on_the_light", "in_the_bedroom", pause_s=0.8))
    await page.until(is_answered)
    assert {told["turn"] for told in page.of("user")} == {1}
    assert page.of("user")[-1]["text"] == "Turn on the light. In the bedroom."
    assert is_acted(called) <= 1
    assert len([entry for entry in log_of(hass, page) if entry[0] == "user"]) == 1


async def test_answer_when_tapped_then_silent_and_the_conversation_goes_on(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """A tap asks nobody."""
    simulator.script(reply(STORY))
    page = await opened(door)
    page.say(sentence("tell_me_a_story"))
    await page.until(lambda page: page.heard_of.get((1, 0), 0) > 1_000)
    await page.interrupt()
    await page.until(lambda page: is_answered(page, 1, "interrupted"))
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.until(is_answered)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"


async def test_text_when_typed_then_answered_in_the_same_voice(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """A name, or a quiet room."""
    page = await opened(door)
    await page.send({"type": "text", "text": "Turn on the kitchen light"})
    await page.until(is_answered)
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert page.heard
    assert simulator.sessions[0].text_items == 1


async def test_words_when_late_then_sound_does_not_wait_and_the_call_does(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """Final words 1.5 s after the end of speech."""
    simulator.fault("late_transcript", times=None)
    simulator.script(reply("Good morning to you."))
    page = await opened(door)
    page.say(sentence("good_morning"))
    await page.until(is_answered)
    kinds = [kind for _, kind in page.times]
    finals = [told for told in page.of("user") if told["final"]]
    assert finals
    assert kinds.index("first sound") < len(kinds)
    assert page.of("user")[-1]["text"] == "Good morning."


@pytest.mark.parametrize("way", ["voice", "button"])
async def test_question_when_agreed_then_done_once(door: Door, guarded: GuardedHome, way: str) -> None:
    """What opens is asked about; a yes by word or by button runs it once."""
    page = await opened(door)
    page.say(sentence("unlock_the_front_door"))
    await page.until(lambda page: page.of("consent"))
    await page.until(lambda page: not page.is_playing and is_answered(page))
    assert guarded.done == []
    if way == "voice":
        page.say(sentence("yes_please"))
    else:
        await page.send({"type": "consent", "call": page.of("consent")[0]["call"], "accept": True})
    await page.until(lambda page: is_answered(page, 2))
    assert guarded.done == [("lock.unlock", "lock.front_door")]


async def test_question_when_yes_is_late_then_not_done(door: Door, guarded: GuardedHome) -> None:
    """A yes after more than 15 s may be the television's."""
    page = await opened(door)
    page.say(sentence("unlock_the_front_door"))
    await page.until(lambda page: page.of("consent"))
    await page.until(lambda page: not page.is_playing and is_answered(page))
    page.say(bytes(32_000 * 16) + sentence("yes_please"))
    await page.until(lambda page: is_answered(page, 2), 60)
    assert guarded.done == []


async def test_call_when_repeated_in_one_turn_then_run_once(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """The service repeats its calls."""
    called = calls_of(hass)
    simulator.script(calls(call("HassTurnOn", {"name": "Kitchen light"})), reply("It is on."))
    simulator.fault("duplicate_calls")
    page = await opened(door)
    page.say(sentence("turn_on_the_kitchen_light"))
    await page.until(is_answered)
    assert called.count("input_boolean.turn_on") == 1
