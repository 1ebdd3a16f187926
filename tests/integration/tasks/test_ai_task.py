"""Data of AI tasks, asked for over Home Assistant's own services."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
import json
from typing import Any, override

from homeassistant.components import ai_task
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm
import pytest
import voluptuous as vol

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..apis import LibraryError
from ..guarded_home import GuardedHome
from ..talk import until
from ..told import NOTE
from ..usage import sensor, set_options, spend
from .tasks import ENTITY, bodies, draw, generate

pytestmark = pytest.mark.usefixtures("folder")

NUMBER = {"selector": {"number": {"min": 0, "max": 10}}, "required": True, "description": "How many"}
TEXT = {"selector": {"text": {}}, "required": True}


async def test_text_is_given_as_it_was_written(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """Nobody hears it: markdown, links and lines stay."""
    simulator.script(reply("# Title\n\n- **one** [1]\n- [two](https://example.org) 😀"))
    assert await generate(hass) == "# Title\n\n- **one** [1]\n- [two](https://example.org) 😀"
    (body,) = bodies(simulator)
    assert "text" not in body
    assert body["store"] is False
    assert float(sensor(hass, entry, "cost_today")) > 0


@pytest.mark.parametrize("value", ["summary", "empty", "response_tag"])
async def test_text_when_a_reply_is_only_reasoning_then_asked_on_or_read(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, value: str
) -> None:
    """A task without a structure gets its text, as a typed turn does."""
    simulator.dialect("reasoning_only", value)
    simulator.script(reply("# Four", reasoning="two and two"))
    assert await generate(hass) == "# Four"
    assert len(bodies(simulator)) == (1 if value == "response_tag" else 2)


@pytest.mark.parametrize("work", [generate, draw])
@pytest.mark.parametrize("is_stopping", [True, False], ids=("stop", "unload"))
async def test_task_when_its_home_leaves_then_ends_at_once(
    hass: HomeAssistant,
    entry: GrokConfigEntry,
    simulator: Simulator,
    work: Callable[[HomeAssistant], Coroutine[object, object, object]],
    *,
    is_stopping: bool,
) -> None:
    """A silent service holds up neither a reload nor the end of Home Assistant, and money is not held for it."""
    before = len(simulator.requests)
    simulator.fault("silent", times=None, path="*")
    task = asyncio.create_task(work(hass))
    await until(lambda: len(simulator.requests) > before)
    if is_stopping:
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    else:
        await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(HomeAssistantError, match="switched off"):
        await asyncio.wait_for(task, 5)


async def test_data_has_the_wanted_form(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """The service enforces the form that was sent, and Home Assistant's own selectors look at the answer."""
    simulator.script(reply('{"count": 3, "name": "three"}'))
    data = await generate(hass, structure={"count": NUMBER, "name": TEXT})
    assert data == {"count": 3, "name": "three"}
    wanted = bodies(simulator)[0]["text"]["format"]
    assert wanted["type"] == "json_schema"
    assert wanted["name"] == "test_task"
    assert wanted["strict"] is True
    assert wanted["schema"]["required"] == ["count", "name"]
    assert wanted["schema"]["additionalProperties"] is False


async def test_wrong_form_is_corrected_once(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """The model is told what was wrong."""
    simulator.script(reply('{"count": "many"}'), reply('{"count": 4}'))
    assert await generate(hass, structure={"count": NUMBER}) == {"count": 4}
    first, second = bodies(simulator)
    assert len(second["input"]) > len(first["input"])
    told = second["input"][-1]
    assert told["role"] == "user"
    assert told["content"].startswith(NOTE)
    assert "count" in told["content"]
    assert second["text"] == first["text"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ('{"count": "many"}', "count must be a number"),
        ('{"count": 11}', "count"),
        ("{}", "count"),
        ('{"count": 1, "more": 2}', "more"),
        ("I cannot do that.", "JSON"),
    ],
)
async def test_wrong_form_twice_is_an_error_that_names_the_field(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, answer: str, words: str
) -> None:
    """Never a wrong type."""
    simulator.script(reply(answer), reply(answer))
    with pytest.raises(HomeAssistantError, match=f"wanted form: .*{words}"):
        await generate(hass, structure={"count": NUMBER})


class FlagTool(llm.Tool):
    """Notes that it was called."""

    name = "set_flag"
    description = "Sets a flag"
    integration = "test"

    def __init__(self, error: Exception | type[Exception] | None = None) -> None:
        """Start without calls."""
        self.calls = 0
        self._error = error

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        """Count the call."""
        self.calls += 1
        if self._error is not None:
            raise self._error
        return llm.ToolResult(data={"flag": "set"})


