"""What may be billed of a request whose usage was never told."""

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
from custom_components.grok_assist.grok.delivery import Delivery


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
def test_try_when_it_fails_before_anything_came_then_by_its_kind(error: GrokError, *, is_billed: bool) -> None:
    """What was plainly refused is free; once something came nothing is."""
    delivery = Delivery()
    delivery.begin()
    delivery.fail(error, has_begun=False)
    assert delivery == Delivery(lost=0, is_open=is_billed)
    delivery.fail(error, has_begun=True)
    assert delivery.is_open


def test_tries_when_repeated_then_each_is_counted() -> None:
    """One that broke off after some activity, one that was refused, one that answered."""
    delivery = Delivery()
    for error, has_begun in ((GrokServerError(500), True), (GrokServerError(503), False)):
        delivery.begin()
        delivery.fail(error, has_begun=has_begun)
    delivery.begin()
    delivery.settle()
    assert delivery == Delivery(lost=1, is_open=False)
