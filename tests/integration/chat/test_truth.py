"""An answer that says something was done is checked against what was done."""

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant
from homeassistant.helpers import chat_session
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..agents import change_agent, change_voice, state_of
from ..talk import Talk, speech
from ..voice.spoken import sentence, speak

CLAIM = "Okay. I have turned on the kitchen light."
DENIAL = "I did not switch anything just now. Please ask again."
TURN_ON = call("intent__HassTurnOn", {"name": "Kitchen light"})


def asked(simulator: Simulator) -> int:
    """Count the requests for an answer."""
    return sum(request.path == "/v1/responses" for request in simulator.requests)


async def test_claim_when_nothing_was_done_then_model_acts_before_it_is_spoken(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """The model is told, acts, and only what is true is heard."""
    heard: list[str] = []

    def listen(chat_log: conversation.ChatLog, delta: dict[str, object]) -> None:
        """Keep what is said."""
        heard.append(str(delta.get("content") or ""))

    simulator.script(reply(CLAIM), calls(TURN_ON), reply("The kitchen light is on now."))
    with (
        chat_session.async_get_chat_session(hass) as session,
        conversation.async_get_chat_log(hass, session, chat_log_delta_listener=listen),
    ):
        result = await talk("Turn on the kitchen light", conversation_id=session.conversation_id)
    assert speech(result) == "The kitchen light is on now."
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert "I have turned on" not in "".join(heard)
    assert asked(simulator) == 3
    told = simulator.requests[-2].body["input"]
    assert told[-2] == {"role": "assistant", "content": "I have turned on the kitchen light."}
    assert "no tool of this turn has done anything" in told[-1]["content"]


async def test_claim_when_model_insists_then_denied_plainly(simulator: Simulator, home: None, talk: Talk) -> None:
    """Asked once, never twice; then the user hears that it did not happen."""
    simulator.script(reply(CLAIM), reply("I have turned on the kitchen light."))
    said = speech(await talk("Turn on the kitchen light"))
    assert said == "I have turned on the kitchen light. I did not switch anything just now. Please ask again."
    assert asked(simulator) == 2


async def test_claim_when_a_tool_only_looked_then_denied(simulator: Simulator, home: None, talk: Talk) -> None:
    """A look at the home does nothing, and allows no claim."""
    look = call("homeassistant__GetLiveContext", {})
    simulator.script(calls(look), reply(CLAIM), reply(CLAIM))
    assert speech(await talk("Turn on the kitchen light")).endswith(DENIAL)


async def test_claim_when_a_tool_did_it_then_believed(simulator: Simulator, home: None, talk: Talk) -> None:
    """What was done may be said, and costs no further question."""
    simulator.script(calls(TURN_ON), reply(CLAIM))
    assert speech(await talk("Turn on the kitchen light")) == CLAIM
    assert asked(simulator) == 2


async def test_claim_when_it_comes_with_its_call_then_believed(simulator: Simulator, home: None, talk: Talk) -> None:
    """A model that speaks first and calls in the same reply does what it says."""
    simulator.script(calls(TURN_ON, text="I'm turning on the kitchen light."), reply(""))
    assert speech(await talk("Turn on the kitchen light")) == "I'm turning on the kitchen light."


async def test_sentence_when_the_reply_breaks_off_then_its_beginning_is_heard(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """What was held back only because it was not complete is said; then what went wrong."""
    heard: list[str] = []

    def listen(chat_log: conversation.ChatLog, delta: dict[str, object]) -> None:
        """Keep what is said."""
        heard.append(str(delta.get("content") or ""))

    simulator.fault("drop")
    simulator.script(reply("The kitchen light has been there for many years and nobody ever asked for it."))
    with (
        chat_session.async_get_chat_session(hass) as session,
        conversation.async_get_chat_log(hass, session, chat_log_delta_listener=listen),
    ):
        result = await talk("Is the kitchen light on?", conversation_id=session.conversation_id)
    assert "broke off" in speech(result)
    assert "".join(heard).startswith("The kitchen")


async def test_claim_when_of_an_earlier_turn_then_not_denied(simulator: Simulator, home: None, talk: Talk) -> None:
    """Where something was done before, an answer may go on speaking of it."""
    simulator.script(calls(TURN_ON), reply("The kitchen light is on now."))
    first = await talk("Turn on the kitchen light")
    simulator.script(reply("Yes, I turned it on."), reply("Yes, I turned it on."))
    again = await talk("Did you turn it on?", conversation_id=first.conversation_id)
    assert speech(again) == "Yes, I turned it on."


TRUE_ANSWERS = (
    ("Is the garage door shut?", "The garage door was closed at noon. It is now locked."),
    ("Search the web for my flight", "Your flight has been cancelled."),
    ("Is the kitchen light on?", "Yes, the kitchen light is on now."),
    ("Is the kitchen light on?", "The kitchen light was turned on at six."),
    ("I have turned on the kitchen light", "Good, it is turned on now."),
    ("Add 17 and 25", "Done, that makes 42."),
)


@pytest.mark.parametrize(("sentence_said", "answer"), TRUE_ANSWERS)
async def test_answer_when_nothing_of_the_home_was_ordered_then_believed(
    simulator: Simulator, home: None, talk: Talk, sentence_said: str, answer: str
) -> None:
    """A question, a statement and what is not about the home need no deed: one request, and no denial."""
    simulator.script(reply(answer))
    assert speech(await talk(sentence_said)) == answer
    assert asked(simulator) == 1


async def test_claim_when_the_home_shows_it_then_believed(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """What is so already needs no tool, and the answer that says so is true."""
    hass.states.async_set("input_boolean.kitchen_light", "on", {"friendly_name": "Kitchen light"})
    simulator.script(reply("The kitchen light is on now."))
    assert speech(await talk("Turn on the kitchen light")) == "The kitchen light is on now."
    assert asked(simulator) == 1


async def test_claim_when_something_was_refused_then_believed(simulator: Simulator, home: None, talk: Talk) -> None:
    """An answer that says what could not be done tells the truth about it."""
    answer = "I cannot reach the kitchen light. Everything else is on."
    simulator.script(reply(answer))
    assert speech(await talk("Turn on the kitchen light")) == answer


async def test_claim_when_an_offer_was_accepted_then_denied(simulator: Simulator, home: None, talk: Talk) -> None:
    """A bare yes orders what the answer before offered."""
    simulator.script(reply("It is off. Shall I turn on the kitchen light?"))
    first = await talk("Is the kitchen light on?")
    simulator.script(reply("Done."), reply("Done."))
    again = await talk("Yes, please", conversation_id=first.conversation_id)
    assert speech(again) == f"Done. {DENIAL}"


@pytest.mark.parametrize("state_context", ["on_demand", "off"])
async def test_claim_when_states_are_not_told_then_denied_too(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry, state_context: str
) -> None:
    """What is ordered is found out in every mode."""
    await change_agent(hass, entry, state_context=state_context)
    simulator.script(reply(CLAIM), reply(CLAIM))
    assert speech(await talk("Turn on the kitchen light")).endswith(DENIAL)
    simulator.script(reply("Yes, the kitchen light is on now."))
    assert speech(await talk("Is the kitchen light on?")) == "Yes, the kitchen light is on now."


async def test_check_when_switched_off_then_everything_is_believed(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry
) -> None:
    """The option lets every answer pass."""
    await change_agent(hass, entry, check_claims=False)
    simulator.script(reply(CLAIM))
    assert speech(await talk("Turn on the kitchen light")) == CLAIM


async def test_spoken_claim_when_nothing_was_done_then_denied_in_the_same_voice(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """What was heard cannot be taken back, so the voice says afterwards that it did not happen."""
    simulator.script(reply("I have turned on the kitchen light."))
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.error is None
    assert run.speech.endswith(DENIAL)
    (session,) = simulator.sessions
    assert [
        event for event in session.sent("conversation.item.create") if event.body["item"]["type"] == "force_message"
    ]
    assert not run.broke_off


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("is_the_garage_door_shut", "The garage door was closed at noon. It is now locked."),
        ("search_the_news", "Your flight has been cancelled."),
        ("is_the_garage_door_shut", "Yes, it is closed now."),
    ],
)
async def test_spoken_answer_when_a_question_was_asked_then_believed(
    hass: HomeAssistant, simulator: Simulator, voice: str, question: str, answer: str
) -> None:
    """The voice denies no answer to a question, for it says the denial at once."""
    simulator.script(reply(answer))
    run = await speak(hass, sentence(question), pipeline_id=voice)
    assert run.error is None
    assert run.speech == answer


async def test_spoken_claim_when_the_home_shows_it_then_believed(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """What is so already is no false claim by voice either."""
    hass.states.async_set("input_boolean.kitchen_light", "on", {"friendly_name": "Kitchen light"})
    simulator.script(reply("The kitchen light is on now."))
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.speech == "The kitchen light is on now."


async def test_spoken_claim_when_check_is_off_then_believed(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """The option holds for the voice, too."""
    await change_voice(hass, entry, check_claims=False)
    simulator.script(reply("I have turned on the kitchen light."))
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.speech == "I have turned on the kitchen light."
