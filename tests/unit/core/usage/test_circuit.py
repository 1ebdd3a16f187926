"""After a 429 nobody calls for a while, and then one at a time tries."""

from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
import pytest

from custom_components.grok_assist.core.usage.circuit import MAX_DELAY_S, MAX_RETRY_AFTER_S, PROBE_S, Circuit

EVEN = 0.5
"""The jitter that moves nothing."""


def test_circuit_when_new_then_everybody_passes() -> None:
    """Without a 429 there is no wait and no probe."""
    circuit = Circuit()
    assert circuit.is_closed
    assert circuit.try_enter(0.0)
    assert circuit.try_enter(0.0)
    assert circuit.wait_s(0.0) == 0.0
    assert circuit.next_at(0.0) is None


@pytest.mark.parametrize(
    ("retry_after_s", "wait_s"),
    [(7.5, 7.5), (0.0, 0.0), (-3.0, 0.0), (1e9, MAX_RETRY_AFTER_S), (float("inf"), 3600.0), (float("nan"), 0.0)],
)
def test_trip_when_service_names_a_wait_then_it_holds(retry_after_s: float, wait_s: float) -> None:
    """The service's wish is honoured within reason."""
    circuit = Circuit()
    circuit.trip(retry_after_s, 100.0, EVEN)
    assert circuit.wait_s(100.0) == wait_s
    assert circuit.try_enter(100.0) is (wait_s == 0)
    assert not circuit.is_closed


def test_trip_when_service_names_none_then_waits_double() -> None:
    """Probe after probe that is refused waits for longer, until one succeeds."""
    circuit, now, waits = Circuit(), 0.0, []
    for _ in range(7):
        circuit.trip(None, now, EVEN)
        waits.append(circuit.wait_s(now))
        now += circuit.wait_s(now)
        assert circuit.try_enter(now)
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    circuit.succeed()
    circuit.trip(None, now, EVEN)
    assert circuit.wait_s(now) == 1


@pytest.mark.parametrize(("jitter", "wait_s"), [(0.0, 0.75), (1.0, 1.25)])
def test_trip_when_jitter_then_by_a_quarter(jitter: float, wait_s: float) -> None:
    """Many installations do not come back at the same moment."""
    circuit = Circuit()
    circuit.trip(None, 0.0, jitter)
    assert circuit.wait_s(0.0) == wait_s


def test_probe_when_out_then_others_wait_for_its_judgement() -> None:
    """Exactly one tries; refused, abandoned and served each have their effect."""
    circuit = Circuit()
    circuit.trip(2.0, 0.0, EVEN)
    assert not circuit.try_enter(1.9)
    assert circuit.next_at(1.9) == 2.0
    assert circuit.try_enter(2.0)
    assert not circuit.try_enter(2.0)
    assert circuit.wait_s(2.0) == 0.0
    circuit.abandon()
    assert circuit.next_at(2.0) is None
    assert circuit.try_enter(2.0)
    circuit.trip(5.0, 3.0, EVEN)
    assert not circuit.try_enter(7.9)
    assert circuit.try_enter(8.0)
    circuit.succeed()
    assert circuit.is_closed
    assert circuit.try_enter(8.0)


def test_probe_when_never_judged_then_another_may_try() -> None:
    """A lost probe does not latch."""
    circuit = Circuit()
    circuit.trip(1.0, 0.0, EVEN)
    assert circuit.try_enter(1.0)
    assert circuit.next_at(1.0) == 1.0 + PROBE_S
    assert not circuit.try_enter(PROBE_S)
    assert circuit.try_enter(1.0 + PROBE_S)


def test_hold_when_late_refusals_come_then_only_their_wish_counts() -> None:
    """Calls that were under way when it opened neither double the wait nor end a probe."""
    circuit = Circuit()
    circuit.hold(5.0, 0.0)
    assert circuit.is_closed
    circuit.trip(None, 0.0, EVEN)
    circuit.hold(None, 0.5)
    circuit.hold(0.1, 0.5)
    assert circuit.wait_s(0.5) == 0.5
    assert circuit.try_enter(1.0)
    circuit.hold(4.0, 1.0)
    assert circuit.wait_s(1.0) == 4.0
    assert not circuit.try_enter(5.0)
    circuit.trip(None, 5.0, EVEN)
    assert circuit.wait_s(5.0) == 2.0


@given(st.lists(st.floats(0, 10), max_size=5))
def test_clock_when_it_goes_back_then_nobody_passes(back_s: list[float]) -> None:
    """Time that goes backwards stands still."""
    circuit = Circuit()
    circuit.trip(10.0, 100.0, EVEN)
    for step in back_s:
        assert not circuit.try_enter(100.0 - step)
        assert circuit.wait_s(100.0 - step) == 10.0


class AnyLife(RuleBasedStateMachine):
    """Whatever happens in whatever order, probes go one by one and nothing latches."""

    def __init__(self) -> None:
        """Start closed."""
        super().__init__()
        self.circuit = Circuit()
        self.now = 0.0
        self.probe_at: float | None = None

    @rule(step_s=st.integers(0, 200))
    def pass_time(self, step_s: int) -> None:
        """Let time pass."""
        self.now += step_s / 4

    @rule()
    def enter(self) -> None:
        """Try to call."""
        if self.circuit.try_enter(self.now) and not self.circuit.is_closed:
            assert self.probe_at is None or self.now >= self.probe_at + PROBE_S
            self.probe_at = self.now

    @precondition(lambda self: self.circuit.is_closed or self.probe_at is not None)
    @rule(retry_after_s=st.none() | st.integers(-1, 100), jitter=st.floats(0, 1))
    def trip(self, retry_after_s: float | None, jitter: float) -> None:
        """Get a 429."""
        self.circuit.trip(retry_after_s, self.now, jitter)
        self.probe_at = None

    @rule(retry_after_s=st.none() | st.integers(-1, 100))
    def hold(self, retry_after_s: float | None) -> None:
        """Get a 429 for an old call."""
        self.circuit.hold(retry_after_s, self.now)

    @precondition(lambda self: self.probe_at is not None)
    @rule(is_served=st.booleans())
    def judge(self, *, is_served: bool) -> None:
        """Serve or abandon the probe."""
        if is_served:
            self.circuit.succeed()
        else:
            self.circuit.abandon()
        self.probe_at = None

    @invariant()
    def waits_are_bounded(self) -> None:
        """Nobody waits beyond the wish of an hour, and somebody may try at the promised time."""
        assert 0 <= self.circuit.wait_s(self.now) <= max(MAX_DELAY_S, 100)
        at = self.circuit.next_at(self.now)
        assert at is None or self.now < at <= self.now + max(100, PROBE_S)


TestAnyLife = AnyLife.TestCase