class FlagApi(llm.API):
    """Offers the tool."""

    def __init__(self, hass: HomeAssistant, tool: FlagTool) -> None:
        """Offer a tool."""
        super().__init__(hass=hass, id="flags", name="Flags")
        self._tool = tool

    @override
    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Return the tool."""
        return llm.APIInstance(self, "Set flags.", llm_context, [self._tool])


async def test_data_comes_through_tools(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """Where another integration lends the task an API, the model uses it before it answers."""
    tool = FlagTool()
    simulator.script(calls(call("set_flag", {})), reply('{"done": true}'))
    result = await ai_task.async_generate_data(
        hass,
        task_name="switch",
        entity_id=ENTITY,
        instructions="Set the flag",
        structure=vol.Schema({vol.Required("done"): bool}),
        llm_api=FlagApi(hass, tool),
    )
    assert result.data == {"done": True}
    assert tool.calls == 1


@pytest.mark.parametrize("error", [LibraryError, TimeoutError, HomeAssistantError("The flag is stuck")])
async def test_tool_that_breaks_is_told_to_the_model(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, error: Exception | type[Exception]
) -> None:
    """Whatever a lent tool raises, the model is told and answers."""
    tool = FlagTool(error)
    simulator.script(calls(call("set_flag", {})), reply("It is stuck."))
    result = await ai_task.async_generate_data(
        hass, task_name="switch", entity_id=ENTITY, instructions="Set the flag", llm_api=FlagApi(hass, tool)
    )
    assert result.data == "It is stuck."
    assert sensor(hass, entry, "errors") == "0"


async def test_task_that_would_open_something_is_refused(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """Nobody is there to be asked: the model is told that it was not done."""
    home = GuardedHome(hass)
    await home.set_up()
    unlock = call("intent__HassTurnOff", {"name": "Front door", "domain": ["lock"]})
    simulator.script(calls(unlock), reply("I may not unlock it."))
    result = await ai_task.async_generate_data(
        hass, task_name="door", entity_id=ENTITY, instructions="Unlock the front door", llm_api=_Assist(hass)
    )
    assert result.data == "I may not unlock it."
    assert home.done == []
    assert "nobody who could be asked" in json.dumps(simulator.requests[-1].body["input"])


class _Assist(llm.API):
    """Home Assistant's own API, lent to a task."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Have another name."""
        super().__init__(hass=hass, id="lent", name="Lent")

    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Offer all of Assist's tools."""
        instance = await llm.async_get_api(
            self.hass, llm.LLM_API_ASSIST, replace(llm_context, assistant="conversation")
        )
        return llm.APIInstance(self, "", instance.llm_context, instance.tools)


async def test_task_that_takes_too_long_ends(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """Data and pictures, at the time that the user chose; the time for limits is no time for the answer."""
    await set_options(hass, entry, turn_timeout_s=5)
    simulator.fault("silent", times=None, path="*")
    async with asyncio.timeout(15):
        for told in await asyncio.gather(generate(hass), draw(hass), return_exceptions=True):
            assert isinstance(told, HomeAssistantError)
            assert "within 5 seconds" in str(told)


@pytest.mark.parametrize(
    ("fault", "words"), [("bad_key", "API key"), ("no_credits", "credits"), ("truncated", "interrupted|broke|end")]
)
async def test_failure_is_a_sentence(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, fault: str, words: str
) -> None:
    """As everywhere; it is counted."""
    simulator.fault(fault)
    with pytest.raises(HomeAssistantError, match=f"(?i){words}"):
        await generate(hass)
    assert sensor(hass, entry, "errors") == "1"
    assert await generate(hass)


async def test_wrong_form_is_counted(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """A task without its data has failed like any other."""
    simulator.script(reply("{}"), reply("{}"))
    with pytest.raises(HomeAssistantError, match="wanted form"):
        await generate(hass, structure={"count": NUMBER})
    assert sensor(hass, entry, "errors") == "1"
    assert sensor(hass, entry, "requests") == "2"


async def test_budget_stops_tasks_and_pictures(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """Nothing is asked where nothing may be spent."""
    await set_options(hass, entry, budget_daily_usd=1.0)
    spend(entry, 1.5)
    for service in (generate, draw):
        with pytest.raises(HomeAssistantError, match="limit"):
            await service(hass)
    assert not bodies(simulator)
    assert not bodies(simulator, "/v1/images/generations")


async def test_forms_choose_models(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, media: object
) -> None:
    """The subentry's own form: model, thinking, searches, and the model for pictures."""
    subentry = next(iter(entry.get_subentries_of_type("ai_task_data")))
    flow = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "ai_task_data"), context={"source": "reconfigure", "subentry_id": subentry.subentry_id}
    )
    flow = await hass.config_entries.subentries.async_configure(
        flow["flow_id"], {"name": "Grok AI Task", "recommended": False}
    )
    assert flow["step_id"] == "advanced"
    flow = await hass.config_entries.subentries.async_configure(
        flow["flow_id"],
        {"chat_model": "grok-4.6", "web_search": True, "image_model": "grok-imagine-image-quality"},
    )
    assert flow["type"] == "abort"
    assert flow["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    await generate(hass)
    (body,) = bodies(simulator)
    assert body["model"] == "grok-4.6"
    assert {"type": "web_search"} in body["tools"]
    assert (await draw(hass))["model"] == "grok-imagine-image-quality"
    assert json.dumps(body)


@pytest.mark.parametrize("structure", [None, {"count": NUMBER, "name": TEXT}])
async def test_answer_that_is_cut_is_none(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, structure: dict[str, Any] | None
) -> None:
    """Half a list is no list; asking again would meet the same limit."""
    subentry = next(iter(entry.get_subentries_of_type("ai_task_data")))
    data = {"recommended": False, "max_tokens": 12, "chat_model": "grok-4.20-0309-non-reasoning"}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    await hass.async_block_till_done()
    simulator.script(reply('{"count": 3, "name": "' + "word " * 100 + '"}'))
    with pytest.raises(HomeAssistantError, match="met its limit of length"):
        await generate(hass, "Count", **_given(structure=structure))
    assert len(bodies(simulator)) == 1


def _given(**fields: Any) -> dict[str, Any]:
    """Leave out what is not given."""
    return {name: value for name, value in fields.items() if value is not None}
