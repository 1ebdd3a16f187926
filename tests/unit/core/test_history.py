"""How much of a conversation is told again."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.grok_assist.core.history import (
    LONGEST_PAUSE,
    SUMMARY_TOKENS,
    TEXT_LIMIT,
    Remembered,
    TurnText,
    clipped,
    fitting,
    summary_task,
    summary_tokens,
)
from custom_components.grok_assist.core.settings import HistoryLimits


def turns(count: int, start: int = 0) -> list[TurnText]:
    """Make turns of ten tokens each."""
    return [
        TurnText(said=f"sentence {number:011}", answer=f"answer {number:013}") for number in range(start, start + count)
    ]


def remembered(**fields: object) -> Remembered:
    """Make a memory."""
    return Remembered(agent="a", conversation_id="c", **fields)  # type: ignore[arg-type]


def test_history_when_short_then_told_whole() -> None:
    """Within the limits nothing is left out and nothing is due."""
    memory = remembered(current=turns(3))
    limits = HistoryLimits(turns=3, tokens=1000)
    assert (memory.skipped(limits), memory.due(limits), memory.prelude(limits)) == (0, 0, ("", []))


@pytest.mark.parametrize(("most", "tokens", "due"), [(4, 1000, 4), (100, 30, 5)])
def test_history_when_long_then_half_of_the_limit_is_kept(most: int, tokens: int, due: int) -> None:
    """What is folded makes room for a while, so that the prompt's beginning stays the same."""
    assert remembered(current=turns(6)).due(HistoryLimits(turns=most, tokens=tokens)) == due


def test_fold_when_done_then_oldest_are_in_the_summary() -> None:
    """Earlier turns go first, then those of the chat log."""
    memory = remembered(earlier=turns(2), current=turns(3, start=2))
    assert "sentence 00000000000" in summary_task(memory, 3)
    memory.fold(3, "They talked.")
    assert (memory.earlier, memory.folded, memory.summary) == ([], 1, "They talked.")
    assert memory.unfolded == turns(2, start=3)
    assert summary_task(memory, 1).startswith("Summary so far: They talked.")


def test_log_when_it_begins_anew_then_the_former_turns_are_ours() -> None:
    """Home Assistant forgets after minutes; we do not, and nothing is told twice."""
    memory = remembered(current=turns(3), folded=1, summary="One.")
    memory.begin([])
    assert (memory.earlier, memory.current, memory.folded) == (turns(2, start=1), [], 0)
    memory.begin(turns(1, start=9))
    assert memory.prelude(HistoryLimits())[1] == turns(2, start=1)


@pytest.mark.parametrize(
    ("stored", "log", "earlier", "folded"),
    [
        (turns(3), turns(3), [], 0),
        (turns(3), turns(1, start=2), turns(2), 0),
        (turns(2, start=1), turns(3), [], 1),
        (turns(2), [*turns(2), *turns(1, start=7)], [], 0),
        (turns(2), turns(2, start=5), turns(2), 0),
        (turns(2), [], turns(2), 0),
        ([], turns(2), [], 0),
    ],
)
def test_memory_when_read_while_the_log_lives_on_then_told_once(
    stored: list[TurnText], log: list[TurnText], earlier: list[TurnText], folded: int
) -> None:
    """Where only the account began anew, what Home Assistant still has is not told by us as well."""
    memory = Remembered.from_json(remembered(current=stored, summary="Before.").to_json())
    assert memory is not None
    memory.is_restored = True
    memory.begin(log)
    assert (memory.earlier, memory.folded) == (earlier, folded)
    memory.begin([*log, *turns(1, start=9)])
    assert memory.unfolded == [*earlier, *log[folded:], *turns(1, start=9)]


def test_forget_when_the_log_goes_on_then_only_what_is_new_is_told() -> None:
    """What Home Assistant still has is skipped."""
    memory = remembered(earlier=turns(1), current=turns(2), summary="Secret.")
    memory.forget()
    assert memory.to_json()["turns"] == []
    memory.begin(turns(2))
    memory.begin(turns(3))
    assert memory.unfolded == turns(1, start=2)
    assert memory.prelude(HistoryLimits()) == ("", [])


@given(st.lists(st.integers(0, 300), max_size=12), st.integers(1, 12), st.integers(200, 2000))
def test_told_turns_when_any_then_within_both_limits(sizes: list[int], most: int, tokens: int) -> None:
    """Bounded by turns and by tokens, whatever was said."""
    limits = HistoryLimits(turns=most, tokens=tokens)
    texts = [TurnText(said="x" * 4 * size, answer="") for size in sizes]
    half = len(texts) // 2
    memory = remembered(earlier=texts[:half], current=texts[half:])
    told = [*memory.prelude(limits)[1], *memory.current[memory.skipped(limits) :]]
    assert len(told) <= most
    assert sum(turn.tokens for turn in told) <= tokens
    assert told == texts[len(texts) - len(told) :]


