"""Sound at another rate."""

import array
import math

from hypothesis import given, settings, strategies as st

from custom_components.grok_assist.core.media.rates import RateChanger

TONE = array.array("h", (round(8_000 * math.sin(2 * math.pi * 440 * at / 16_000)) for at in range(16_000))).tobytes()


@settings(max_examples=30)
@given(st.lists(st.integers(min_value=1, max_value=1_000), min_size=1, max_size=40))
def test_sound_when_cut_anywhere_then_the_same_and_half_as_long_again(sizes: list[int]) -> None:
    """A second of a tone is a second of the same tone, less the few samples that wait for more."""
    changer, heard, start = RateChanger(16_000, 24_000), b"", 0
    for size in sizes:
        piece = TONE[start : start + size * 2]
        heard += changer.feed(piece)
        start += len(piece)
    samples = array.array("h", heard)
    assert start // 2 * 3 // 2 - 64 <= len(samples) <= start // 2 * 3 // 2 + 1
    wanted = [8_000 * math.sin(2 * math.pi * 440 * at / 24_000) for at in range(len(samples))]
    assert all(abs(left - right) < 400 for left, right in zip(samples[64:], wanted[64:], strict=True))
