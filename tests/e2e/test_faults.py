"""Everything that can go wrong at xAI, seen by a user: a sentence, in time, and a next turn that works."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.harness.assist import AssistTurn, assist_turn
from tests.harness.grok import DOMAIN, add_grok_assist, agent_of, set_options
from tests.harness.running import RunningHome
from tests.harness.simulator import SimulatorProcess
from tests.harness.waiting import wait_until

from .conftest import KEY, Grok

REFUSED_S = 12
RETRIED_S = 45
UNREACHABLE_S = 20
SHORT_DEADLINES = {
    "connect_timeout_s": 3,
    "first_delta_timeout_s": 3,
    "silence_timeout_s": 3,
    "turn_timeout_s": 12,
}
REFUSALS = ("bad_key", "unauthorized", "forbidden", "no_credits", "no_credits_429", "no_model", "unprocessable")
TROUBLES = (
    "rate_limited",
    "server_error",
    "bad_gateway",
    "unavailable",
    "overloaded",
    "silent",
    "stall",
    "drop",
    "truncated",
    "error_in_stream",
    "error_event",
    "failed",
    "empty",
    "html",
)
LIMITS_S = {**dict.fromkeys(REFUSALS, REFUSED_S), **dict.fromkeys(TROUBLES, RETRIED_S)}
# Nothing of these may reach a user's ear: they are for the log at most.
UNSPEAKABLE = ("Traceback", "Error(", "Exception", "<html", "{", KEY)


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def silent_by_default(shared_home: RunningHome) -> AsyncIterator[asyncio.Task[AssistTurn]]:
    """Begin a turn with a silent server and nobody's patience shortened; it goes on beside the other tests."""
    async with SimulatorProcess() as simulator:
        client = shared_home.client
        entry_id = await add_grok_assist(client, api_key="xai-e2e-patient", base_url=simulator.url)
        await simulator.fault("silent")
        turn = asyncio.create_task(_patient_turn(shared_home, await agent_of(shared_home.socket, entry_id)))
        yield turn
        turn.cancel()
        await asyncio.gather(turn, return_exceptions=True)
        await client.remove_entry(entry_id)


@pytest_asyncio.fixture(loop_scope="session")
async def impatient(grok: Grok) -> Grok:
    """Set the integration up with deadlines that a test can wait for."""
    await set_options(grok.home.client, grok.entry_id, agent=grok.agent, **SHORT_DEADLINES)
    return grok


@pytest.mark.parametrize("fault", LIMITS_S)
async def test_fault_ends_in_a_sentence(impatient: Grok, fault: str) -> None:
    """The turn says what is wrong, and the next one works as soon as the cause is gone."""
    await impatient.simulator.fault(fault)
    turn = await impatient.say("How are you?", deadline_s=LIMITS_S[fault])
    _is_a_sentence(turn)
    await impatient.simulator.clear_faults()
    await impatient.simulator.script({"text": "I am well again."})
    assert (await impatient.say("And now?")).speech == "I am well again."
    listed = await impatient.home.socket.call("repairs/list_issues")
    assert [issue["issue_id"] for issue in listed["issues"] if issue["domain"] == DOMAIN] == []


@pytest.mark.parametrize("fault", LIMITS_S)
async def test_fault_after_an_action(impatient: Grok, fault: str) -> None:
    """What was done before the fault is not done again."""
    item = f"milk {fault.replace('_', ' ')}"
    # Slow enough that the fault can be ordered between the first request and the second.
    await impatient.simulator.pace(first_delta_s=0.3, tokens_per_s=0)
    turn = asyncio.create_task(impatient.say(f"Add {item} to my shopping list", deadline_s=LIMITS_S[fault]))
    await wait_until(impatient.simulator.requests, "the first request")
    await impatient.simulator.fault(fault)
    _is_a_sentence(await turn)
    assert len(await impatient.simulator.requests()) > 1
    items = await impatient.home.socket.call("todo/item/list", entity_id="todo.shopping_list")
    assert [entry["summary"].lower() for entry in items["items"]].count(item) == 1


@pytest.mark.parametrize("fault", ["stall", "drop", "truncated", "error_event"])
async def test_fault_in_mid_sentence(impatient: Grok, fault: str) -> None:
    """What was heard stays, a sentence says what happened, and nothing is said twice."""
    await impatient.simulator.fault(fault)
    await impatient.simulator.script(
        {"text": "Once upon a time there was a very long story that nobody heard the end of."}
    )
    turn = await impatient.say("Tell me a story", deadline_s=RETRIED_S)
    _is_a_sentence(turn)
    assert turn.streamed.startswith("Once")
    assert turn.streamed.count("Once upon") == 1
    assert len(await impatient.simulator.requests()) == 1


async def test_unreachable_server(impatient: Grok) -> None:
    """Nobody listens; as soon as somebody does, the next turn works."""
    await impatient.simulator.pause_listening(8)
    _is_a_sentence(await impatient.say("How are you?", deadline_s=UNREACHABLE_S))
    await wait_until(impatient.simulator.is_listening, "the simulator listens again", deadline_s=20)
    await impatient.simulator.script({"text": "I am well again."})
    assert (await impatient.say("And now?")).speech == "I am well again."


async def test_wait_is_told(impatient: Grok) -> None:
    """A limit that is not waited out is told with its wait in digits."""
    await impatient.simulator.fault("rate_limited", retry_after=3600)
    turn = await impatient.say("How are you?", deadline_s=RETRIED_S)
    _is_a_sentence(turn)
    assert any(character.isdigit() for character in turn.speech)


async def test_one_hiccup_is_not_noticed(impatient: Grok) -> None:
    """A single failure before the first word is made good by a second try."""
    for fault in ("server_error", "unavailable", "drop"):
        await impatient.simulator.reset()
        await impatient.simulator.fault(fault, times=1)
        await impatient.simulator.script({"text": "All is well."})
        turn = await impatient.say("How are you?")
        assert turn.speech, fault
        if fault != "drop":
            assert turn.speech == "All is well.", fault


async def test_silent_server_with_real_deadlines(silent_by_default: asyncio.Task[AssistTurn]) -> None:
    """The defaults keep the promise, too."""
    _is_a_sentence(await silent_by_default)


async def _patient_turn(home: RunningHome, agent: str) -> AssistTurn:
    """Have a turn on a connection of its own."""
    async with home.client.websocket() as socket:
        return await assist_turn(socket, "How are you?", agent=agent, deadline_s=RETRIED_S)


def _is_a_sentence(turn: AssistTurn) -> None:
    """Check that a user can make sense of what was said."""
    assert not turn.error_code
    assert turn.speech.strip()
    assert " " in turn.speech.strip()
    for text in UNSPEAKABLE:
        assert text not in turn.speech
