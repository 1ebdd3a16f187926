"""What goes wrong around a question of an automation, and what must not be left behind."""

import asyncio
import json
from typing import override

from homeassistant.components.conversation.chat_log import DATA_CHAT_LOGS, current_chat_log
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er, llm
from homeassistant.helpers.chat_session import current_session
import pytest

from custom_components.grok_assist.ask import AskDeadlines
from custom_components.grok_assist.core.home.assist_prompt import PICTURE_RULE
from custom_components.grok_assist.grok.patience import Patience
from custom_components.grok_assist.runtime import GrokConfigEntry
from custom_components.grok_assist.services import ServiceDeadlines, async_register_services
from custom_components.grok_assist.vision.camera_tool import PICTURE_SINK
from custom_components.grok_assist.vision.snapshots import PICTURE_QUEUE, PictureQueue
from tests.simulator.script import Reply, call, calls, reply
from tests.simulator.server import Simulator
from tests.simulator.traffic import RecordedRequest

from .agents import change_agent, state_of
from .apis import CountingAPI
from .pictures import Views, jpeg, sent_pictures
from .talk import Talk, speech, until
from .test_ask import ask, last_body
from .usage import set_options

LOOK = "look_at_camera"


async def _hang(width: int | None = None, height: int | None = None) -> bytes:
    """Give a picture when nobody waits for it any more."""
    await asyncio.sleep(30)
    return jpeg()


@pytest.fixture
async def hanging(hass: HomeAssistant, views: Views) -> list[str]:
    """Four cameras that answer too late; a second is too late here."""
    hass.data[PICTURE_QUEUE] = PictureQueue(snapshot_s=1)
    names = [f"Camera {number}" for number in range(4)]
    for name in names:
        camera = await views.add_camera(name, jpeg())
        camera.async_camera_image = _hang  # type: ignore[method-assign]
    return names


