"""The key in what a service says: whole, in part, escaped, and never left."""

from urllib.parse import quote

from hypothesis import given, settings, strategies as st
import orjson
import pytest

from custom_components.grok_assist.core.redaction import NO_KEY, SHOWN_LENGTH, Redactor

KEY = "xai-0123456789abcdefghij"
STRANGE = 'gw/"a+b\\c=\u00e4\u00f6d e'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"bad key {KEY}.", "bad key ***."),
        (f"{KEY}{KEY}", "******"),
        (f"bad key {KEY[:12]}", "bad key ***"),
        (f"bad key ...{KEY[-9:]}", "bad key ...***"),
        (f"bad key {KEY[5:20]} and {KEY.upper()}", "bad key *** and ***"),
        (f"a hint {KEY[:4]}...{KEY[-4:]}", f"a hint {KEY[:4]}...{KEY[-4:]}"),
        ("Authorization: Bearer some-other-token", "Authorization: Bearer ***"),
        (f"it ends in {KEY[-7:]}", f"it ends in {KEY[-7:]}"),
        ('{"authorization":"bearer%20other"}', '{"authorization":"bearer%20***"}'),
        ("nothing of it", "nothing of it"),
        ("", ""),
    ],
)
def test_key_when_quoted_then_masked(text: str, shown: str) -> None:
    """A run of eight characters is masked, however it came about; a hint of the ends may stay."""
    assert Redactor(KEY)(text) == shown


@pytest.mark.parametrize(
    "form", [STRANGE, quote(STRANGE, safe=""), orjson.dumps(STRANGE).decode(), STRANGE.replace("/", "\\/")]
)
def test_key_when_escaped_then_masked(form: str) -> None:
    """In an address and in JSON it is written otherwise."""
    assert "b" not in Redactor(STRANGE)(f"<<{form}>>")


def test_key_when_short_or_none_then_nothing_else_is_lost() -> None:
    """A short key is masked as a whole; without one all words stay."""
    assert Redactor("abc12")("key abc12, ab") == "key ***, ab"
    assert NO_KEY("key abc12") == "key abc12"


def test_redactor_when_shown_then_without_the_key() -> None:
    """It may stand in a trace."""
    assert KEY not in repr(Redactor(KEY))


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=8, max_size=40), st.text(max_size=20), st.text(max_size=20), st.integers(0, 30))
def test_key_when_anything_then_no_longer_piece_stays(key: str, before: str, after: str, cut: int) -> None:
    """Whatever the key is and wherever its end is cut off."""
    shown = Redactor(key)(before + key[cut : cut + 20] + after)
    pieces = {key[start : start + SHOWN_LENGTH] for start in range(len(key) - SHOWN_LENGTH + 1)}
    assert not any(piece in shown for piece in pieces if "*" not in piece)
