"""Samples of sound that come in pieces of any size."""

from hypothesis import given, strategies as st

from custom_components.grok_assist.core.media.samples import WholeSamples


@given(st.lists(st.binary(max_size=7)))
def test_samples_when_cut_anywhere_then_whole_ones_in_order(pieces: list[bytes]) -> None:
    """Nothing is lost but half a sample at the very end."""
    samples = WholeSamples()
    given = [samples.feed(piece) for piece in pieces]
    sound = b"".join(pieces)
    assert all(len(piece) % 2 == 0 for piece in given)
    assert b"".join(given) == sound[: len(sound) // 2 * 2]
