"""Everybody waits for a turn, is told why there is none, and leaves no trace when going away."""

import asyncio

import pytest

from custom_components.grok_assist.core.errors import GrokLimitError, GrokRateLimitError
from custom_components.grok_assist.core.usage.limits import Limits
from custom_components.grok_assist.grok.gate import Gate, Permit

ONE_A_MINUTE = Limits(requests_per_minute=1)
ONE_AT_A_TIME = Limits(concurrent_requests=1)
EVEN = 0.5
"""The jitter that moves nothing."""


class Clock:
    """The loop's clock, which moves only when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stop the clock of the running loop."""
        self.now = 1_000.0
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: self.now)

    async def advance(self, by_s: float = 0.0) -> None:
        """Let everybody come this far, time pass, and everybody react."""
        await self._settle()
        self.now += by_s
        await self._settle()

    async def _settle(self) -> None:
        """Run what is ready."""
        for _ in range(6):
            await asyncio.sleep(0)


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A loop in which no time passes by itself."""
    return Clock(monkeypatch)


def _gate(limits: Limits, told: list[str] | None = None) -> Gate:
    """Make a gate without jitter."""
    return Gate(limits, on_limited=(told if told is not None else []).append, jitter=lambda: EVEN)


def _start(gate: Gate, patience_s: float = 100.0, tokens: int = 10) -> asyncio.Task[Permit]:
    """Begin to wait."""
    return asyncio.create_task(gate.enter(tokens=tokens, patience_s=patience_s))


async def test_enter_when_there_is_room_then_at_once() -> None:
    """A permit is a context, and closing it twice frees one place."""
    gate = Gate(Limits(concurrent_requests=2))
    with await gate.enter(tokens=10, patience_s=0) as permit, await gate.enter(tokens=10, patience_s=0):
        permit.close()
        permit.close()
        with await gate.enter(tokens=10, patience_s=0), pytest.raises(GrokLimitError):
            await gate.enter(tokens=10, patience_s=0)


async def test_enter_when_wait_is_known_to_be_too_long_then_fails_at_once(clock: Clock) -> None:
    """Nobody waits in vain; the error says which limit and for how long."""
    told: list[str] = []
    gate = _gate(ONE_A_MINUTE, told)
    (await gate.enter(tokens=10, patience_s=0)).close()
    await clock.advance(20)
    with pytest.raises(GrokLimitError) as caught:
        await gate.enter(tokens=10, patience_s=39)
    assert (caught.value.wait_s, caught.value.limit) == (40.0, "requests_per_minute")
    assert told == ["requests_per_minute"]
    assert gate._alarm is None


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        (Limits(requests_per_hour=1), "requests_per_hour"),
        (Limits(tokens_per_minute=1_000), "tokens_per_minute"),
        (ONE_AT_A_TIME, "concurrent_requests"),
    ],
)
async def test_enter_when_a_limit_holds_then_it_is_named(limits: Limits, limit: str) -> None:
    """Each limit has its own name, for the error and for the listener."""
    told: list[str] = []
    gate = _gate(limits, told)
    with await gate.enter(tokens=600, patience_s=0):
        with pytest.raises(GrokLimitError) as caught:
            await gate.enter(tokens=600, patience_s=0)
        assert caught.value.limit == limit
        assert caught.value.wait_s >= 1
        assert told == [limit]


async def test_enter_when_window_opens_then_first_come_first_served(clock: Clock) -> None:
    """The alarm wakes one after the other, at the right times."""
    gate = _gate(ONE_A_MINUTE)
    (await gate.enter(tokens=10, patience_s=0)).close()
    first, second = _start(gate), _start(gate, patience_s=1_000)
    await clock.advance(59.5)
    assert not first.done()
    await clock.advance(0.5)
    assert first.done()
    first.result().close()
    await clock.advance(59.5)
    assert not second.done()
    await clock.advance(0.5)
    second.result().close()
    assert gate._alarm is None


async def test_enter_when_place_is_given_back_then_next_goes(clock: Clock) -> None:
    """A release wakes who waits, without a clock."""
    gate = _gate(ONE_AT_A_TIME)
    permit = await gate.enter(tokens=10, patience_s=0)
    first, second = _start(gate), _start(gate)
    await clock.advance()
    permit.close()
    await clock.advance()
    assert first.done()
    assert not second.done()
    first.result().close()
    (await second).close()


async def test_enter_when_large_one_gives_up_then_small_ones_pass(clock: Clock) -> None:
    """Who is at the head is not overtaken, until its patience ends."""
    told: list[str] = []
    gate = _gate(Limits(tokens_per_minute=1_000), told)
    (await gate.enter(tokens=800, patience_s=0)).close()
    large, small = _start(gate, 70, tokens=900), _start(gate, 90, tokens=100)
    await clock.advance(30)
    gate.restore({"history": [[0, 1, 500]]}, 0.0)
    await clock.advance(39)
    assert not small.done()
    await clock.advance(1)
    with pytest.raises(GrokLimitError) as caught:
        await large
    assert (caught.value.wait_s, caught.value.limit) == (20.0, "tokens_per_minute")
    (await small).close()
    assert told == ["tokens_per_minute"]


async def test_enter_when_turn_and_deadline_come_together_then_admitted(clock: Clock) -> None:
    """A deadline that passes after the permit was given takes nothing back."""
    gate = _gate(ONE_A_MINUTE)
    (await gate.enter(tokens=10, patience_s=0)).close()
    waiting = _start(gate, 60.5)
    await clock.advance(61)
    (await waiting).close()


async def test_enter_when_deadline_passes_then_told(clock: Clock) -> None:
    """A wait that was unknown at first ends with the patience, and those behind move up."""
    told: list[str] = []
    gate = _gate(ONE_AT_A_TIME, told)
    permit = await gate.enter(tokens=10, patience_s=0)
    hasty, patient = _start(gate, 3), _start(gate, 60)
    await clock.advance(3)
    with pytest.raises(GrokLimitError) as caught:
        await hasty
    assert (caught.value.wait_s, caught.value.limit) == (1.0, "concurrent_requests")
    permit.close()
    await patient
    assert told == ["concurrent_requests"]


async def test_enter_when_cancelled_while_waiting_then_out_of_the_queue(clock: Clock) -> None:
    """Who goes away holds nobody up, even when its turn comes at that moment."""
    gate = _gate(ONE_AT_A_TIME)
    permit = await gate.enter(tokens=10, patience_s=0)
    first, second, third = _start(gate), _start(gate), _start(gate)
    await clock.advance()
    first.cancel()
    await clock.advance()
    second.cancel()
    permit.close()
    await clock.advance()
    assert second.cancelled()
    third.result().close()
    assert not gate._waiters


async def test_enter_when_cancelled_while_admitted_then_place_is_given_back(clock: Clock) -> None:
    """A permit that nobody received is closed, and its tokens were never spent."""
    gate = _gate(Limits(concurrent_requests=1, tokens_per_minute=1_000))
    permit = await gate.enter(tokens=100, patience_s=0)
    first = _start(gate, tokens=900)
    await clock.advance()
    permit.close()
    first.cancel()
    await clock.advance()
    assert first.cancelled()
    (await gate.enter(tokens=900, patience_s=0)).close()


async def test_enter_when_cancelled_while_refused_then_cancelled(clock: Clock) -> None:
    """The cancellation wins, and the refusal is not an error that nobody looked at."""
    gate = _gate(ONE_AT_A_TIME)
    await gate.enter(tokens=10, patience_s=0)
    first = _start(gate, 3)
    await clock.advance()
    gate._turn_away(next(iter(gate._waiters)))
    first.cancel()
    await clock.advance(3)
    assert first.cancelled()


async def test_settle_when_less_was_used_then_next_goes(clock: Clock) -> None:
    """The estimate is given back as soon as the usage is known."""
    gate = _gate(Limits(tokens_per_minute=1_000))
    permit = await gate.enter(tokens=900, patience_s=0)
    waiting = _start(gate, tokens=500)
    await clock.advance()
    assert not waiting.done()
    permit.settle(200)
    (await waiting).close()
    permit.close()


async def test_refuse_when_service_says_wait_then_the_impatient_fail_at_once(clock: Clock) -> None:
    """A 429 stops new calls and those in the queue who cannot wait for so long."""
    told: list[str] = []
    gate = _gate(ONE_AT_A_TIME, told)
    permit = await gate.enter(tokens=10, patience_s=0)
    hasty, patient = _start(gate, 3), _start(gate, 60)
    await clock.advance()
    permit.refuse(20.0)
    permit.close()
    with pytest.raises(GrokRateLimitError) as caught:
        await hasty
    assert caught.value.retry_after_s == 20.0
    with pytest.raises(GrokRateLimitError) as caught:
        await gate.enter(tokens=10, patience_s=15)
    assert caught.value.retry_after_s == 20.0
    await clock.advance(19.5)
    assert not patient.done()
    await clock.advance(0.5)
    (await patient).close()
    assert told == ["rate_limited"]


async def test_probe_when_out_then_others_wait_for_it(clock: Clock) -> None:
    """One tries; when the service takes it all go on, before its answer is complete."""
    gate = _gate(Limits())
    first = await gate.enter(tokens=10, patience_s=0)
    late = await gate.enter(tokens=10, patience_s=0)
    first.refuse(None)
    late.refuse(None)
    late.close()
    await clock.advance(1)
    probe = await gate.enter(tokens=10, patience_s=0)
    hasty, patient = _start(gate, 3), _start(gate, 60)
    await clock.advance(3)
    with pytest.raises(GrokRateLimitError) as caught:
        await hasty
    assert caught.value.retry_after_s == 1.0
    assert not patient.done()
    probe.accept()
    (await patient).close()
    probe.settle(5)
    probe.close()


async def test_probe_when_refused_abandoned_or_lost_then_the_next_tries(clock: Clock) -> None:
    """Refusals double the wait, a probe without a judgement makes way, and a lost one after 45 s."""
    gate = _gate(Limits())
    (await gate.enter(tokens=10, patience_s=0)).refuse(None)
    waiting = [_start(gate, 1_000) for _ in range(4)]
    await clock.advance(1)
    first = await waiting[0]
    first.refuse(None)
    first.close()
    await clock.advance(1)
    assert not waiting[1].done()
    await clock.advance(1)
    (await waiting[1]).close()
    lost = await waiting[2]
    await clock.advance(44)
    assert not waiting[3].done()
    await clock.advance(1)
    probe = await waiting[3]
    lost.settle(5)
    lost.close()
    assert not gate._circuit.is_closed
    probe.settle(5)
    assert gate._circuit.is_closed


async def test_probe_when_our_limits_hold_it_then_not_lost(clock: Clock) -> None:
    """A half-open circuit does not count a probe that our own limits keep back."""
    gate = _gate(ONE_A_MINUTE)
    (await gate.enter(tokens=10, patience_s=0)).refuse(2.0)
    with pytest.raises(GrokLimitError) as caught:
        await gate.enter(tokens=10, patience_s=3)
    assert caught.value.limit == "requests_per_minute"
    waiting = _start(gate, 60)
    await clock.advance(30)
    assert not waiting.done()
    await clock.advance(30)
    (await waiting).settle(1)
    assert gate._circuit.is_closed


async def test_restore_when_restarted_then_history_counts(clock: Clock) -> None:
    """A restart does not give a second allowance, and a full hour does."""
    gate = _gate(ONE_A_MINUTE)
    await gate.enter(tokens=10, patience_s=0)
    stored = gate.snapshot()
    for age_s, wait_s in ((-100.0, 60.0), (20.0, 40.0)):
        successor = _gate(ONE_A_MINUTE)
        successor.restore(stored, age_s)
        with pytest.raises(GrokLimitError) as caught:
            await successor.enter(tokens=10, patience_s=0)
        assert caught.value.wait_s == wait_s
    successor = _gate(ONE_A_MINUTE)
    successor.restore(stored, 60.0)
    await successor.enter(tokens=10, patience_s=0)
