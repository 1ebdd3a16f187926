"""The nine written turns."""

from typing import Final

from ..grok import DOMAIN, change_subentry, set_options
from ..sent import sent_pictures
from .stage import Sent, Stage

CLAIM: Final = "Okay. I have turned on the kitchen light."
TURN_ON: Final = {"name": "HassTurnOn", "arguments": {"name": "Kitchen Light"}}
TURN_ON_BEDROOM: Final = {"name": "HassTurnOn", "arguments": {"name": "Bedroom Light"}}
TINY_USD: Final = 0.000_01
AMPLE_USD: Final = 5.0


async def written_plain(stage: Stage) -> Sent:
    """Be answered by words alone."""
    await stage.simulator.script({"text": "All quiet."})
    assert (await stage.write("How are things at home?")).speech == "All quiet."
    sent = await stage.sent()
    assert len(sent.questions) == 1
    return sent


async def written_tool(stage: Stage) -> Sent:
    """Have a light switched on by a tool."""
    await stage.simulator.script({"calls": [TURN_ON]}, {"text": "It is on."})
    turn = await stage.write("Turn on the kitchen light")
    assert turn.speech == "It is on."
    assert await stage.is_on()
    sent = await stage.sent()
    assert len(sent.questions) == 2
    return sent


async def written_two_tools_at_once(stage: Stage) -> Sent:
    """Have two calls in one reply."""
    await stage.simulator.script({"calls": [TURN_ON, TURN_ON_BEDROOM]}, {"text": "Both are on."})
    turn = await stage.write("Turn on the kitchen light and the bedroom light")
    assert turn.speech == "Both are on."
    assert len(turn.tool_results) == 2
    assert await stage.is_on()
    assert await stage.is_on("light.bedroom_light")
    sent = await stage.sent()
    assert len(sent.questions) == 2
    return sent


async def written_follow_up(stage: Stage) -> Sent:
    """Go on with a conversation in which a tool was called."""
    await stage.simulator.script({"calls": [TURN_ON]}, {"text": "It is on."}, {"text": "The kitchen light."})
    first = await stage.write("Turn on the kitchen light")
    second = await stage.write("Which one did I mean?", conversation_id=first.conversation_id)
    assert (first.speech, second.speech) == ("It is on.", "The kitchen light.")
    assert second.conversation_id == first.conversation_id
    sent = await stage.sent()
    assert len(sent.questions) == 3
    assert "It is on." in str(sent.questions[-1]["input"])
    return sent


async def search(stage: Stage) -> Sent:
    """Let the service search by itself."""
    await change_subentry(stage.home.client, stage.home.socket, stage.entry_id, "conversation", web_search=True)
    await stage.begin()
    found = [{"url": "https://example.org/news", "title": "News"}]
    await stage.simulator.script({"text": "Nothing happened.", "citations": found, "inline": True})
    turn = await stage.write("Search the web for the news")
    assert turn.speech == "Nothing happened."
    sent = await stage.sent()
    (body,) = sent.questions
    assert "web_search" in {part["type"] for part in body["tools"]}
    return sent


async def correction(stage: Stage) -> Sent:
    """Claim what no tool has done, be told so, and do it."""
    await stage.simulator.script({"text": CLAIM}, {"calls": [TURN_ON]}, {"text": "The kitchen light is on now."})
    turn = await stage.write("Turn on the kitchen light")
    assert turn.speech == "The kitchen light is on now."
    assert await stage.is_on()
    sent = await stage.sent()
    assert len(sent.questions) == 3
    assert "no tool of this turn has done anything" in str(sent.questions[1]["input"][-1])
    return sent


async def broken_reply(stage: Stage) -> Sent:
    """Lose the connection in mid-answer, and go on: the next turn tells that it broke off."""
    await stage.simulator.fault("drop", times=1)
    await stage.simulator.script({"text": "Once upon a time there was a very long story that nobody heard the end of."})
    first = await stage.write("Tell me a story")
    assert first.streamed.startswith("Once")
    assert "nobody heard the end of" not in first.streamed
    await stage.simulator.script({"text": "There it ended."})
    second = await stage.write("And then?", conversation_id=first.conversation_id)
    assert second.speech == "There it ended."
    sent = await stage.sent()
    assert len(sent.questions) == 2
    assert "broke off in the middle of the answer" in str(sent.questions[1]["input"])
    return sent


async def ask_with_a_picture(stage: Stage) -> Sent:
    """Ask from an automation about a camera."""
    await stage.simulator.script({"text": "It is red."})
    answer = await stage.home.client.call_service(
        DOMAIN, "ask", response=True, text="Which colour is the door?", images=["camera.front_door"]
    )
    assert answer["text"] == "It is red."
    sent = await stage.sent()
    (body,) = sent.questions
    assert [picture.color for picture in sent_pictures(body)] == ["red"]
    return sent


async def over_budget(stage: Stage) -> Sent:
    """Spend a budget with one turn; the next one sends nothing."""
    usage = await stage.home.client.call_service(DOMAIN, "get_usage", response=True, period="today")
    await _set_budget(stage, float(usage["cost_usd"]) + TINY_USD)
    await stage.begin()
    await stage.simulator.script({"text": "Good morning to you."})
    assert (await stage.write("Good morning")).speech == "Good morning to you."
    assert "limit" in (await stage.write("Turn on the kitchen light")).speech
    assert not await stage.is_on()
    sent = await stage.sent()
    assert len(sent.requests) == 1
    await _set_budget(stage, AMPLE_USD)
    return sent


async def _set_budget(stage: Stage, daily_usd: float) -> None:
    """Choose a budget; what ends over it is answered with a sentence."""
    options = {"budget_daily_usd": daily_usd, "budget_action": "stop"}
    await set_options(stage.home.client, stage.entry_id, agent=stage.agent, **options)  # type: ignore[arg-type]
    await stage.home.client.reload_entry(stage.entry_id)
