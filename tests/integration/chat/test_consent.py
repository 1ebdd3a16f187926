"""What opens, unlocks or disarms is done after the user's yes, once, and after nothing else."""

import asyncio
from collections.abc import Callable, Mapping
import json
from typing import Any

from homeassistant.components import conversation
from homeassistant.components.conversation.trace import async_get_traces
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import intent, llm
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.grok_assist.core.consent.book import AskBefore
from custom_components.grok_assist.home.dangers import async_deeds
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from ..agents import change_agent
from ..apis import CountingAPI
from ..guarded_home import GuardedHome
from ..talk import Talk, speech
from ..voice.spoken import sentence, speak

UNLOCK = call("intent__HassTurnOff", {"name": "Front door", "domain": ["lock"]})
OPEN_GARAGE = call("intent__HassTurnOn", {"name": "Garage door"})
QUESTION = "Shall I unlock Front door? Please say yes or no."


@pytest.fixture
async def guarded(hass: HomeAssistant, entry: GrokConfigEntry) -> GuardedHome:
    """The home."""
    made = GuardedHome(hass)
    await made.set_up()
    return made


def asked(simulator: Simulator) -> int:
    """Count the requests for an answer."""
    return sum(request.path == "/v1/responses" for request in simulator.requests)


async def test_unlock_when_asked_for_then_held_and_done_once_after_yes(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, guarded: GuardedHome
) -> None:
    """The question is ours, the microphone opens for the answer, a plain yes does it, and a second yes does nothing."""
    simulator.script(calls(UNLOCK))
    first = await talk("Unlock the front door", device_id="satellite")
    assert speech(first) == QUESTION
    assert first.continue_conversation is True
    assert guarded.done == []
    second = await talk("Yes, please", conversation_id=first.conversation_id, device_id="satellite")
    assert speech(second) == "That is done."
    assert guarded.done == [("lock.unlock", "lock.front_door")]
    assert asked(simulator) == 1
    simulator.script(reply("What do you mean?"))
    third = await talk("Yes", conversation_id=first.conversation_id, device_id="satellite")
    assert speech(third) == "What do you mean?"
    assert len(guarded.done) == 1


@pytest.mark.parametrize(
    ("tool", "arguments", "question", "done"),
    [
        pytest.param(
            "HassTurnOn", {"name": "Garage door"}, "open Garage door", ("cover.open_cover", "cover.garage"), id="garage"
        ),
        pytest.param(
            "HassSetPosition",
            {"name": "Garage door", "position": 50},
            "open Garage door",
            ("cover.set_cover_position", "cover.garage"),
            id="garage-half",
        ),
        pytest.param(
            "HassTurnOn", {"name": "All covers"}, "open All covers", ("cover.open_cover", "cover.all"), id="group"
        ),
        pytest.param("HassTurnOn", {"name": "Water"}, "open Water", ("valve.open_valve", "valve.water"), id="valve"),
        pytest.param(
            "HassTurnOff", {"domain": ["lock"]}, "unlock Front door", ("lock.unlock", "lock.front_door"), id="by-domain"
        ),
        pytest.param(
            "HassTurnOff",
            {"name": "lock.front_door"},
            "unlock Front door",
            ("lock.unlock", "lock.front_door"),
            id="by-id",
        ),
        pytest.param(
            "HassTurnOff",
            {"name": " front  door "},
            "unlock Front door",
            ("lock.unlock", "lock.front_door"),
            id="by-a-name-with-blanks",
        ),
    ],
)
async def test_opening_when_asked_for_by_any_tool_then_held(
    simulator: Simulator,
    talk: Talk,
    guarded: GuardedHome,
    *,
    tool: str,
    arguments: Mapping[str, object],
    question: str,
    done: tuple[str, str],
) -> None:
    """Whatever way a model takes to it."""
    simulator.script(calls(call(f"intent__{tool}", dict(arguments))))
    first = await talk("Do it")
    assert speech(first) == f"Shall I {question}? Please say yes or no."
    assert guarded.done == []
    await talk("ja", conversation_id=first.conversation_id, language="de")
    assert guarded.done == [done]


