"""Every failure of the xAI service as one family, ordered by what helps against it.

GrokError
├── GrokConnectionError     not reached, or lost on the way: retry later
│   ├── GrokUnreachableError    the line never stood, so nothing was sent
│   ├── GrokTimeoutError    a deadline of ours passed
│   └── GrokBrokenStreamError   the answer had begun to come
├── GrokAuthError           the key is wrong or revoked: ask for a new one
├── GrokPermissionError     the key is good but may not do this
├── GrokCreditsError        the team has no credits or hit its spending limit
├── GrokRateLimitError      too many requests: wait
├── GrokLimitError          one of our own limits: wait
├── GrokBudgetError         the user's own budget is spent: wait for the next day or month, or raise it
│   ├── GrokTooDearError    … or would not be enough for this alone
│   └── GrokSpendingUnknownError    … or nobody knows how much of it is spent
├── GrokModelError          the model does not exist (any more)
├── GrokRequestError        the request was refused: our bug or a bad option
├── GrokServerError         trouble on their side: retry
└── GrokAnswerError         the reply ended without an answer
    └── GrokCutError        … because it met the limit of its length: raise that
"""

from typing import Final

MOMENTARY: Final = frozenset({503, 529})
"""Statuses of a service that has no room for the moment and has done nothing."""


class GrokError(Exception):
    """Base of all failures; `detail` is the service's own text, free of secrets and at most 200 characters."""

    may_have_acted = False
    """Whether the service may have done what it was asked all the same: its answer was lost or makes no sense."""

    def __init__(self, detail: str = "") -> None:
        """Keep the service's own words."""
        super().__init__(detail)
        self.detail = detail


class GrokConnectionError(GrokError):
    """The service could not be reached, or the line was lost before the answer was complete."""

    may_have_acted = True


class GrokUnreachableError(GrokConnectionError):
    """The line to the service never stood, so nothing was sent."""

    may_have_acted = False


class GrokTimeoutError(GrokConnectionError):
    """A deadline of ours passed; `after_s` is how long was waited."""

    def __init__(self, after_s: float, detail: str = "") -> None:
        """Keep how long was waited."""
        super().__init__(detail)
        self.after_s = after_s


class GrokBrokenStreamError(GrokConnectionError):
    """The line was lost after the service had begun to answer."""


class GrokAuthError(GrokError):
    """The API key is missing, wrong, revoked, blocked or disabled."""


class GrokPermissionError(GrokError):
    """The API key is valid but lacks the right for this call, or its team is blocked."""


class GrokCreditsError(GrokError):
    """The team has no credits left or has reached its spending limit."""


class GrokRateLimitError(GrokError):
    """The service asks to slow down; `retry_after_s` is its own wish in seconds, where it sent one."""

    def __init__(self, retry_after_s: float | None = None, detail: str = "") -> None:
        """Keep how long the service wants us to wait."""
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class GrokLimitError(GrokError):
    """One of our own limits; `wait_s` is how long to wait at least, `limit` the name of the limit."""

    def __init__(self, wait_s: float, limit: str) -> None:
        """Keep which limit it is and how long it holds."""
        super().__init__()
        self.wait_s = wait_s
        self.limit = limit


class GrokBudgetError(GrokError):
    """The user's own budget is spent; `period` is "day" or "month", the amounts are US dollars."""

    def __init__(self, period: str, *, limit_usd: float, spent_usd: float) -> None:
        """Keep which budget it is and how much of it is spent."""
        super().__init__()
        self.period = period
        self.limit_usd = limit_usd
        self.spent_usd = spent_usd


class GrokTooDearError(GrokBudgetError):
    """A single call would cost more than is left; `cost_usd` is what it would cost at least, in US dollars."""

    def __init__(self, period: str, *, limit_usd: float, spent_usd: float, cost_usd: float) -> None:
        """Keep what it would cost."""
        super().__init__(period, limit_usd=limit_usd, spent_usd=spent_usd)
        self.cost_usd = cost_usd


class GrokSpendingUnknownError(GrokBudgetError):
    """There is a budget, and what was spent of it cannot be read."""


class GrokModelError(GrokError):
    """The model (or the address) does not exist for this key."""


class GrokRequestError(GrokError):
    """The service refused the request as malformed; `status` is the HTTP status."""

    def __init__(self, status: int, detail: str = "") -> None:
        """Keep the HTTP status."""
        super().__init__(detail)
        self.status = status


class GrokServerError(GrokError):
    """The service failed on its own side; `status` is the HTTP status, 200 for a failure inside a stream."""

    def __init__(self, status: int, detail: str = "") -> None:
        """Keep the HTTP status."""
        super().__init__(detail)
        self.status = status
        self.may_have_acted = status not in MOMENTARY


class GrokAnswerError(GrokError):
    """The reply is complete but holds no answer: empty, cut short or refused."""

    may_have_acted = True


class GrokInterruptedError(GrokAnswerError):
    """The user has spoken over the answer: no fault of anybody."""


class GrokCutError(GrokAnswerError):
    """The reply met the limit of its length before it was whole."""
