"""What a reply cost, read from what the service tells."""

import math

import pytest

from custom_components.grok_assist.grok.usage import Usage, parse_cost, parse_usage


def test_usage_when_details_missing_then_zero() -> None:
    """Counts may be absent or null; the cost is in ticks of a ten-billionth of a dollar."""
    usage = parse_usage(
        {
            "input_tokens": 10,
            "input_tokens_details": {"cached_tokens": 4},
            "output_tokens": 3,
            "output_tokens_details": None,
            "cost_in_usd_ticks": 25_000_000,
        }
    )
    assert usage == Usage(input_tokens=10, cached_tokens=4, output_tokens=3, cost_usd=0.0025)
    assert parse_usage({}) == Usage()
    assert (usage + Usage(output_tokens=1)).cost_usd == 0.0025
    assert (Usage() + Usage()).cost_usd is None


@pytest.mark.parametrize("nonsense", [-50_000_000_000, 10**30, math.nan, math.inf, -math.inf, True, "5", [5], None])
def test_usage_when_numbers_make_no_sense_then_none_of_them_counts(nonsense: object) -> None:
    """No reply takes money back, or makes tokens out of words."""
    details = {"cached_tokens": nonsense, "reasoning_tokens": nonsense}
    usage = parse_usage(
        {
            "input_tokens": nonsense,
            "input_tokens_details": details,
            "output_tokens": nonsense,
            "output_tokens_details": details,
            "num_server_side_tools_used": nonsense,
            "cost_in_usd_ticks": nonsense,
        }
    )
    assert usage == Usage()
    assert parse_cost({"cost_in_usd_ticks": nonsense}) is None


def test_usage_when_parts_are_more_than_the_whole_then_the_whole() -> None:
    """What was read lately is part of what was read, and thinking part of what was written."""
    usage = parse_usage(
        {
            "input_tokens": 10,
            "input_tokens_details": {"cached_tokens": 40},
            "output_tokens": 3,
            "output_tokens_details": {"reasoning_tokens": 9},
            "cost_in_usd_ticks": 25_000_000.0,
        }
    )
    assert usage == Usage(input_tokens=10, cached_tokens=10, output_tokens=3, reasoning_tokens=3, cost_usd=0.0025)
