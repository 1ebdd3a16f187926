"""What becomes of a turn that fails: the one place that decides who answers instead."""

from enum import StrEnum

from .errors import GrokBudgetError, GrokError
from .settings import Fallback
from .usage.budget import BudgetAction


class Outcome(StrEnum):
    """How a turn ended, for its trace and the sensors."""

    ANSWERED = "answered"
    TEXT = "text"
    """A spoken turn was answered in writing, which a voice read aloud."""
    HOME_ASSISTANT = "home_assistant"
    """Home Assistant's own agent answered."""
    ERROR = "error"
    """A sentence said what was wrong."""


class NextStep(StrEnum):
    """Who is asked next."""

    TEXT = "text"
    HOME_ASSISTANT = "home_assistant"
    SENTENCE = "sentence"


def after_session(error: GrokError, *, was_heard: bool) -> NextStep:
    """Decide who goes on where a voice session failed: a written answer, unless something was heard already."""
    if was_heard:
        return NextStep.SENTENCE
    return NextStep.SENTENCE if isinstance(error, GrokBudgetError) else NextStep.TEXT


def after_text(
    error: GrokError, *, has_spoken: bool, has_acted: bool, fallback: Fallback, budget_action: BudgetAction
) -> NextStep:
    """Decide who goes on where a written answer failed.

    Home Assistant's own agent may take the sentence only while nothing of the turn was said or done: it would be said
    or done twice.
    """
    if has_spoken or has_acted:
        return NextStep.SENTENCE
    is_allowed = fallback is Fallback.HOME_ASSISTANT
    if isinstance(error, GrokBudgetError):
        is_allowed = is_allowed or budget_action is BudgetAction.HOME_ASSISTANT
    return NextStep.HOME_ASSISTANT if is_allowed else NextStep.SENTENCE
