"""What becomes of a turn that fails: the one place that decides who helps instead, and whether money allows it."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may become of a turn of one agent at this moment: who else may help, and what may still be spent."""

    fallback: Fallback
    """The agent's option."""
    budget_action: BudgetAction
    """The account's option."""
    spent: GrokBudgetError | None = None
    """Why nothing is left of the budget, if that is so."""
    is_leaving: bool = False
    """The agent goes: nobody else is asked any more."""

    @property
    def may_spend(self) -> bool:
        """Whether speech may cost something: where Home Assistant helps out, it may beyond the budget, too."""
        return self.spent is None or self.budget_action is not BudgetAction.STOP

    @property
    def may_lend_engine(self) -> bool:
        """Whether Home Assistant's other engines may hear and speak in our place, and its agent answer."""
        is_by_budget = self.spent is not None and self.budget_action is BudgetAction.HOME_ASSISTANT
        return is_by_budget or self.fallback is Fallback.HOME_ASSISTANT

    def after_session(self, error: GrokError, *, was_heard: bool) -> NextStep:
        """Decide who goes on where a voice session failed: a written answer, unless something was heard already."""
        if was_heard or isinstance(error, GrokBudgetError):
            return NextStep.SENTENCE
        return NextStep.TEXT

    def after_text(self, error: GrokError, *, has_spoken: bool, has_acted: bool) -> NextStep:
        """Decide who goes on where a written answer failed.

        Home Assistant's own agent may take the sentence only while nothing of the turn was said or done: it would be
        said or done twice.
        """
        if has_spoken or has_acted:
            return NextStep.SENTENCE
        is_allowed = self.fallback is Fallback.HOME_ASSISTANT and not self.is_leaving
        if isinstance(error, GrokBudgetError):
            is_allowed = is_allowed or self.budget_action is BudgetAction.HOME_ASSISTANT
        return NextStep.HOME_ASSISTANT if is_allowed else NextStep.SENTENCE