@pytest.mark.parametrize(
    ("tool", "arguments", "done"),
    [
        pytest.param("HassTurnOn", {"name": "Front door"}, ("lock.lock", "lock.front_door"), id="lock"),
        pytest.param("HassTurnOff", {"name": "Garage door"}, ("cover.close_cover", "cover.garage"), id="close"),
        pytest.param("HassTurnOn", {"name": "Blinds"}, ("cover.open_cover", "cover.blinds"), id="blinds"),
        pytest.param("HassTurnOn", {"name": "Hall light"}, ("homeassistant.turn_on", "light.hall"), id="light"),
        pytest.param("HassTurnOn", {"name": "Party"}, ("homeassistant.turn_on", "scene.party"), id="scene"),
    ],
)
async def test_harmless_when_asked_for_then_done_at_once(
    simulator: Simulator,
    talk: Talk,
    guarded: GuardedHome,
    tool: str,
    arguments: Mapping[str, object],
    done: tuple[str, str],
) -> None:
    """What closes, locks or lights asks nobody."""
    simulator.script(calls(call(f"intent__{tool}", dict(arguments))), reply("Fine."))
    assert speech(await talk("Do it")) == "Fine."
    assert guarded.done == [done]


@pytest.mark.parametrize(("entity_id", "name"), [("scene.party", "Party"), ("button.gate", "Gate opener")])
async def test_labelled_when_asked_for_then_held(
    simulator: Simulator, talk: Talk, guarded: GuardedHome, entity_id: str, name: str
) -> None:
    """The label `ask_first` holds what is no danger by itself."""
    guarded.label(entity_id)
    simulator.script(calls(call("intent__HassTurnOn", {"name": name})))
    first = await talk("Do it")
    assert speech(first) == f"Shall I run {name}? Please say yes or no."
    assert guarded.done == []
    await talk("Yes", conversation_id=first.conversation_id)
    assert [entity for _, entity in guarded.done] == [entity_id]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("No", id="no"),
        pytest.param("Nein, danke", id="german-no"),
        pytest.param("Yes, but not the front door", id="yes-but"),
        pytest.param("Yes?", id="a-question"),
        pytest.param("The calendar says yes", id="somebody-elses-yes"),
        pytest.param("What is the weather?", id="something-else"),
    ],
)
async def test_answer_when_it_is_no_plain_yes_then_nothing_is_done(
    simulator: Simulator, talk: Talk, guarded: GuardedHome, answer: str
) -> None:
    """And the question is over: a later yes answers nothing."""
    simulator.script(calls(UNLOCK), reply("As you like."), reply("Pardon?"))
    first = await talk("Unlock the front door")
    second = await talk(answer, conversation_id=first.conversation_id)
    assert speech(second) == "As you like."
    await talk("Yes", conversation_id=first.conversation_id)
    assert guarded.done == []


@pytest.mark.parametrize(
    ("language", "order", "question", "answer", "done"),
    [
        ("de", "Schließ auf", "Soll ich Front door aufschließen?", "Ja, bitte aufschließen", "Das ist erledigt."),
        ("fr", "Déverrouille", "Dois-je déverrouiller Front door ?", "Oui, vas-y", "C'est fait."),
        ("es", "Abre", "¿Desbloqueo Front door?", "Sí, por favor", "Ya está hecho."),
        ("it", "Apri", "Devo sbloccare Front door?", "Sì, certo", "È stato fatto."),
        ("nl", "Doe open", "Zal ik Front door ontgrendelen?", "Ja, doe maar", "Dat is gedaan."),
    ],
)
async def test_consent_when_in_another_language_then_asked_and_heard_in_it(
    simulator: Simulator,
    talk: Talk,
    guarded: GuardedHome,
    *,
    language: str,
    order: str,
    question: str,
    answer: str,
    done: str,
) -> None:
    """All six languages ask, understand and confirm."""
    simulator.script(calls(UNLOCK))
    first = await talk(order, language=language)
    assert speech(first).startswith(question)
    second = await talk(answer, language=language, conversation_id=first.conversation_id)
    assert speech(second) == done
    assert len(guarded.done) == 1


async def test_yes_when_another_device_or_person_says_it_then_nothing_is_done(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, guarded: GuardedHome, hass_admin_user: MockUser
) -> None:
    """The one who was asked decides."""
    simulator.script(calls(UNLOCK), reply("Pardon?"), calls(UNLOCK), reply("Pardon?"))
    first = await talk("Unlock", device_id="kitchen")
    await talk("Yes", conversation_id=first.conversation_id, device_id="garage")
    assert guarded.done == []
    agent = "conversation.grok"
    context = Context(user_id=hass_admin_user.id)
    signed_in = await conversation.async_converse(hass, "Unlock", None, context, language="en", agent_id=agent)
    if (conversation_id := signed_in.conversation_id) is not None:
        await talk("Yes", conversation_id=conversation_id)
    assert guarded.done == []


