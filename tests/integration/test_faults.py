"""Each fault of the service ends in a translated sentence, in time, and nothing is done twice."""

import asyncio
from collections.abc import Callable
import re

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator

from .agents import change_agent, state_of
from .talk import Talk, speech, until

SENTENCES = {
    "bad_key": "does not accept the API key",
    "unauthorized": "does not accept the API key",
    "forbidden": "may not use this model",
    "no_credits": "no credits left",
    "no_credits_429": "no credits left",
    "no_model": "no longer offers",
    "unprocessable": "refused the request",
    "rate_limited": r"try again in \d+ seconds",
    "server_error": "problem on its side",
    "bad_gateway": "problem on its side",
    "unavailable": "problem on its side",
    "overloaded": "problem on its side",
    "html": "problem on its side",
    "silent": "did not answer within 2 seconds",
    "stall": "did not answer within 2 seconds",
    "drop": "broke off",
    "truncated": "broke off",
    "error_in_stream": "problem on its side",
    "error_event": "problem on its side",
    "failed": "problem on its side",
    "empty": "gave no answer",
}
RETRIED = {"server_error", "bad_gateway", "unavailable", "overloaded", "html", "error_in_stream"}


@pytest.fixture
async def impatient(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Shorten the waits by the account's own options."""
    hass.config_entries.async_update_entry(
        entry, options={"connect_timeout_s": 1, "first_delta_timeout_s": 1, "silence_timeout_s": 1}
    )
    await hass.async_block_till_done()


def asked(simulator: Simulator) -> int:
    """Count the requests for an answer."""
    return sum(request.path == "/v1/responses" for request in simulator.requests)


@pytest.mark.parametrize("fault", sorted(SENTENCES))
async def test_fault_when_it_lasts_then_sentence(simulator: Simulator, impatient: None, talk: Talk, fault: str) -> None:
    """A fault that lasts is told in words within the promised time; transient ones are tried three times."""
    simulator.fault(fault, times=None)
    started = asyncio.get_running_loop().time()
    result = await talk("Hello")
    assert re.search(SENTENCES[fault], speech(result))
    assert result.response.error_code is not None
    assert asyncio.get_running_loop().time() - started < 12
    if fault in RETRIED:
        assert asked(simulator) == 3
    elif fault not in ("drop", "truncated", "error_event", "failed", "rate_limited"):
        assert asked(simulator) == 1


@pytest.mark.parametrize("fault", sorted(RETRIED))
async def test_fault_when_it_passes_then_nobody_notices(
    simulator: Simulator, impatient: None, talk: Talk, fault: str
) -> None:
    """Passing trouble before the first word costs a retry and nothing else."""
    simulator.fault(fault, times=2)
    assert (await talk("Hello")).response.error_code is None
    assert asked(simulator) == 3


@pytest.mark.parametrize("fault", ["drop", "stall", "truncated", "error_event"])
async def test_fault_when_words_were_said_then_not_repeated(
    simulator: Simulator, impatient: None, talk: Talk, fault: str
) -> None:
    """After the first word nothing is asked again."""
    simulator.script(reply("One two three four five six seven eight nine ten."))
    simulator.fault(fault)
    result = await talk("Count")
    assert result.response.error_code is not None
    assert asked(simulator) == 1


@pytest.mark.parametrize("fault", ["drop", "server_error", "silent", "rate_limited", "empty"])
async def test_fault_when_something_was_done_then_done_once(
    hass: HomeAssistant, simulator: Simulator, impatient: None, home: None, talk: Talk, fault: str
) -> None:
    """A fault after an action does not repeat it, and the sentence says that it stays."""
    toggles: list[str] = []
    hass.bus.async_listen("state_changed", lambda event: toggles.append(event.data["entity_id"]))
    # Slow enough that the fault can be ordered between the first request and the second.
    simulator.pace(first_delta_s=0.2)
    simulator.script(calls(call("intent__HassTurnOn", {"name": "Kitchen light"})), reply("Never heard as it is."))
    turn = asyncio.create_task(talk("Turn on the kitchen light"))
    await until(lambda: asked(simulator) == 1)
    simulator.fault(fault, times=None)
    result = await turn
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert toggles.count("input_boolean.kitchen_light") == 1
    # Without any words from the model what was done is confirmed; with trouble it is said that it stays.
    assert speech(result) == "That is done." if fault == "empty" else "stays as it is" in speech(result)


async def test_fault_when_server_is_unreachable_then_sentence_and_heals(
    hass: HomeAssistant, simulator: Simulator, talk: Talk
) -> None:
    """A refused connection is retried, told, and forgotten as soon as the server is back."""
    await simulator.pause_listening()
    started = asyncio.get_running_loop().time()
    assert "cannot reach Grok" in speech(await talk("Hello"))
    assert asyncio.get_running_loop().time() - started < 10
    await simulator.resume_listening()
    simulator.script(reply("Hello."))
    assert speech(await talk("Hello")) == "Hello."


@pytest.mark.parametrize(("wait", "words"), [(20, "in 20 seconds"), (90, "in 90 seconds")])
async def test_rate_limit_when_server_wants_a_long_wait_then_told_in_digits(
    simulator: Simulator, talk: Talk, wait: float, words: str
) -> None:
    """The server's own wish is told at once, and keeps the next turn from asking."""
    simulator.fault("rate_limited", retry_after=wait)
    started = asyncio.get_running_loop().time()
    assert words in speech(await talk("Hello"))
    assert re.search(r"in \d\d seconds", speech(await talk("Hello")))
    assert asked(simulator) == 1
    assert asyncio.get_running_loop().time() - started < 2


async def test_rate_limit_when_server_wants_a_short_wait_then_waited_and_answered(
    simulator: Simulator, talk: Talk
) -> None:
    """A wait that somebody can bear is borne, and nobody hears of it."""
    simulator.fault("rate_limited", retry_after=0.5)
    simulator.script(reply("Here I am."))
    started = asyncio.get_running_loop().time()
    assert speech(await talk("Hello")) == "Here I am."
    assert asyncio.get_running_loop().time() - started >= 0.5
    assert asked(simulator) == 2


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en-GB", "cannot reach Grok"),
        ("de-CH", "Grok ist gerade nicht erreichbar"),
        ("xx", "cannot reach Grok"),
    ],
)
async def test_sentence_when_another_language_then_spoken_in_it(
    simulator: Simulator, talk: Talk, language: str, words: str
) -> None:
    """The sentence comes in the language of the conversation, else in English."""
    await simulator.pause_listening()
    assert words in speech(await talk("Hello", language=language))


