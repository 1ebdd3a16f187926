"""What whoever pays is told of tries whose usage will never be known."""

import pytest

from custom_components.grok_assist.core.errors import (
    GrokAnswerError,
    GrokAuthError,
    GrokBrokenStreamError,
    GrokConnectionError,
    GrokCreditsError,
    GrokError,
    GrokRateLimitError,
    GrokRequestError,
    GrokServerError,
    GrokTimeoutError,
    GrokUnreachableError,
)
from custom_components.grok_assist.core.usage.limits import Limits
from custom_components.grok_assist.grok.client import _Progress
from custom_components.grok_assist.grok.gate import Gate
from custom_components.grok_assist.grok.stream import Activity

from .paying import Paying


@pytest.mark.parametrize(
    ("error", "is_billed"),
    [
        (GrokTimeoutError(30), True),
        (GrokBrokenStreamError(), True),
        (GrokConnectionError("ReadError"), True),
        (GrokUnreachableError("ConnectError"), False),
        (GrokServerError(200, "failed in the middle"), True),
        (GrokServerError(500), False),
        (GrokServerError(503), False),
        (GrokAnswerError("refused"), True),
        (GrokRateLimitError(1), False),
        (GrokAuthError(), False),
        (GrokCreditsError(), False),
        (GrokRequestError(400), False),
    ],
)
async def test_try_when_it_fails_before_anything_came_then_by_its_kind(error: GrokError, *, is_billed: bool) -> None:
    """What was plainly refused is free; once something came nothing is."""
    gate, payer = Gate(Limits()), Paying()
    with await gate.enter(tokens=10, patience_s=0) as permit:
        _Progress(permit, payer, 10, None).fail(error)
        assert payer.told == (["sent"] if is_billed else ["sent", "refused"])
        payer.told.clear()
        progress = _Progress(permit, payer, 10, None)
        progress.note(Activity("search"))
        progress.fail(error)
        assert payer.told == ["sent"]
