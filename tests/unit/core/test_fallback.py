"""The one place that decides who helps instead, and whether money allows it."""

import itertools

import pytest

from custom_components.grok_assist.core.errors import GrokAuthError, GrokBudgetError, GrokConnectionError, GrokError
from custom_components.grok_assist.core.fallback import NextStep, Policy
from custom_components.grok_assist.core.settings import Fallback
from custom_components.grok_assist.core.usage.budget import BudgetAction

BUDGET = GrokBudgetError("day", limit_usd=1, spent_usd=1)
GENEROUS = Policy(fallback=Fallback.HOME_ASSISTANT, budget_action=BudgetAction.HOME_ASSISTANT)
POLICIES = [
    Policy(fallback=fallback, budget_action=action) for fallback, action in itertools.product(Fallback, BudgetAction)
]


@pytest.mark.parametrize("error", [BUDGET, GrokConnectionError(), GrokAuthError()], ids=["budget", "connection", "key"])
def test_text_when_something_was_said_or_done_then_only_a_sentence(error: GrokError) -> None:
    """Nothing is said or done twice."""
    for spoken, acted in ((True, False), (False, True), (True, True)):
        assert GENEROUS.after_text(error, has_spoken=spoken, has_acted=acted) is NextStep.SENTENCE


@pytest.mark.parametrize("policy", POLICIES)
def test_text_when_nothing_happened_then_the_options_decide(policy: Policy) -> None:
    """The agent's option for every failure, the account's for a spent budget."""
    steps = [policy.after_text(error, has_spoken=False, has_acted=False) for error in (GrokConnectionError(), BUDGET)]
    by_agent = policy.fallback is Fallback.HOME_ASSISTANT
    by_account = policy.budget_action is BudgetAction.HOME_ASSISTANT
    assert steps == [
        NextStep.HOME_ASSISTANT if by_agent else NextStep.SENTENCE,
        NextStep.HOME_ASSISTANT if by_agent or by_account else NextStep.SENTENCE,
    ]


def test_text_when_the_agent_leaves_then_nobody_else_is_asked() -> None:
    """Unless the account wants it of a spent budget."""
    leaving = Policy(fallback=Fallback.HOME_ASSISTANT, budget_action=BudgetAction.STOP, is_leaving=True)
    assert leaving.after_text(GrokConnectionError(), has_spoken=False, has_acted=False) is NextStep.SENTENCE


def test_session_when_it_fails_then_text_unless_heard_or_over_budget() -> None:
    """Before its first sound a session is replaced by a written answer."""
    assert GENEROUS.after_session(GrokConnectionError(), was_heard=False) is NextStep.TEXT
    assert GENEROUS.after_session(GrokConnectionError(), was_heard=True) is NextStep.SENTENCE
    assert GENEROUS.after_session(BUDGET, was_heard=False) is NextStep.SENTENCE


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("spent", [None, BUDGET])
def test_speech_when_budget_is_spent_then_the_options_decide(policy: Policy, spent: GrokBudgetError | None) -> None:
    """Nothing is spent over a budget that stops; other engines help where agent or account want it."""
    policy = Policy(fallback=policy.fallback, budget_action=policy.budget_action, spent=spent)
    stops = policy.budget_action is BudgetAction.STOP
    assert policy.may_spend is not (spent is not None and stops)
    by_account = spent is not None and policy.budget_action is BudgetAction.HOME_ASSISTANT
    assert policy.may_lend_engine is (by_account or policy.fallback is Fallback.HOME_ASSISTANT)