async def test_credits_when_gone_then_issue_until_next_answer(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """Empty credits raise a repair issue, and nothing latches: the next turn probes and clears it."""
    simulator.fault("no_credits")
    await talk("Hello")
    issues = ir.async_get(hass)
    assert issues.async_get_issue(DOMAIN, f"no_credits_{entry.entry_id}") is not None
    assert (await talk("Hello")).response.error_code is None
    assert issues.async_get_issue(DOMAIN, f"no_credits_{entry.entry_id}") is None


async def test_credits_when_gone_for_an_own_key_then_the_account_is_not_blamed(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """And its success says nothing of the account's key."""
    issues, issue_id = ir.async_get(hass), f"no_credits_{entry.entry_id}"
    simulator.fault("no_credits")
    await talk("Hello")
    await change_agent(hass, entry, api_key="xai-agent-own-key")
    assert (await talk("Hello")).response.error_code is None
    assert issues.async_get_issue(DOMAIN, issue_id) is not None
    ir.async_delete_issue(hass, DOMAIN, issue_id)
    simulator.fault("no_credits")
    assert "credits" in speech(await talk("Hello"))
    assert issues.async_get_issue(DOMAIN, issue_id) is None


async def test_key_when_revoked_in_use_then_sentence_and_reauth(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """A key revoked while running is told, asked for anew once, and works again if restored."""
    simulator.revoke("xai-test-0123456789abcdef")
    assert "does not accept the API key" in speech(await talk("Hello"))
    await talk("Hello")
    await hass.async_block_till_done()
    assert [flow["context"]["source"] for flow in hass.config_entries.flow.async_progress()] == ["reauth"]
    simulator.restore("xai-test-0123456789abcdef")
    assert (await talk("Hello")).response.error_code is None


async def test_turn_when_whole_deadline_passes_then_sentence(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """The deadline of the whole turn holds even while words keep coming."""
    hass.config_entries.async_update_entry(entry, options={"turn_timeout_s": 5})
    await hass.async_block_till_done()
    simulator.pace(tokens_per_s=3)
    simulator.script(reply("word " * 200))
    started = asyncio.get_running_loop().time()
    assert "within 5 seconds" in speech(await talk("Talk for long"))
    assert 4.5 < asyncio.get_running_loop().time() - started < 8


async def test_fault_when_logged_then_no_key_and_no_trace(
    hass: HomeAssistant,
    simulator: Simulator,
    impatient: None,
    talk: Talk,
    caplog: pytest.LogCaptureFixture,
    expect_error: Callable[[str], None],
) -> None:
    """At debug level no fault leaks the key or a stack trace."""
    for fault in ("bad_key", "forbidden", "server_error", "drop", "silent", "error_event"):
        simulator.fault(fault, times=None)
        await talk("Hello")
        simulator.clear_faults()
    await simulator.pause_listening()
    await talk("Hello")
    assert "xai-test-0123456789abcdef" not in caplog.text
    assert "Traceback" not in caplog.text
