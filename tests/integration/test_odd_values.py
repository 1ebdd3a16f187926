"""Values that JSON has no form for: they come from tools, templates and automations, and must block nothing."""

from datetime import timedelta
from decimal import Decimal
import logging
from types import SimpleNamespace
from typing import Any, override

from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import llm
from homeassistant.setup import async_setup_component
import pytest

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import Reply, call, calls, reply
from tests.simulator.server import Simulator
from tests.simulator.traffic import RecordedRequest

from .agents import change_agent, change_voice, state_of
from .talk import Talk, speech
from .tasks.tasks import bodies, draw, generate, task_entity
from .test_ask import ask
from .voice.spoken import sentence, speak

ICCID = 89490200001234567890
"""Of a SIM card: more than 64 bits."""
HALF = "half \ud83d a face"
WHOLE = "half \ufffd a face"
ODD: list[Any] = [ICCID, {"number": ICCID}, Decimal("1.5"), timedelta(1), b"\x00\xff", HALF, {HALF: {1, 2}}, object()]


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep what is no text out of the captured log: the processes of the tests could not hand it to each other."""
    caplog.set_level(logging.ERROR)


class _OddTool(llm.Tool):
    """Gives whatever it is made with."""

    name = "look_up"
    description = "Look it up"
    integration = "test"

    def __init__(self, value: Any) -> None:
        """Give a value."""
        self._value = value

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        """Give it."""
        return llm.ToolResult(data={"value": self._value})


class _OddApi(llm.API):
    """Offers that tool."""

    def __init__(self, hass: HomeAssistant, value: object) -> None:
        """Give a value."""
        super().__init__(hass=hass, id="odd", name="Odd")
        self._value = value

    @override
    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Offer the tool."""
        return llm.APIInstance(self, "Look it up.", llm_context, [_OddTool(self._value)])


@pytest.mark.parametrize("value", ODD, ids=lambda value: type(value).__name__)
async def test_result_of_a_tool_is_told_as_text(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk, value: object
) -> None:
    """In the turn that called it, and in those after it."""
    llm.async_register_api(hass, _OddApi(hass, value))
    await change_agent(hass, entry, llm_hass_api=["odd"])
    simulator.script(calls(call("look_up")), reply("There it is."), reply("You are welcome."))
    assert speech(await talk("Look it up", conversation_id="odd")) == "There it is."
    assert speech(await talk("Thank you", conversation_id="odd")) == "You are welcome."
    (output,) = (
        item["output"] for item in bodies(simulator)[-1]["input"] if item.get("type") == "function_call_output"
    )
    assert output.startswith('{"value":')


async def test_result_of_a_tool_is_told_to_a_voice(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """In the session, and in the record for the next one."""
    llm.async_register_api(hass, _OddApi(hass, ICCID))
    await change_voice(hass, entry, llm_hass_api=["odd"], keep_open_s=0)
    simulator.script(calls(call("look_up")), reply("There it is."), reply("You are welcome."))
    first = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert first.speech == "There it is."
    again = await speak(hass, sentence("good_morning"), pipeline_id=voice, conversation_id=first.conversation_id)
    assert again.speech == "You are welcome."
    (told,) = (sent.body["item"] for sent in simulator.sessions[0].sent("conversation.item.create"))
    assert told["output"] == f'{{"value":"{ICCID}"}}'


async def test_answer_of_a_script_blocks_no_conversation(
    hass: HomeAssistant, entry: GrokConfigEntry, home: None, simulator: Simulator
) -> None:
    """A template gives a number of twenty digits as a number."""
    steps = [
        {"action": "input_boolean.turn_on", "target": {"entity_id": "input_boolean.kitchen_light"}},
        {"variables": {"card": {"iccid": f"{{{{ {ICCID} }}}}"}}},
        {"stop": "", "response_variable": "card"},
    ]
    script = {"sim": {"alias": "SIM card", "description": "Tells the number of the SIM card", "sequence": steps}}
    assert await async_setup_component(hass, "script", {"script": script})
    async_expose_entity(hass, "conversation", "script.sim", should_expose=True)
    await hass.async_block_till_done()

    def look_up(request: RecordedRequest) -> Reply:
        """Call the script, whatever it is called."""
        return calls(call(next(tool["name"] for tool in request.body["tools"] if tool["name"].endswith("sim"))))

    simulator.script(look_up, reply("It begins with 8949."), reply("You are welcome."))
    assert (await ask(hass, "The number?", conversation_id="card"))["text"] == "It begins with 8949."
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert (await ask(hass, "Thank you", conversation_id="card"))["text"] == "You are welcome."


@pytest.mark.parametrize("field", ["text", "instructions", "conversation_id"])
async def test_question_with_half_a_character_is_asked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, field: str
) -> None:
    """A template that cuts a text may cut a face in two; the account can be unloaded afterwards."""
    fields: dict[str, Any] = {"text": "Hello", field: HALF}
    answer = await ask(hass, **fields)
    sent = str(bodies(simulator)[-1]) + answer["conversation_id"]
    assert WHOLE in sent
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_typed_half_a_character_is_remembered_whole(
    hass: HomeAssistant, hass_storage: dict[str, Any], entry: GrokConfigEntry, talk: Talk
) -> None:
    """Nothing of a conversation keeps the account from being unloaded."""
    await conversation.async_converse(hass, HALF, HALF, Context(), agent_id="conversation.grok")
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert WHOLE in str(hass_storage[f"grok_assist.memory.{entry.entry_id}"])


async def test_tasks_with_half_a_character_are_done(
    hass: HomeAssistant, folder: object, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """Instructions, descriptions of fields, prompts of pictures."""
    assert await generate(hass, HALF)
    simulator.script(reply('{"name": "Ada"}'))
    field = {"description": HALF, "selector": {"text": {}}}
    assert await generate(hass, structure={"name": field}) == {"name": "Ada"}
    assert all(WHOLE in str(body) for body in bodies(simulator))
    await draw(hass, HALF)
    assert bodies(simulator, "/v1/images/generations")[-1]["prompt"] == WHOLE


@pytest.mark.parametrize("state", ODD, ids=lambda value: type(value).__name__)
async def test_situation_is_judged_whatever_it_holds(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, state: object
) -> None:
    """The state of an evaluation is what a template gave."""
    monkeypatch.setattr("homeassistant.components.ai_task.EvaluationTaskResult", SimpleNamespace, raising=False)
    monkeypatch.setattr("homeassistant.components.ai_task.NoulAnswer", SimpleNamespace, raising=False)
    simulator.script(reply('{"q0": 0.9}'))
    questions = {"anybody": {"type": "noul", "instructions": "Is anybody there?"}}
    task = SimpleNamespace(name="judge", questions=questions, state=state, attachments=None)
    assert (await task_entity(hass)._async_evaluate(task)).answers
    assert len(bodies(simulator)) == 1
