"""The one place that decides who answers instead."""

import itertools

import pytest

from custom_components.grok_assist.core.errors import GrokAuthError, GrokBudgetError, GrokConnectionError
from custom_components.grok_assist.core.fallback import NextStep, after_session, after_text
from custom_components.grok_assist.core.settings import Fallback
from custom_components.grok_assist.core.usage.budget import BudgetAction

BUDGET = GrokBudgetError("day", limit_usd=1, spent_usd=1)


@pytest.mark.parametrize("error", [BUDGET, GrokConnectionError(), GrokAuthError()], ids=["budget", "connection", "key"])
def test_text_when_something_was_said_or_done_then_only_a_sentence(error: Exception) -> None:
    """Nothing is said or done twice."""
    for spoken, acted in ((True, False), (False, True), (True, True)):
        step = after_text(
            error,  # type: ignore[arg-type]
            has_spoken=spoken,
            has_acted=acted,
            fallback=Fallback.HOME_ASSISTANT,
            budget_action=BudgetAction.HOME_ASSISTANT,
        )
        assert step is NextStep.SENTENCE


def test_text_when_nothing_happened_then_the_options_decide() -> None:
    """The agent's option for every failure, the account's for a spent budget."""
    for fallback, action in itertools.product(Fallback, BudgetAction):
        steps = [
            after_text(error, has_spoken=False, has_acted=False, fallback=fallback, budget_action=action)
            for error in (GrokConnectionError(), BUDGET)
        ]
        by_agent = fallback is Fallback.HOME_ASSISTANT
        by_account = action is BudgetAction.HOME_ASSISTANT
        assert steps == [
            NextStep.HOME_ASSISTANT if by_agent else NextStep.SENTENCE,
            NextStep.HOME_ASSISTANT if by_agent or by_account else NextStep.SENTENCE,
        ]


def test_session_when_it_fails_then_text_unless_heard_or_over_budget() -> None:
    """Before its first sound a session is replaced by a written answer."""
    assert after_session(GrokConnectionError(), was_heard=False) is NextStep.TEXT
    assert after_session(GrokConnectionError(), was_heard=True) is NextStep.SENTENCE
    assert after_session(BUDGET, was_heard=False) is NextStep.SENTENCE