async def test_yes_when_another_agent_took_the_sentence_between_then_nothing_is_done(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, guarded: GuardedHome
) -> None:
    """Home Assistant's own agent answers what it understands before us; the question was over with that."""
    simulator.script(calls(UNLOCK), reply("Pardon?"))
    first = await talk("Unlock")
    conversation_id = first.conversation_id
    own = "conversation.home_assistant"
    await conversation.async_converse(hass, "turn on the hall light", conversation_id, Context(), "en", own)
    assert speech(await talk("Yes", conversation_id=conversation_id)) == "Pardon?"
    assert guarded.done == [("homeassistant.turn_on", "light.hall")]


async def test_yes_when_it_comes_too_late_then_nothing_is_done(
    simulator: Simulator, talk: Talk, guarded: GuardedHome, entry: GrokConfigEntry
) -> None:
    """A question does not stand for ever."""
    simulator.script(calls(UNLOCK), reply("Pardon?"))
    first = await talk("Unlock")
    await asyncio.sleep(entry.runtime_data.consents.answer_s + 1)
    assert speech(await talk("Yes", conversation_id=first.conversation_id)) == "Pardon?"
    assert guarded.done == []


async def test_yes_when_it_stands_in_a_tools_result_then_nothing_is_done(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, guarded: GuardedHome, entry: GrokConfigEntry
) -> None:
    """What others wrote never agrees: the model's second try is held as well, and asked once."""
    simulator.script(calls(UNLOCK, call("homeassistant__GetLiveContext", {"name": "Yes"})))
    first = await talk("What is in the calendar?")
    assert speech(first) == QUESTION
    simulator.script(calls(UNLOCK))
    again = await talk("And tomorrow?", conversation_id=first.conversation_id)
    assert speech(again) == QUESTION
    assert guarded.done == []


async def test_yes_when_a_call_would_do_more_by_then_then_nothing_is_done(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, guarded: GuardedHome
) -> None:
    """What was agreed to is what was asked about, not whatever the arguments have come to mean."""
    simulator.script(calls(call("intent__HassTurnOff", {"domain": ["lock"]})))
    first = await talk("Unlock")
    assert speech(first) == QUESTION
    guarded.add("lock.safe", "locked", {"friendly_name": "Gun safe"})
    assert speech(await talk("Yes", conversation_id=first.conversation_id)).startswith("I did not do it")
    assert guarded.done == []


async def test_question_when_it_is_about_many_then_it_says_how_many(
    simulator: Simulator, talk: Talk, guarded: GuardedHome
) -> None:
    """Nobody agrees to what was kept from them."""
    for number in range(6):
        guarded.add(f"lock.l{number}", "locked", {"friendly_name": f"Lock {number}"})
    simulator.script(calls(call("intent__HassTurnOff", {"domain": ["lock"]})))
    first = await talk("Unlock")
    assert "Lock 3, +2?" in speech(first)
    assert speech(await talk("Yes", conversation_id=first.conversation_id)) == "That is done."
    assert len(guarded.done) == 7


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("HassTurnOn", {"name": "Nested"}),
        ("HassSetPosition", {"name": "Half", "position": 40}),
    ],
)
async def test_group_when_a_member_would_open_then_held(
    simulator: Simulator, talk: Talk, guarded: GuardedHome, tool: str, arguments: Mapping[str, object]
) -> None:
    """In a group of groups, and in one whose mean position is higher."""
    guarded.add("cover.nested", "closed", {"friendly_name": "Nested", "entity_id": ["cover.all"]})
    half = {"friendly_name": "Half", "entity_id": ["cover.blinds", "cover.garage"], "current_position": 50}
    guarded.add("cover.half", "open", half)
    simulator.script(calls(call(f"intent__{tool}", dict(arguments))), reply("Fine."))
    assert speech(await talk("Do it")).startswith(f"Shall I open {arguments['name']}?")
    assert guarded.done == []


async def test_yes_when_two_things_were_asked_and_one_is_named_then_nothing_is_done(
    simulator: Simulator, talk: Talk, guarded: GuardedHome
) -> None:
    """A yes to one of them is no yes to the other."""
    simulator.script(calls(UNLOCK, OPEN_GARAGE), reply("Only the garage?"))
    first = await talk("Open up")
    assert speech(first) == "Shall I unlock Front door? Shall I open Garage door? Please say yes or no."
    await talk("Yes, open the garage door", conversation_id=first.conversation_id)
    assert guarded.done == []


async def test_other_calls_when_one_is_held_then_they_run(
    simulator: Simulator, talk: Talk, guarded: GuardedHome
) -> None:
    """Of two calls at once the harmless one is made."""
    simulator.script(calls(call("intent__HassTurnOn", {"name": "Hall light"}), OPEN_GARAGE))
    assert speech(await talk("Light and garage")) == "Shall I open Garage door? Please say yes or no."
    assert guarded.done == [("homeassistant.turn_on", "light.hall")]


