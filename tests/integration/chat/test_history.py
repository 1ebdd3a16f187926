"""What was said before: bounded, folded into a summary, kept over a restart, and forgotten when asked."""

import asyncio
from dataclasses import replace
import json
from typing import Any

from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import area_registry as ar, device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed
import voluptuous as vol

from custom_components.grok_assist.account.meter import UsagePeriod
from custom_components.grok_assist.chat.summary import Summariser
from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.runtime import GrokConfigEntry
from custom_components.grok_assist.services import ServiceDeadlines, async_register_services
from tests.simulator.jsontypes import JsonObject
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..agents import agent_entity, change_agent, first
from ..talk import Talk, until
from ..told import without_blocks


def inputs(simulator: Simulator) -> list[list[JsonObject]]:
    """Return the input of each request for an answer, without live blocks."""
    return [without_blocks(request.body["input"]) for request in simulator.requests if request.path == "/v1/responses"]


def summaries(simulator: Simulator) -> list[JsonObject]:
    """Return the requests for a summary."""
    return [
        request.body
        for request in simulator.requests
        if request.path == "/v1/responses" and "memory of a conversation" in request.body["instructions"]
    ]


async def forget(hass: HomeAssistant, context: Context | None = None, **fields: str) -> object:
    """Call the service; return how many conversations it was."""
    result = await hass.services.async_call(
        DOMAIN, "forget", fields, blocking=True, return_response=True, context=context
    )
    assert result is not None
    return result["forgotten"]


