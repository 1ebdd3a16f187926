"""What whoever pays is told of tries whose usage will never be known."""

import pytest

from custom_components.grok_assist.core.errors import (
    GrokAnswerError,
    GrokAuthError,
    GrokBrokenStreamError,
    GrokConnectionError,
    GrokCreditsError,
    GrokCutError,
    GrokError,
    GrokRateLimitError,
    GrokRequestError,
    GrokServerError,
    GrokTimeoutError,
    GrokUnreachableError,
)
from custom_components.grok_assist.core.usage.limits import Limits
from custom_components.grok_assist.grok.gate import Gate
from custom_components.grok_assist.grok.progress import Progress
from custom_components.grok_assist.grok.stream import Activity, ReplyReader

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
        Progress(permit, payer, 10, None).fail(error)
        assert payer.told == (["sent"] if is_billed else ["sent", "refused"])
        payer.told.clear()
        progress = Progress(permit, payer, 10, None)
        progress.note(Activity("search"))
        progress.fail(error)
        assert payer.told == ["sent"]


async def test_answer_when_it_outgrows_its_limit_in_arguments_that_nobody_sees_then_broken_off() -> None:
    """Money is held for so many tokens, whatever the model writes with them."""
    call = {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "x" * 400}
    gate, reader = Gate(Limits()), ReplyReader()
    with await gate.enter(tokens=10, patience_s=0) as permit:
        progress = Progress(permit, Paying(), 10, 250)
        pieces = [reader.feed(call) for _ in range(3)]
        first, second, third = (piece for piece in pieces if piece is not None)
        progress.note(first)
        progress.note(second)
        with pytest.raises(GrokCutError):
            progress.note(third)
