"""Tags of languages: what is listed, and what is taken beside it."""

import orjson
import pytest

from custom_components.grok_assist.core.languages import OfferedLanguages, nearest_tag

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