async def restart(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Let the account and Home Assistant's own chat logs begin anew, as after a restart."""
    await hass.config_entries.async_unload(entry.entry_id)
    for session in list(hass.data["chat_session"].values()):
        session.async_cleanup()
    hass.data["chat_session"].clear()
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def test_history_when_longer_than_its_turns_then_folded_into_a_summary(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """What is beyond the limit is summarised in the background, once, and the summary is told from then on."""
    await change_agent(hass, entry, history_turns=2)
    simulator.script(reply("Noted one."), reply("Noted two."), reply("Noted three."), reply("They counted to three."))
    for number in ("one", "two", "three"):
        await talk(f"Remember {number}", conversation_id="counting")
    await until(lambda: len(summaries(simulator)) == 1)
    await hass.async_block_till_done(wait_background_tasks=True)
    (summary,) = summaries(simulator)
    assert "Remember one" in json.dumps(summary["input"])
    # Nobody waits for thoughts about it, and it is paid by its length.
    assert (summary["reasoning"], summary["max_output_tokens"]) == ({"effort": "none"}, 400)
    simulator.script(reply("Yes."))
    await talk("And now?", conversation_id="counting")
    last = inputs(simulator)[-1]
    assert "They counted to three." in last[0]["content"]
    assert [item["content"] for item in last[1:] if item.get("role") == "user"] == ["Remember three", "And now?"]
    assert len(summaries(simulator)) == 1


async def test_history_when_tokens_are_few_then_oldest_is_not_told(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """The bound holds at once, whether there is a summary or not."""
    await change_agent(hass, entry, history_tokens=200)
    long = "word " * 300
    simulator.script(*[reply("Fine.") for _ in range(4)])
    await talk(f"First {long}", conversation_id="long")
    await talk("Second", conversation_id="long")
    assert "First word" not in json.dumps(inputs(simulator)[-1])


async def test_tool_result_when_huge_then_only_the_words_are_told_again(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry
) -> None:
    """What a tool returned does not crowd out the conversation."""
    await change_agent(hass, entry, history_tokens=200)
    for number in range(40):
        hass.states.async_set(f"sensor.s{number}", "1", {"friendly_name": f"Sensor number {number}"})
        async_expose_entity(hass, "conversation", f"sensor.s{number}", should_expose=True)
    simulator.script(calls(call("homeassistant__GetLiveContext", {})), reply("I looked."), reply("Yes."))
    await talk("Look", conversation_id="looking")
    await talk("Did you look?", conversation_id="looking")
    last = inputs(simulator)[-1]
    assert [item.get("type", item.get("role")) for item in last] == ["user", "assistant", "user"]


async def test_conversation_when_home_assistant_restarts_then_remembered(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """A conversation goes on after a restart, with the same person only."""
    simulator.script(reply("Hello Anna."))
    await talk("My name is Anna", conversation_id="diary")
    await restart(hass, entry)
    simulator.script(reply("Anna."))
    await talk("Who am I?", conversation_id="diary")
    assert [item["content"] for item in inputs(simulator)[-1]] == ["My name is Anna", "Hello Anna.", "Who am I?"]
    await restart(hass, entry)
    stranger = await hass.auth.async_create_user("Stranger")
    simulator.script(reply("I do not know."))
    await conversation.async_converse(
        hass, "Who am I?", "diary", Context(user_id=stranger.id), language="en", agent_id="conversation.grok"
    )
    assert "Anna" not in json.dumps(inputs(simulator)[-1])


async def test_conversation_when_only_the_account_is_reloaded_then_told_once(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """Home Assistant still has the chat log, however often the options change."""
    simulator.script(reply("Hello Anna."), reply("Anna."), reply("Anna."))
    first = await talk("My name is Anna")
    await hass.config_entries.async_reload(entry.entry_id)
    await talk("Who am I?", conversation_id=first.conversation_id)
    await hass.config_entries.async_reload(entry.entry_id)
    await talk("Who am I now?", conversation_id=first.conversation_id)
    said = [item["content"] for item in inputs(simulator)[-1]]
    assert said == ["My name is Anna", "Hello Anna.", "Who am I?", "Anna.", "Who am I now?"]


async def test_satellite_when_its_conversation_is_long_over_then_goes_on(
    hass: HomeAssistant, simulator: Simulator, home: None, talk: Talk, entry: GrokConfigEntry
) -> None:
    """A room's new conversation knows the last one there; another room's does not."""
    rooms = {}
    for room in ("Kitchen", "Study"):
        device = dr.async_get(hass).async_get_or_create(config_entry_id=entry.entry_id, identifiers={("test", room)})
        area = ar.async_get(hass).async_get_area_by_name(room)
        assert area is not None
        dr.async_get(hass).async_update_device(device.id, area_id=area.id)
        rooms[room] = device.id
    simulator.script(reply("Flour noted."))
    await talk("I need flour", device_id=rooms["Kitchen"])
    await restart(hass, entry)
    simulator.script(reply("Nothing."), reply("Flour."))
    await talk("What do I need?", device_id=rooms["Study"])
    assert "flour" not in json.dumps(inputs(simulator)[-1])
    await talk("What do I need?", device_id=rooms["Kitchen"])
    assert "I need flour" in json.dumps(inputs(simulator)[-1])


async def test_memory_when_user_wants_none_then_nothing_on_disk(
    hass: HomeAssistant, hass_storage: dict[str, Any], simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """With no hours to remember nothing is written, and nothing is known after a restart."""
    await change_agent(hass, entry, history_hours=0)
    simulator.script(reply("Noted."), reply("No."))
    await talk("The code is 4711", conversation_id="secret")
    await restart(hass, entry)
    assert "4711" not in json.dumps(hass_storage)
    await talk("The code?", conversation_id="secret")
    assert "4711" not in json.dumps(inputs(simulator)[-1])


async def test_forget_when_called_then_erased_everywhere(
    hass: HomeAssistant, hass_storage: dict[str, Any], simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """What is forgotten is in no file and in no further request, though Home Assistant still has its chat log."""
    simulator.script(reply("Noted."), reply("Noted, too."), reply("No."))
    await talk("The code is 4711", conversation_id="one")
    await talk("The code is 4712", conversation_id="two")
    assert await forget(hass, agent="conversation.grok", conversation_id="one") == 1
    stored = json.dumps(hass_storage[f"grok_assist.memory.{entry.entry_id}"])
    assert ("4711" in stored, "4712" in stored) == (False, True)
    await talk("The code?", conversation_id="one")
    assert "4711" not in json.dumps(inputs(simulator)[-1])
    assert await forget(hass) == 2


async def test_memory_when_turn_is_over_then_written_soon(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    talk: Talk,
    entry: GrokConfigEntry,
    freezer: Any,
) -> None:
    """At most half a minute is lost, however often somebody speaks."""
    simulator.script(*[reply("Yes.") for _ in range(4)])
    for _ in range(4):
        await talk("Still there?", conversation_id="chat")
        freezer.tick(10)
        async_fire_time_changed(hass)
        await hass.async_block_till_done()
    stored = hass_storage[f"grok_assist.memory.{entry.entry_id}"]["data"]
    assert stored["conversations"][0]["agent"] == first(entry).subentry_id


async def test_memory_when_an_automation_asks_again_and_again_then_stays_small(
    hass: HomeAssistant, entry: GrokConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """Each question without an id is a conversation of its own; only the newest hundred are kept."""
    ids = []
    for number in range(105):
        answer = await hass.services.async_call(
            "grok_assist", "ask", {"text": f"Say {number}"}, blocking=True, return_response=True
        )
        assert answer is not None
        ids.append(answer["conversation_id"])
    await entry.runtime_data.memory.async_save()
    stored = hass_storage[f"grok_assist.memory.{entry.entry_id}"]["data"]["conversations"]
    assert [row["conversation_id"] for row in stored] == ids[5:]


async def test_forget_when_account_is_not_loaded_then_erased_in_its_file(
    hass: HomeAssistant, hass_storage: dict[str, Any], simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """Whoever wants something forgotten need not wait until xAI can be reached again."""
    simulator.script(reply("Noted."), reply("Noted."), reply("No."))
    await talk("The code is 4711", conversation_id="one")
    await talk("The cat is called Ada", conversation_id="two")
    await hass.config_entries.async_unload(entry.entry_id)
    assert await forget(hass, agent="conversation.grok", conversation_id=" one ") == 1
    stored = json.dumps(hass_storage[f"grok_assist.memory.{entry.entry_id}"])
    assert ("4711" in stored, "Ada" in stored) == (False, True)
    with pytest.raises(vol.Invalid):
        await forget(hass, conversation_id="")  # of an empty template: not everything
    assert await forget(hass) == 1
    await restart(hass, entry)
    await talk("The code?", conversation_id="one")
    assert "4711" not in json.dumps(inputs(simulator)[-1])
    await hass.config_entries.async_remove(entry.entry_id)
    with pytest.raises(ServiceValidationError, match="No xAI account"):
        await forget(hass)


async def test_forget_when_a_user_asks_then_only_their_own(
    hass: HomeAssistant, entry: GrokConfigEntry, hass_read_only_user: MockUser, hass_admin_user: MockUser
) -> None:
    """Nobody erases what others said by guessing an id; an administrator may."""
    people: list[tuple[str, str | None]] = [
        ("own", hass_read_only_user.id), ("hers", hass_admin_user.id), ("kitchen", None), ("door", None)
    ]  # fmt: skip
    for name, user_id in people:
        said = {"language": "en", "agent_id": "conversation.grok"}
        await conversation.async_converse(hass, "Hello", name, Context(user_id=user_id), **said)
    reader, admin = Context(user_id=hass_read_only_user.id), Context(user_id=hass_admin_user.id)
    assert await forget(hass, reader, conversation_id="hers") == 0
    assert await forget(hass, reader, conversation_id="kitchen") == 0
    assert await forget(hass, reader) == 1
    assert await forget(hass, admin, conversation_id="kitchen") == 1
    assert await forget(hass) == 2


async def test_memory_when_user_wants_none_any_more_then_erased_at_once(
    hass: HomeAssistant, hass_storage: dict[str, Any], simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """Not only with the next turn; the words of a deleted agent go with it."""
    simulator.script(reply("Noted."), reply("Noted."))
    key = f"grok_assist.memory.{entry.entry_id}"
    await talk("The code is 4711", conversation_id="secret")
    await change_agent(hass, entry, history_hours=24)
    assert "4711" in json.dumps(hass_storage[key])
    await change_agent(hass, entry, history_hours=0)
    assert "4711" not in json.dumps(hass_storage[key])
    await change_agent(hass, entry, history_hours=24)
    await talk("The code is 4712", conversation_id="secret")
    hass.config_entries.async_remove_subentry(entry, first(entry).subentry_id)
    await hass.async_block_till_done()
    assert "4712" not in json.dumps(hass_storage[key])


async def test_forget_when_account_never_ends_loading_then_says_so(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Nobody waits for ever."""
    async_register_services(hass, ServiceDeadlines(setup_s=0.1))
    await hass.config_entries.async_unload(entry.entry_id)
    async with asyncio.timeout(5), entry.setup_lock:
        with pytest.raises(ServiceValidationError, match="is not loaded"):
            await forget(hass)
    assert await forget(hass) == 0


async def test_summary_when_it_is_always_empty_then_a_handful_of_bounded_requests(
    hass: HomeAssistant, hass_storage: dict[str, Any], simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """What never comes is not asked for at every turn, ever dearer."""

    def answer(request: Any) -> Any:
        """Answer every question, and summarise nothing."""
        is_summary = "memory of a conversation" in request.body["instructions"]
        return reply("" if is_summary else "A fairly long answer. " * 30)

    await change_agent(hass, entry, history_turns=4)
    simulator.script(*[answer] * 80)
    for number in range(25):
        await talk(f"Question {number}", conversation_id="endless")
        await hass.async_block_till_done(wait_background_tasks=True)
    sizes = [len(json.dumps(body)) for body in summaries(simulator)]
    assert 2 <= len(sizes) <= 6
    assert max(sizes) < 10_000
    await entry.runtime_data.memory.async_save()
    assert len(json.dumps(hass_storage[f"grok_assist.memory.{entry.entry_id}"])) < 16_000


async def test_summary_when_it_never_comes_to_an_end_then_given_up_and_booked(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, entry: GrokConfigEntry
) -> None:
    """Nobody waits for it, so nobody would end it: neither what it costs nor the money that is held for it."""

    def answer(request: Any) -> Any:
        """Write a word now and then, for minutes."""
        simulator.pace(tokens_per_s=10)
        return reply("and so on " * 2_000)

    simulator.script(*[reply("Noted.")] * 3, answer)
    for number in ("one", "two", "three"):
        await talk(f"Remember {number}", conversation_id="counting")
    runtime, agent = entry.runtime_data, agent_entity(hass)
    settings = replace(agent.settings, history=replace(agent.settings.history, turns=2))
    client = agent.agent_client.with_options(settings=settings)
    summariser = Summariser(client=client, memory=runtime.memory, longest_s=0.5)
    remembered = runtime.memory.async_find(
        first(entry).subentry_id, conversation_ids=("counting",), user_id=None, device_id=None
    )
    assert remembered is not None
    assert summariser.is_due(remembered)
    async with asyncio.timeout(5):
        await summariser.run(remembered)
    assert len(summaries(simulator)) == 1
    assert runtime.meter.page(UsagePeriod.TODAY).by_kind()["summary"].requests == 1
    assert runtime.meter._reservations.held_usd == 0
