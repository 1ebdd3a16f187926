"""The languages in which orders and claims are known."""

from collections.abc import Mapping
from typing import Final

from .dutch import DUTCH
from .english import ENGLISH
from .french import FRENCH
from .german import GERMAN
from .italian import ITALIAN
from .language import Language
from .spanish import SPANISH

_LANGUAGES: Final[Mapping[str, Language]] = {
    "de": GERMAN,
    "en": ENGLISH,
    "es": SPANISH,
    "fr": FRENCH,
    "it": ITALIAN,
    "nl": DUTCH,
}


def language_of(tag: str) -> Language | None:
    """Return the tables for a tag such as "en" or "de-CH"; None where nothing is known of the language."""
    return _LANGUAGES.get(tag.partition("-")[0].partition("_")[0].lower())
