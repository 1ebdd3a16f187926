"""JSON of values that have no form for it."""

from collections.abc import Mapping
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.grok_assist.core.json_types import packed_json, plain, unpacked


class Size(IntEnum):
    """A number with a name."""

    BIG = 5


class Color(StrEnum):
    """A text with a name."""

    RED = "red"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (2**63 - 1, 2**63 - 1),
        (-(2**63) + 1, -(2**63) + 1),
        (2**70, str(2**70)),
        (-(2**70), str(-(2**70))),
        (True, True),
        (1.5, 1.5),
        (None, None),
        (Size.BIG, 5),
        (Color.RED, "red"),
        (Decimal("1.50"), "1.50"),
        (b"\x00", "b'\\x00'"),
        ("\ud83d", "\ufffd"),
        ("\ud83d\ude00", "😀"),
        ((1, "a", None), [1, "a", None]),
        ({1: {"a": 2**70}, "\udc00": ()}, {"1": {"a": str(2**70)}, "\ufffd": []}),
    ],
)
def test_value_is_written_as_near_as_can_be(value: object, written: object) -> None:
    """What JSON can hold stays as it is."""
    assert plain(value) == written
    assert type(plain(value)) is type(written)


def test_value_that_holds_itself_is_written() -> None:
    """It ends somewhere."""
    ring: dict[str, object] = {}
    ring["again"] = ring
    assert b"again" in packed_json({"ring": ring, "number": 2**70})


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.binary() | st.decimals(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()) | st.integers(), inner) | st.tuples(inner),
    max_leaves=20,
)


@given(ANY)
def test_anything_can_be_written(value: object) -> None:
    """And read again."""
    orjson.loads(packed_json(value))


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_is_written_as_it_is(value: Any) -> None:
    """The long way changes nothing that the short way can write."""
    assert orjson.loads(packed_json(value)) == plain(value) == value
    assert not isinstance(plain(value), Mapping) or isinstance(plain(value), dict)


@pytest.mark.parametrize("packed", [None, 5, "", "x", "ä", b"AAA=", "AAA=!", "AA A=", "AA\nA=", "AAA", "-_-_"])
def test_what_is_no_base64_is_nothing(packed: object) -> None:
    """Whatever a server sends in its place."""
    assert unpacked(packed) == b""


def test_base64_is_bytes() -> None:
    """As it came."""
    assert unpacked("AAECAw==") == b"\x00\x01\x02\x03"
