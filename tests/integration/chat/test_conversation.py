"""The conversation agent through Home Assistant's conversation integration, against the simulator."""

import asyncio

from homeassistant.components import conversation
from homeassistant.components.conversation import agent_manager, trace
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import chat_session
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import Call, Reply, call, calls, citation, reply, search_reply
from tests.simulator.server import Simulator
from tests.simulator.traffic import RecordedRequest

from ..agents import change_agent, state_of
from ..talk import Talk, speech, until
from ..told import blocks, without_blocks


async def test_turn_when_asked_then_answers_in_plain_words(simulator: Simulator, talk: Talk) -> None:
    """The voice gets words, the screen the markdown."""
    simulator.script(reply("It is **sunny**."))
    result = await talk("How is the weather?")
    assert speech(result) == "It is sunny."
    assert result.response.card["simple"] == {"title": "Grok", "content": "It is **sunny**."}
    assert result.conversation_id


async def test_turn_when_plain_then_no_card(simulator: Simulator, talk: Talk) -> None:
    """Where the screen would show nothing else, there is no card."""
    simulator.script(reply("Hello."))
    assert (await talk("Hi")).response.card == {}


async def test_turn_when_tool_called_then_acts(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """A command switches a real entity by Home Assistant's own tool, and the result goes back in full."""
    simulator.script(calls(call("intent__HassTurnOn", {"name": "Kitchen light"})), reply("Done."))
    result = await talk("Turn on the kitchen light")
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert speech(result) == "Done."
    output = simulator.requests[-1].body["input"][-1]
    assert output["type"] == "function_call_output"
    assert "Kitchen light" in output["output"]


@pytest.mark.parametrize("fragments", [True, False])
async def test_turn_when_parallel_calls_then_all_run(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, *, fragments: bool
) -> None:
    """Several calls of one reply, whole or in fragments, each run once and each answered."""
    simulator.script(
        calls(
            call("intent__HassTurnOn", {"name": "Kitchen light"}),
            call("intent__HassTurnOn", {"name": "Study light"}),
            fragments=fragments,
            text="One moment.",
        ),
        reply("Both are on."),
    )
    result = await talk("Turn on both lights")
    assert [state_of(hass, f"input_boolean.{room}_light").state for room in ("kitchen", "study")] == ["on", "on"]
    assert speech(result) == "Both are on."
    outputs = [item for item in simulator.requests[-1].body["input"] if item.get("type") == "function_call_output"]
    assert len(outputs) == 2


async def test_turn_when_brain_answers_then_whole_loop_works(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """Unscripted: the simulator's mind reads our prompt and tools, acts, and reads the state by tool."""
    await talk("Turn on the study light")
    assert state_of(hass, "input_boolean.study_light").state == "on"
    assert "on" in speech(await talk("Is the study light on?")).lower()


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(call("intent__HassTurnOn", '{"name": '), id="broken-json"),
        pytest.param(call("intent__HassTurnOn", "[1]"), id="no-object"),
        pytest.param(call("no_such_tool", {}), id="unknown-tool"),
        pytest.param(call("intent__HassTurnOn", {"name": 7, "sun": "x"}), id="wrong-arguments"),
        pytest.param(call("intent__HassTurnOn", {"name": "Moon base"}), id="unknown-entity"),
    ],
)
async def test_turn_when_call_is_wrong_then_model_may_correct_it(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, wrong: Call
) -> None:
    """A call that cannot be run goes back as an error; the corrected one runs."""
    simulator.script(calls(wrong), calls(call("intent__HassTurnOn", {"name": "Kitchen light"})), reply("Now it is on."))
    assert speech(await talk("Turn on the kitchen light")) == "Now it is on."
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    outputs = [item for item in simulator.requests[-1].body["input"] if item.get("type") == "function_call_output"]
    assert "rror" in outputs[0]["output"]
    assert len(outputs) == 2


