"""When the microphone stays open, and what closes it."""

from dataclasses import replace

from homeassistant.components import conversation
from homeassistant.components.conversation import agent_manager
from homeassistant.core import Context, HomeAssistant
import pytest

from custom_components.grok_assist.agent import GrokConversationEntity
from custom_components.grok_assist.chat.follow_up import MAX_IN_A_ROW
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..agents import change_agent, change_voice, state_of
from ..talk import Talk, speech, until
from ..voice.spoken import sentence, speak

OPEN = call("set_microphone", {"open": True})
CLOSE = call("set_microphone", {"open": False})
TURN_ON = call("intent__HassTurnOn", {"name": "Kitchen light"})


def asked(simulator: Simulator) -> int:
    """Count the requests for an answer."""
    return sum(request.path == "/v1/responses" for request in simulator.requests)


@pytest.mark.parametrize(("wish", "words"), [("open", "Tell me more."), ("closed", "Shall we leave it at that?")])
async def test_microphone_when_the_model_decides_then_so_it_is(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry, wish: str, words: str
) -> None:
    """The model's tool decides, in the same round trip, and Home Assistant never sees the call."""
    await change_agent(hass, entry, follow_up="model")
    simulator.script(calls(OPEN if wish == "open" else CLOSE, text=words))
    result = await talk("Hello")
    assert (speech(result), result.continue_conversation) == (words, wish == "open")
    assert asked(simulator) == 1


async def test_microphone_when_called_without_words_then_asked_for_them(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry
) -> None:
    """A wish without an answer is answered, so that the model goes on; other calls are run as ever."""
    await change_agent(hass, entry, follow_up="model")
    simulator.script(calls(CLOSE), calls(TURN_ON, OPEN), reply("It is on now. Anything else?"))
    result = await talk("Turn on the kitchen light")
    assert speech(result) == "It is on now. Anything else?"
    assert result.continue_conversation is True
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"


async def test_microphone_when_the_policy_is_another_then_no_tool(simulator: Simulator, talk: Talk) -> None:
    """Only the policy `model` offers the tool."""
    simulator.script(reply("Hello."))
    await talk("Hello")
    names = [tool["name"] for tool in simulator.requests[-1].body.get("tools", [])]
    assert "set_microphone" not in names


async def test_goodbye_when_said_then_the_conversation_ends_whatever_the_policy(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """Somebody who hangs up is not listened to."""
    await change_agent(hass, entry, follow_up="always")
    simulator.script(reply("What else?"), reply("See you?"))
    first = await talk("Hello")
    assert first.continue_conversation is True
    last = await talk("Thanks, that's all", conversation_id=first.conversation_id)
    assert last.continue_conversation is False


async def test_own_voice_when_it_comes_back_then_silence(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """An open microphone that hears the answer starts no conversation with itself."""
    await change_agent(hass, entry, follow_up="always")
    answer = "The garage door has been open since this morning, would you like me to close it?"
    simulator.script(reply(answer))
    first = await talk("Is the garage open?", device_id="satellite")
    echo = await talk(
        "has been open since this morning would you like me to close it",
        conversation_id=first.conversation_id,
        device_id="satellite",
    )
    assert speech(echo) == ""
    assert echo.continue_conversation is False
    assert asked(simulator) == 1


async def test_microphone_when_nobody_hangs_up_then_it_closes_in_the_end(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """A television cannot talk with the assistant for ever."""
    await change_agent(hass, entry, follow_up="always")
    simulator.script(*[reply(f"Answer {number}.") for number in range(MAX_IN_A_ROW + 2)])
    stays = [
        (await talk(f"Sentence {number}", conversation_id="television")).continue_conversation
        for number in range(MAX_IN_A_ROW + 2)
    ]
    assert stays == [True] * MAX_IN_A_ROW + [False, True]


async def test_spoken_wish_when_the_model_decides_then_no_second_answer(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """A voice session is told that its wish was heard, and asked for nothing more."""
    await change_voice(hass, entry, follow_up="model")
    simulator.script(calls(OPEN, text="Tell me more."))
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert run.speech == "Tell me more."
    output = run.data("intent-end")["intent_output"]
    assert output["continue_conversation"] is True
    (session,) = simulator.sessions
    await until(lambda: bool(session.sent("conversation.item.create")))
    created = [event.body["item"]["type"] for event in session.sent("conversation.item.create")]
    assert created == ["function_call_output"]
    assert session.sent("response.create") == []


async def test_spoken_wish_when_it_comes_without_words_then_the_answer_follows(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """Words of an earlier round are no answer: the model is asked to go on."""
    await change_voice(hass, entry, follow_up="model")
    simulator.script(calls(TURN_ON, text="Let me see."), calls(CLOSE), reply("It is on now."))
    run = await speak(hass, sentence("turn_on_the_kitchen_light"), pipeline_id=voice)
    assert run.speech == "It is on now."
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"


async def test_goodbye_when_spoken_then_session_closes_soon(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """After a goodbye nothing is kept open: sessions cost money by the minute."""
    simulator.script(reply("Bye."))
    run = await speak(hass, sentence("thats_all"), pipeline_id=voice)
    assert run.error is None
    await until(lambda: simulator.open_sessions == 0, timeout_s=6)


async def test_typed_repetition_when_it_is_the_answer_then_answered(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """What is typed is never the assistant's own voice."""
    await change_agent(hass, entry, follow_up="always")
    simulator.script(reply("The moon is far away from here."), reply("Yes."))
    first = await talk("Tell me something")
    again = await conversation.async_converse(
        hass,
        "The moon is far away from here",
        first.conversation_id,
        Context(),
        language="en",
        agent_id="conversation.grok",
    )
    assert speech(again) == "Yes."


@pytest.mark.parametrize(
    ("offer", "accepted"),
    [
        (
            "Should I turn on the light in the kitchen or the light in the hall?",
            "turn on the light in the kitchen",
        ),
        ("Shall I open the garage door for you now?", "open the garage door for me now"),
        (
            "Do you want me to lock the front door and turn off the lights?",
            "lock the front door and turn off the lights",
        ),
        ("Soll ich das Licht im Wohnzimmer ausschalten?", "das Licht im Wohnzimmer ausschalten"),
    ],
)
async def test_offer_when_accepted_in_its_own_words_then_heard(
    simulator: Simulator, talk: Talk, offer: str, accepted: str
) -> None:
    """The most natural way to say yes is no echo, neither through the open microphone nor after a new wake word."""
    simulator.script(reply(offer), reply("Very well."))
    first = await talk("I am home", device_id="satellite")
    assert first.continue_conversation is True
    second = await talk(accepted, conversation_id=first.conversation_id, device_id="satellite")
    assert speech(second) == "Very well."


async def test_own_voice_when_heard_long_after_then_asked(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """Sound that ended a while ago comes back through no microphone."""
    await change_agent(hass, entry, follow_up="always")
    simulator.script(reply("It is warm and sunny outside."), reply("So I said."))
    first = await talk("How is the weather?", device_id="satellite")
    agent = agent_manager.async_get_agent(hass, "conversation.grok")
    assert isinstance(agent, GrokConversationEntity)
    ((conversation_id, last),) = agent._follow_ups._last.items()
    agent._follow_ups._last[conversation_id] = replace(last, at=last.at - 30)
    second = await talk("it is warm and sunny outside", conversation_id=first.conversation_id, device_id="satellite")
    assert speech(second) == "So I said."