async def test_cut_answer_says_that_it_is(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """Half an answer is one, but not a whole one."""
    await change_agent(hass, entry, max_tokens=20, chat_model="grok-4.20-0309-non-reasoning")
    simulator.script(reply("word " * 100))
    assert (await ask(hass))["is_complete"] is False
    simulator.script(reply("word"))
    assert (await ask(hass))["is_complete"] is True


@pytest.mark.parametrize("text", ["😀", "**", "![A door](https://example.org/door.png)"])
async def test_answer_without_a_word_is_one(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk, text: str
) -> None:
    """Who asks for one face gets it, as it was written, in a service and in a conversation."""
    simulator.script(reply(text), reply(text))
    answer = await ask(hass, "One emoji for the weather, please")
    assert (answer["text"], answer["markdown"]) == (text, text)
    assert speech(await talk("One emoji for the weather, please")) == text


async def test_answer_that_was_cut_before_its_first_word_names_the_limit(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """Thoughts count, too: to ask in other words would not help."""
    await change_agent(hass, entry, max_tokens=1)
    thought = "A very long thought that uses all there is."
    simulator.script(reply("Words", reasoning=thought), reply("Words", reasoning=thought))
    with pytest.raises(HomeAssistantError, match="met its limit of length"):
        await ask(hass)
    assert "met its limit of length" in speech(await talk("Hello"))


async def test_cameras_that_hang_are_waited_for_together(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, hanging: list[str]
) -> None:
    """Once, not one after another; the model answers all the same."""
    simulator.script(calls(call(LOOK, {"cameras": hanging})), reply("They are all dead."))
    started = asyncio.get_running_loop().time()
    assert (await ask(hass, "Look"))["text"] == "They are all dead."
    assert asyncio.get_running_loop().time() - started < 3
    with pytest.raises(HomeAssistantError, match=r"camera\.camera_1 gives no picture"):
        await ask(hass, images=["camera.camera_1"])


async def test_question_that_is_cancelled_while_a_camera_hangs_ends(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, hanging: list[str]
) -> None:
    """A stopped automation asks nothing any more."""
    simulator.script(calls(call(LOOK, {"cameras": hanging[:1]})))
    asking = hass.async_create_task(ask(hass, "Look"))
    async with asyncio.timeout(5):
        while not simulator.requests or simulator.requests[-1].path != "/v1/responses":  # noqa: ASYNC110 - other side
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert len([request for request in simulator.requests if request.path == "/v1/responses"]) == 1


async def test_turn_takes_so_many_pictures_and_no_more(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, views: Views
) -> None:
    """In one reply or in many; the model is told that it has enough."""
    camera = await views.add_camera("Front door", jpeg())
    many = [call(LOOK, {"cameras": ["Front door", "front door"], "question": str(number)}) for number in range(5)]
    simulator.script(calls(*many), calls(call(LOOK, {"cameras": ["Front door"]})), reply("Enough."))
    assert (await ask(hass, "Look"))["text"] == "Enough."
    assert camera.taken == 8
    assert len(sent_pictures(simulator)) == 8
    assert "enough pictures" in str(last_body(simulator))
    assert (await ask(hass, "What do you see at the front door?"))["text"]
    assert camera.taken == 9


class _OtherTool(llm.Tool):
    """A tool of another integration that is called like ours."""

    name = LOOK
    description = "Looks elsewhere"
    integration = "test"

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        """See nothing."""
        return llm.ToolResult(data={"seen": "elsewhere"})


class _OtherApi(llm.API):
    """Offers that tool."""

    @override
    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Return the tool."""
        return llm.APIInstance(self, "Look elsewhere.", llm_context, [_OtherTool()])


async def test_tool_of_the_same_name_is_left_alone(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, views: Views
) -> None:
    """Ours takes another name then; the service refuses two of one name."""
    await views.add_camera("Front door", jpeg())
    llm.async_register_api(hass, _OtherApi(hass=hass, id="other", name="Other"))
    await change_agent(hass, entry, llm_hass_api=["assist", "other"])
    await ask(hass)
    names = [tool["name"] for tool in last_body(simulator)["tools"] if LOOK in tool.get("name", "")]
    assert len(names) == len(set(names)) == 2


@pytest.mark.parametrize("context", ["live", "on_demand", "off"])
async def test_words_in_a_picture_are_declared_to_be_data(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, views: Views, context: str
) -> None:
    """In each mode: where the model may look, and where a picture is shown to it; once."""
    await ask(hass)
    assert PICTURE_RULE not in last_body(simulator)["instructions"]
    await views.add_camera("Front door", jpeg())
    await change_agent(hass, entry, state_context=context)
    await ask(hass, images=["camera.front_door"])
    assert last_body(simulator)["instructions"].count(PICTURE_RULE) == 1
    await ask(hass)
    assert last_body(simulator)["instructions"].count(PICTURE_RULE) == 1
    await change_agent(hass, entry, state_context=context, look_at_cameras=False)
    await ask(hass)
    assert PICTURE_RULE not in last_body(simulator)["instructions"]
    await ask(hass, images=["camera.front_door"])
    assert last_body(simulator)["instructions"].count(PICTURE_RULE) == 1


async def test_failed_question_leaves_nothing_behind(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """Neither a session nor a log in the automation's task, nor its error among the answers."""
    simulator.fault("forbidden")
    with pytest.raises(HomeAssistantError):
        await ask(hass, "Remember cheese", conversation_id="door")
    assert current_session.get() is None
    assert current_chat_log.get() is None
    await ask(hass, "Remember ham", conversation_id="door")
    assert len(hass.data[DATA_CHAT_LOGS]) == 1
    await ask(hass, "What did I just say?", conversation_id="door")
    assert "may not" not in str(last_body(simulator)["input"])


async def test_pictures_are_not_kept_by_the_one_who_asked(
    hass: HomeAssistant, entry: GrokConfigEntry, views: Views
) -> None:
    """An automation may run for days after its question."""
    await views.add_camera("Front door", jpeg())
    await ask(hass, "What do you see at the front door?")
    assert PICTURE_SINK.get() is None


async def test_instructions_hold_for_one_question(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """The next one of the same conversation has the agent's own."""
    first = await ask(hass, instructions="Say only BANANA.")
    assert "BANANA" in last_body(simulator)["instructions"]
    await ask(hass, conversation_id=first["conversation_id"])
    assert "BANANA" not in last_body(simulator)["instructions"]


async def test_failure_after_something_was_done_says_so(
    hass: HomeAssistant, entry: GrokConfigEntry, home: None, simulator: Simulator
) -> None:
    """Whoever tries again would do it twice."""

    def switch(_record: RecordedRequest) -> Reply:
        """Call the tool, and let the next request be refused."""
        simulator.fault("forbidden")
        return calls(call("HassTurnOn", {"name": "Kitchen light"}))

    simulator.script(switch)
    with pytest.raises(HomeAssistantError, match=r"may not.*What was already switched stays as it is"):
        await ask(hass, "Turn on the kitchen light")
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"


async def test_limit_in_a_later_round_is_named(
    hass: HomeAssistant, entry: GrokConfigEntry, home: None, simulator: Simulator
) -> None:
    """It is our own limit that holds the question up, not the service: the wait is told at once."""
    await set_options(hass, entry, requests_per_minute=1)
    simulator.script(calls(call("HassTurnOn", {"name": "Kitchen light"})), reply("Done."))
    with pytest.raises(HomeAssistantError, match=r"Too much is being asked .* in \d+ seconds"):
        await ask(hass, "Turn on the kitchen light")


async def test_waits_for_money_and_for_limits_share_one_patience(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """What the money took is not left for the limits: the limit is named, not a service that was too slow."""
    await set_options(hass, entry, max_concurrent_requests=1, budget_daily_usd=1.0)
    simulator.pace(first_delta_s=8)
    other = hass.async_create_task(talk("Hello"))
    await until(lambda: simulator.requests[-1].path == "/v1/responses")
    hurry = AskDeadlines(patience=Patience(queue_s=1.5), answer_s=0.5)
    async_register_services(hass, ServiceDeadlines(ask=hurry))
    held = entry.runtime_data.meter.reserve(1.0)
    hass.loop.call_later(1.2, held.close)
    with pytest.raises(HomeAssistantError, match=r"Too much is being asked .* in \d+ seconds"):
        await ask(hass)
    other.cancel()


async def test_unload_while_a_question_runs_is_named(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """The account goes; the automation is told so, and at once."""
    simulator.fault("silent")
    asking = hass.async_create_task(ask(hass))
    async with asyncio.timeout(5):
        while not any(request.path == "/v1/responses" for request in simulator.requests):  # noqa: ASYNC110 - other side
            await asyncio.sleep(0.01)
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(HomeAssistantError, match="was switched off while it was answering"):
        await asking


async def test_template_that_does_not_render_is_named(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """Nothing is asked with half a prompt."""
    await change_agent(hass, entry, prompt="{{ 1 / 0 }}")
    with pytest.raises(HomeAssistantError, match="template") as told:
        await ask(hass)
    assert told.value.translation_key == "prompt_template"
    assert not [request for request in simulator.requests if request.path == "/v1/responses"]


async def test_tool_that_breaks_is_told_to_the_model(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """Whatever another integration's tool raises, the model hears of it and answers; nothing is logged as an error."""
    llm.async_register_api(hass, CountingAPI(hass=hass, id="counting", name="Counting"))
    await change_agent(hass, entry, llm_hass_api=["counting"])
    simulator.script(calls(call("count_things_now", {"what": "disaster"})), reply("That could not be counted."))
    assert (await ask(hass, "Count the disaster"))["text"] == "That could not be counted."
    assert "LibraryError" in json.dumps(simulator.requests[-1].body["input"])


async def test_default_agent_is_one_that_is_there(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """A disabled first agent is passed over."""
    er.async_get(hass).async_update_entity("conversation.grok", disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    await ask(hass)
    response = await hass.services.async_call("grok_assist", "get_usage", {}, blocking=True, return_response=True)
    assert response is not None
    assert list(response["by_agent"]) == ["conversation.grok_voice"]  # type: ignore[arg-type]


async def test_text_that_is_a_library_is_refused(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """A template that went wrong writes a megabyte sooner than a person does."""
    for text, instructions in (("x" * 400_001, ""), ("Hello", "x" * 400_000)):
        with pytest.raises(ServiceValidationError, match="at most 400000 characters"):
            await ask(hass, text, instructions=instructions)
    assert not [request for request in simulator.requests if request.path == "/v1/responses"]