def test_json_when_read_back_then_the_same_words() -> None:
    """What survives a restart is what is not folded; a summary, too."""
    memory = remembered(
        user_id="u", device_id="d", updated=5.0, summary="S", earlier=turns(1), current=turns(2, start=1), folded=1
    )
    again = Remembered.from_json(memory.to_json())
    assert again is not None
    assert again.earlier == [*turns(1), *turns(1, start=2)]
    assert (again.user_id, again.device_id, again.updated, again.summary) == ("u", "d", 5.0, "S")


@pytest.mark.parametrize(
    "data",
    [{}, {"agent": 1}, {"agent": "a", "conversation_id": "c"}, {"agent": "a", "conversation_id": "c", "turns": 5}],
)
def test_json_when_broken_then_nothing(data: dict[str, object]) -> None:
    """A stored part that makes no sense is left out."""
    assert Remembered.from_json(data) is None


def test_json_when_turns_are_broken_then_those_are_left_out() -> None:
    """One bad row loses only itself."""
    again = Remembered.from_json(
        {"agent": "a", "conversation_id": "c", "updated": "x", "turns": [["a", "b"], ["c"], 5]}
    )
    assert again is not None
    assert again.earlier == [TurnText(said="a", answer="b")]
    assert again.updated == 0


def test_texts_when_endless_then_clipped() -> None:
    """A single turn cannot fill the memory."""
    assert clipped("short") == "short"
    assert len(clipped("x" * 9000)) == TEXT_LIMIT + 2
    assert fitting(turns(3), most=2, tokens=1000) == turns(2, start=1)


def test_summary_when_it_never_comes_then_asked_ever_more_rarely_and_memory_stays_small() -> None:
    """Each try waits twice as long as the one before, none is larger than what may be told, and the rest goes."""
    memory, limits = remembered(), HistoryLimits(turns=4, tokens=100)
    tries: list[tuple[int, int]] = []
    for count in range(1, 201):
        memory.begin(turns(count))
        memory.bound(limits)
        if memory.is_due(limits):
            tries.append((count, memory.batch(limits)))
            memory.fail(memory.batch(limits))
        assert len(memory.unfolded) < 20
        assert len(memory.to_json()["turns"]) < 20
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(tries)]
    assert len(tries) < 10
    assert gaps == sorted(gaps)
    assert gaps[-1] <= LONGEST_PAUSE + 4
    assert max(batch for _, batch in tries) * 10 <= limits.tokens
    again = Remembered.from_json(memory.to_json())
    assert again is not None
    assert (again.failures, again.pause) == (memory.failures, memory.pause)


def test_summary_when_it_comes_after_failures_then_all_is_as_before() -> None:
    """A moment's trouble costs nothing for ever."""
    memory, limits = remembered(current=turns(6)), HistoryLimits(turns=4, tokens=100)
    memory.fail(memory.batch(limits))
    assert not memory.is_due(limits)
    memory.begin(turns(8))
    assert memory.is_due(limits)
    memory.fold(memory.batch(limits), "They talked.")
    assert (memory.failures, memory.pause, memory.summary) == (0, 0, "They talked.")


def test_batch_when_one_turn_is_longer_than_all_that_may_be_told_then_alone() -> None:
    """What cannot be cut still goes, one at a time."""
    memory = remembered(current=[TurnText(said="x" * 4000, answer=""), *turns(6)])
    assert memory.batch(HistoryLimits(turns=4, tokens=200)) == 1


@pytest.mark.parametrize(("effort", "least"), [("none", 0), (None, 1000), ("low", 1000), ("high", 4000), ("new", 1000)])
def test_summary_when_model_cannot_stop_thinking_then_has_room_for_it(effort: str | None, least: int) -> None:
    """Thinking counts as output; without room for it the answer is empty for ever."""
    assert summary_tokens(effort) >= SUMMARY_TOKENS + least
    assert summary_tokens("none") == SUMMARY_TOKENS


@pytest.mark.parametrize("bad", [-1, 10**30, "2", True, None, 1.5])
def test_json_when_pauses_are_bad_then_summaries_go_on(bad: object) -> None:
    """A stored pause never holds summaries back for ever."""
    stored = remembered(current=turns(2)).to_json() | {"failures": bad, "pause": bad}
    again = Remembered.from_json(stored)
    assert again is not None
    assert again.failures <= LONGEST_PAUSE
    assert again.pause <= 2 + LONGEST_PAUSE