async def test_settings_when_never_then_done_and_when_all_changes_then_all_held(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, guarded: GuardedHome, entry: GrokConfigEntry
) -> None:
    """The option decides."""
    await change_agent(hass, entry, ask_before="never")
    simulator.script(calls(UNLOCK), reply("Unlocked."))
    assert speech(await talk("Unlock")) == "Unlocked."
    await change_agent(hass, entry, ask_before="all_changes")
    light = call("intent__HassTurnOn", {"name": "Hall light"})
    look = call("homeassistant__GetLiveContext", {"name": "Hall light"})
    simulator.script(calls(look), calls(light))
    assert speech(await talk("Light")) == "Shall I turn on Hall light? Please say yes or no."
    assert guarded.done == [("lock.unlock", "lock.front_door")]


async def ask(hass: HomeAssistant, context: Context | None = None, **data: Any) -> dict[str, Any]:
    """Call the service."""
    answer = await hass.services.async_call(
        "grok_assist", "ask", data, blocking=True, return_response=True, context=context
    )
    assert isinstance(answer, dict)
    return dict(answer)


async def test_ask_when_nobody_is_signed_in_then_only_confirmed_acts(
    hass: HomeAssistant, simulator: Simulator, guarded: GuardedHome
) -> None:
    """An automation has no yes of its own, whatever text it brings."""
    simulator.script(calls(UNLOCK), reply("No."), calls(UNLOCK), reply("Unlocked."))
    first = await ask(hass, text="Unlock the front door")
    assert "Not done: Front door" in first["text"]
    assert "confirmed" in first["text"]
    await ask(hass, text="Yes", conversation_id=first["conversation_id"])
    assert guarded.done == []
    last = await ask(hass, text="Unlock the front door", confirmed=True)
    assert last["text"] == "Unlocked."
    assert guarded.done == [("lock.unlock", "lock.front_door")]


async def test_ask_when_somebody_is_signed_in_then_their_yes_counts(
    hass: HomeAssistant, simulator: Simulator, guarded: GuardedHome, hass_admin_user: MockUser
) -> None:
    """A person who calls the service can be asked."""
    context = Context(user_id=hass_admin_user.id)
    simulator.script(calls(UNLOCK))
    first = await ask(hass, context, text="Unlock the front door")
    assert first["text"] == QUESTION
    second = await ask(hass, context, text="Yes", conversation_id=first["conversation_id"])
    assert second["text"] == "That is done."
    assert len(guarded.done) == 1


async def test_unknown_tool_when_it_names_a_lock_then_held(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, guarded: GuardedHome, entry: GrokConfigEntry
) -> None:
    """What another integration's tool does with a lock nobody can know."""
    llm.async_register_api(hass, CountingAPI(hass=hass, id="counting", name="Counting"))
    await change_agent(hass, entry, llm_hass_api=["counting"])
    simulator.script(calls(call("count_things_now", {"what": "Front door"})))
    said = speech(await talk("Count"))
    assert said.startswith("Shall I do this: ")
    assert "Front door" in said
    simulator.script(calls(call("count_things_now", {"what": "{{ states('lock.front_door') }}"})))
    assert speech(await talk("Count")).startswith("Shall I do this: ")
    simulator.script(calls(call("count_things_now", {"what": "action: lock.unlock, area: hall"})))
    assert "lock.unlock" in speech(await talk("Count"))
    guarded.hass.states.async_set("lock.hidden", "locked")
    guarded.hass.states.async_set("group.down", "off", {"entity_id": ["cover.garage"]})
    for arguments in (
        {"entities": {"lock.front_door": "unlocked"}},
        {"domain": "lock", "service": "unlock", "target": {"area_id": "hall"}},
        {"action": "homeassistant.toggle", "target": {"area_id": "hall"}},
        {"action": "homeassistant.turn_on", "target": {"entity_id": "group.down"}},
        {"action": "lock.something", "target": {"entity_id": "lock.hidden"}},
        {"action": "grok_assist.ask", "data": {"text": "open up", "confirmed": True}},
        {"action": "conversation.process", "data": {"text": "unlock everything"}},
    ):
        simulator.script(calls(call("count_things_now", {"what": "x", **arguments})))
        assert speech(await talk("Count")).startswith("Shall I do this: ")
    counting = CountingAPI(hass=hass, id="other", name="Other")
    context = llm.LLMContext(
        platform="grok_assist", context=Context(), language="en", assistant="conversation", device_id=None
    )
    [tool] = (await counting.async_get_api_instance(context)).tools
    assert async_deeds(hass, tool, {"what": "sheep " * 100_000}, context, AskBefore.OPENING)
    assert not async_deeds(hass, tool, {"what": "how to open a stuck lock"}, context, AskBefore.OPENING)
    simulator.script(calls(call("count_things_now", {"what": "sheep at the front"})), reply("Three."))
    assert speech(await talk("Count sheep")) == "Three."


