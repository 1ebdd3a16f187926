"""Tags of languages: what is listed, and what is taken beside it."""

import orjson
import pytest

from custom_components.grok_assist.core.languages import (
    TRANSCRIBED,
    OfferedLanguages,
    nearest_tag,
    transcribed_language,
)
from tests.simulator.speech.wishes import LANGUAGES

OFFERED = OfferedLanguages(
    ["de", "en", "en-GB", "es", "es-419", "nl", "nb", "pt", "pt-BR", "zh-Hans", "zh-Hant", "gsw"]
)


@pytest.mark.parametrize(
    "tag",
    [
        "en", "en-US", "en-GB", "en_GB", "en-gb", "EN_us", "en-IN", "de-DE", "de_de", "nl-BE", "nl_BE", "es-MX",
        "es-419", "es-us", "pt-PT", "pt-br", "zh-CN", "zh_CN", "zh-cn", "zh-Hans", "zh-Hant-TW", "zh-CN-henan", "zh-TW",
        "no", "iw", "fil-PH", "yue-CN", "gsw", "nb-NO",
    ],
)  # fmt: skip
def test_language_when_another_engine_has_it_then_taken(tag: str) -> None:
    """Automations that moved over say it in their own spelling."""
    assert tag in OFFERED


@pytest.mark.parametrize(
    "tag", ["", "xx", "xx-YY", "english", "en-", "-en", "en US", "en-U", "de;x", 5, None, "e" * 99]
)
def test_language_when_nobody_has_it_then_refused(tag: object) -> None:
    """A typing error is told."""
    assert tag not in OFFERED


def test_list_when_shown_then_each_language_once() -> None:
    """With the regions that make a difference, in one spelling, and as plain JSON."""
    assert {"en", "en-GB", "es-MX", "es-ES", "pt-PT", "pt-BR", "es-419"} <= set(OFFERED)
    assert {"en-US", "de-DE", "ar-SA"}.isdisjoint(set(OFFERED))
    assert len({tag.lower().replace("_", "-") for tag in OFFERED}) == len(OFFERED)
    assert orjson.loads(orjson.dumps(OFFERED)) == sorted(OFFERED) == list(OFFERED)
    assert all(tag in OFFERED for tag in OFFERED)


def test_tag_when_not_documented_then_none() -> None:
    """The service finds it out."""
    assert [nearest_tag(tag) for tag in ("nl-BE", "", None, "xx", "-", "_")] == [None] * 6


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("es", "es"), ("es-ES", "es"), ("es_MX", "es"), ("pt-BR", "pt"), ("pt-PT", "pt"), ("ar-EG", "ar"),
        ("EN-us", "en"), ("fil-PH", "fil"), ("tl", "fil"), ("nl", "nl"), ("fa", "fa"),
        ("nb", None), ("no", None), ("nn-NO", None), ("fi", None), ("zh-Hans", None), ("zh", None), ("bn", None),
        ("yue-CN", None), ("", None), (None, None), ("-", None),
    ],
)  # fmt: skip
def test_name_when_transcribed_then_of_the_list_or_none(tag: str | None, name: str | None) -> None:
    """Regions are left out, and so is what the list has not."""
    assert transcribed_language(tag) == name


def test_list_when_compared_then_that_of_the_simulated_service() -> None:
    """The same 25."""
    assert TRANSCRIBED == LANGUAGES