async def test_turn_when_model_calls_for_ever_then_stopped_with_a_sentence(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """Ten rounds of tools are enough; the user hears that there is no answer, and that things were switched."""
    simulator.script(*[calls(call("intent__HassTurnOn", {"name": "Kitchen light"})) for _ in range(12)])
    result = await talk("Turn on the kitchen light")
    assert result.response.error_code is not None
    assert "no answer" in speech(result)
    assert "stays as it is" in speech(result)
    assert sum(request.path == "/v1/responses" for request in simulator.requests) == 10


async def test_turn_when_conversation_goes_on_then_history_is_sent_unchanged(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """The second turn begins, byte for byte, with what the first one sent but its live block: the cache holds."""
    simulator.script(calls(call("intent__HassTurnOn", {"name": "Kitchen light"})), reply("Done.", reasoning="easy"))
    first = await talk("Turn on the kitchen light")
    simulator.script(reply("You are welcome."))
    await talk("Thanks", conversation_id=first.conversation_id)
    one, two, three = [request.body for request in simulator.requests if request.path == "/v1/responses"]
    assert two["input"][: len(one["input"])] == one["input"]
    assert "Kitchen light: off" in blocks(one)[0]
    kept = without_blocks(two["input"])
    assert three["input"][: len(kept)] == kept
    (block,) = blocks(three)
    assert "Kitchen light: on" in block
    assert not [item for body in (one, two, three) for item in body["input"] if item.get("role") == "system"]
    assert (one["instructions"], one["tools"]) == (three["instructions"], three["tools"])
    assert len({body["prompt_cache_key"] for body in (one, two, three)}) == 1
    assert all(body["store"] is False for body in (one, two, three))


async def test_turn_when_another_agent_spoke_before_then_its_words_are_history(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """A conversation that began with Home Assistant's own agent goes on with ours."""
    first = await Talk(hass, conversation.HOME_ASSISTANT_AGENT)("Turn on the kitchen light")
    simulator.script(reply("Yes."))
    assert speech(await talk("Did it work?", conversation_id=first.conversation_id)) == "Yes."
    assert [item["role"] for item in simulator.requests[-1].body["input"] if "role" in item][:2] == [
        "user",
        "assistant",
    ]


async def test_turn_when_same_call_comes_twice_then_run_once(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """A call that the server repeats under one id is one call."""
    twice = Call(name="intent__HassTurnOn", arguments='{"name": "Kitchen light"}', call_id="call_same")
    simulator.script(calls(twice, twice), reply("Done."))
    assert speech(await talk("Turn on the kitchen light")) == "Done."
    outputs = [item for item in simulator.requests[-1].body["input"] if item.get("type") == "function_call_output"]
    assert len(outputs) == 1


async def test_turn_when_model_only_spoke_before_the_tool_then_those_words_stand(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """A model that announces an action and adds nothing afterwards has answered."""
    simulator.script(calls(call("intent__HassTurnOn", {"name": "Kitchen light"}), text="Turning it on."), reply(""))
    assert speech(await talk("Turn on the kitchen light")) == "Turning it on."


async def test_turn_when_reasoning_is_encrypted_then_replayed(simulator: Simulator, talk: Talk) -> None:
    """Reasoning goes back in its encrypted form, as the service asks."""
    simulator.script(reply("One.", reasoning="thinking"), reply("Two."))
    first = await talk("Count")
    await talk("Go on", conversation_id=first.conversation_id)
    assert [item.get("type", item.get("role")) for item in simulator.requests[-1].body["input"]] == [
        "user",
        "reasoning",
        "assistant",
        "user",
    ]


async def test_search_when_cited_then_shown_and_not_spoken(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """Web search stands beside the tools; its sources are on the card and not in the speech."""
    await change_agent(hass, entry, web_search=True, x_search=True)
    simulator.script(
        search_reply("It rains.", citations=[citation("https://example.org/rain", "Rain report")], inline=True)
    )
    result = await talk("Does it rain?")
    assert speech(result) == "It rains."
    assert "[Rain report](https://example.org/rain)" in result.response.card["simple"]["content"]
    types = {tool["type"] for tool in simulator.requests[-1].body["tools"]}
    assert types == {"function", "web_search", "x_search"}


@pytest.mark.parametrize(
    ("policy", "text", "goes_on"),
    [
        ("on_question", "Which one?", True),
        ("on_question", "Done.", False),
        ("never", "Which one?", False),
        ("always", "Done.", True),
    ],
)
async def test_follow_up_when_answered_then_as_the_option_says(
    hass: HomeAssistant,
    entry: GrokConfigEntry,
    simulator: Simulator,
    talk: Talk,
    policy: str,
    text: str,
    *,
    goes_on: bool,
) -> None:
    """The microphone stays open when the policy says so."""
    await change_agent(hass, entry, follow_up=policy)
    simulator.script(reply(text))
    assert (await talk("Turn on the light")).continue_conversation is goes_on


async def test_follow_up_when_turn_failed_then_never(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """An error does not keep the microphone open, whatever the policy."""
    await change_agent(hass, entry, follow_up="always")
    simulator.fault("no_model")
    assert (await talk("Hello")).continue_conversation is False


async def test_agent_when_advanced_then_request_says_so(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """Model, effort, length and temperature are sent as chosen; the template is rendered."""
    await change_agent(
        hass,
        entry,
        chat_model="grok-4.7",
        reasoning_effort="high",
        max_tokens=500,
        temperature=0.5,
        prompt="You live in {{ ha_name }}.",
    )
    await talk("Hello")
    body = simulator.requests[-1].body
    assert (body["model"], body["reasoning"], body["max_output_tokens"], body["temperature"]) == (
        "grok-4.7",
        {"effort": "high"},
        500,
        0.5,
    )
    assert body["instructions"].startswith("You live in test home.")


async def test_agent_when_model_is_retired_then_successor_asked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """A name of an older configuration still works."""
    await change_agent(hass, entry, chat_model="grok-3-mini")
    assert (await talk("Hello")).response.error_code is None
    assert simulator.requests[-1].body["model"] == "grok-4.3"


async def test_agent_when_it_has_no_tools_then_none_sent(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, home: None, talk: Talk
) -> None:
    """An agent without an API only talks: no tools, no names of entities, no CONTROL feature."""
    await change_agent(hass, entry, llm_hass_api=[])
    simulator.script(reply("Hello."))
    await talk("Hello")
    body = simulator.requests[-1].body
    assert "tools" not in body
    assert "Kitchen light" not in body["instructions"]
    assert state_of(hass, "conversation.grok").attributes["supported_features"] == 0


async def test_agent_when_it_has_an_own_key_then_that_one_asks(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """An agent's own key is used for its turns; if refused, no one is asked for the account's."""
    await change_agent(hass, entry, api_key="xai-agent-own-key")
    await talk("Hello")
    account = next(request for request in simulator.requests if request.path == "/v1/api-key")
    assert simulator.requests[-1].headers["authorization"] != account.headers["authorization"]
    simulator.revoke("xai-agent-own-key")
    assert "own API key" in speech(await talk("Hello"))
    assert hass.config_entries.flow.async_progress() == []


async def test_trace_when_turn_ends_then_tokens_and_cost(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """The conversation trace tells what a turn cost."""
    simulator.script(calls(call("intent__HassTurnOn", {"name": "Kitchen light"})), reply("Done."))
    await talk("Turn on the kitchen light")
    events = trace.async_get_traces()[-1].as_dict()["events"]
    (stats,) = [event["data"]["stats"] for event in events if "stats" in event["data"]]
    assert stats["rounds"] == 2
    assert stats["input_tokens"] > stats["cached_input_tokens"] > 0
    assert stats["output_tokens"] > 0
    assert 0 < stats["cost_usd"] < 0.1
    assert stats["model"] == "grok-4.3"


async def test_conversations_when_ten_at_once_then_not_mixed(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk
) -> None:
    """Ten turns with tools at the same time: each gets its own answer, each request only its own words."""

    def answer(request: RecordedRequest) -> Reply:
        """Call a tool first, then answer with the number that was asked for."""
        items = request.body["input"]
        number = without_blocks(items)[0]["content"].rsplit(maxsplit=1)[-1]
        if items[-1].get("type") == "function_call_output":
            return reply(f"Number {number}.")
        return calls(call("intent__HassTurnOn", {"name": "Kitchen light"}))

    simulator.pace(first_delta_s=0.05)
    simulator.script(*[answer] * 20)
    results = await asyncio.gather(*[talk(f"Say number {number}") for number in range(10)])
    assert [speech(result) for result in results] == [f"Number {number}." for number in range(10)]
    assert len({result.conversation_id for result in results}) == 10
    for request in simulator.requests:
        if request.path == "/v1/responses":
            assert sum(item.get("role") == "user" for item in request.body["input"]) == 1


async def test_turn_when_unloaded_in_the_middle_then_ends_with_a_sentence(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """Unloading ends a running turn at once, in words, and the entry works again afterwards."""
    simulator.pace(first_delta_s=20)
    turn = asyncio.create_task(talk("Hello"))
    await until(lambda: simulator.requests[-1].path == "/v1/responses")
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert "switched off" in speech(await asyncio.wait_for(turn, 2))
    simulator.pace(first_delta_s=0)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    simulator.script(reply("Hello again."))
    assert speech(await talk("Hello")) == "Hello again."


@pytest.mark.parametrize("expected_lingering_timers", [True])  # Home Assistant's own, of its sessions
async def test_turn_when_home_assistant_stops_then_ends_with_a_sentence(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """A silent service holds nothing up when the home stops, which takes no entity away."""
    simulator.pace(first_delta_s=20)
    turn = asyncio.create_task(talk("Hello"))
    await until(lambda: simulator.requests[-1].path == "/v1/responses")
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    assert "switched off" in speech(await asyncio.wait_for(turn, 5))


async def test_stream_when_answer_comes_then_deltas_at_once(
    hass: HomeAssistant, simulator: Simulator, talk: Talk
) -> None:
    """The chat log's listener hears the first words while the rest is still being made."""
    heard: list[str] = []

    def listen(chat_log: conversation.ChatLog, delta: dict[str, object]) -> None:
        """Keep what is said."""
        if delta.get("content"):
            heard.append(str(delta["content"]))

    simulator.pace(tokens_per_s=50)
    simulator.script(reply("One two three four five six seven eight."))
    with (
        chat_session.async_get_chat_session(hass) as session,
        conversation.async_get_chat_log(hass, session, chat_log_delta_listener=listen),
    ):
        await talk("Count", conversation_id=session.conversation_id)
    assert len(heard) > 2
    assert "".join(heard) == "One two three four five six seven eight."


async def test_agent_when_started_then_tools_are_ready_before_the_first_turn(
    hass: HomeAssistant, home: None, entry: GrokConfigEntry
) -> None:
    """The first turn finds its tools converted; a mistake in the template does not keep the agent from starting."""
    assert entry.runtime_data.toolbox._converted
    await change_agent(hass, entry, prompt="{{ 1 / 0 }}", llm_hass_api=["gone"])
    assert state_of(hass, "conversation.grok").state == "unknown"


async def test_agent_when_unloaded_while_it_gets_ready_then_no_trace(
    hass: HomeAssistant, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """Preparing goes on for a moment after the entry is gone; seen in the log of a disabled entry."""
    agent = agent_manager.async_get_agent(hass, "conversation.grok")
    assert agent is not None
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not hasattr(entry, "runtime_data")
    await agent.async_prepare("en")