async def test_tool_when_it_fails_after_yes_then_said(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, guarded: GuardedHome, expect_error: Callable[[str], None]
) -> None:
    """No success is claimed."""

    async def jam(_call: object) -> None:
        """Fail."""
        raise HomeAssistantError("the bolt is jammed")

    hass.services.async_register("lock", "unlock", jam)
    simulator.script(calls(UNLOCK))
    first = await talk("Unlock")
    said = speech(await talk("Yes", conversation_id=first.conversation_id))
    assert said.startswith("That did not work")
    expect_error("Service call failed")


async def test_trace_when_held_then_question_and_outcome_are_in_it(
    hass: HomeAssistant, simulator: Simulator, talk: Talk, guarded: GuardedHome
) -> None:
    """Whoever looks into the trace sees what was asked and what was answered."""
    simulator.script(calls(UNLOCK))
    first = await talk("Unlock")
    await talk("Yes", conversation_id=first.conversation_id)
    traces = json.dumps([trace.as_dict() for trace in async_get_traces()], default=str)
    assert "Shall I unlock Front door?" in traces
    assert '"verdict": "granted"' in traces


async def test_spoken_when_held_then_asked_by_the_session_and_done_after_a_spoken_yes(
    hass: HomeAssistant, simulator: Simulator, voice: str, guarded: GuardedHome
) -> None:
    """The session's own voice asks, and says that it is done; the model's own answer to the yes is dropped."""
    simulator.script(calls(UNLOCK), calls(UNLOCK))
    first = await speak(hass, sentence("turn_on_the_light"), pipeline_id=voice)
    assert first.speech == QUESTION
    assert first.audio
    assert first.data("intent-end")["intent_output"]["continue_conversation"] is True
    assert guarded.done == []
    second = await speak(hass, sentence("yes_please"), pipeline_id=voice, conversation_id=first.conversation_id)
    assert second.speech == "That is done."
    assert second.audio
    assert guarded.done == [("lock.unlock", "lock.front_door")]


@pytest.mark.parametrize(
    ("command", "is_held"),
    [
        ("unlock the front door", True),
        ("open everything", True),
        ("turn on the hall light and unlock all", True),
        ("turn on the hall light", False),
    ],
)
async def test_timer_when_it_is_to_open_later_then_held(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GrokConfigEntry,
    guarded: GuardedHome,
    command: str,
    *,
    is_held: bool,
) -> None:
    """Home Assistant's own agent carries a timer's command out without anybody being there."""
    guarded.add("light.sign", "off", {"friendly_name": "\N{ELECTRIC LIGHT BULB}"})
    tool = llm.IntentTool("intent__HassStartTimer", _Timer())
    arguments = {"minutes": 5, "conversation_command": command}
    context = llm.LLMContext(
        platform="grok_assist", context=Context(), language="en", assistant="conversation", device_id=None
    )
    assert bool(async_deeds(hass, tool, arguments, context, AskBefore.OPENING)) is is_held


class _Timer(intent.IntentHandler):
    """Home Assistant's handler needs a device with timers."""

    intent_type = "HassStartTimer"


@pytest.mark.parametrize(
    "target", [{"area_id": "hall"}, {"entity_id": "all"}, {"entity_id": "{{ 'lock.front_door' }}"}]
)
async def test_sentence_of_the_users_own_when_it_opens_what_it_does_not_name_then_held(
    hass: HomeAssistant, entry: GrokConfigEntry, guarded: GuardedHome, target: dict[str, str]
) -> None:
    """An area, all, or a template: nobody can tell which doors."""
    steps = [{"action": "lock.unlock", "target": target}]
    assert await async_setup_component(hass, "intent_script", {"intent_script": {"LetIn": {"action": steps}}})
    handler = next(known for known in intent.async_get(hass) if known.intent_type == "LetIn")
    context = llm.LLMContext(
        platform="grok_assist", context=Context(), language="en", assistant="conversation", device_id=None
    )
    assert async_deeds(hass, llm.IntentTool("LetIn", handler), {}, context, AskBefore.OPENING)
