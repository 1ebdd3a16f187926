"""Tags of languages: which are offered, which spellings are understood, and what the service calls them."""

from collections.abc import Iterable, Mapping
import re
from typing import Final, override

DOCUMENTED: Final = frozenset(
    ("ar", "bn", "de", "en", "es", "fr", "hi", "id", "it", "ja", "ko", "pt", "ru", "tr", "vi", "zh")
)
"""What the service speaks, and hears in a session, by its documents; everything else it has to find out by itself."""
BY_REGION: Final[Mapping[str, Mapping[str, str]]] = {
    "ar": {"SA": "ar-SA", "YE": "ar-SA", **dict.fromkeys(("AE", "BH", "KW", "OM", "QA"), "ar-AE"), "": "ar-EG"},
    "es": {"ES": "es-ES", "GQ": "es-ES", "": "es-MX"},
    "pt": {"BR": "pt-BR", "": "pt-PT"},
}
"""Languages that the service knows by region only: the nearest tag for a region, and for all others."""
USUAL: Final[Mapping[str, str]] = {"es": "es-ES"}
"""Meant by a language without a region, where it is not what other regions have."""
TRANSCRIBED: Final = frozenset(
    (
        "ar", "cs", "da", "de", "en", "es", "fa", "fil", "fr", "hi", "id", "it", "ja", "ko", "mk", "ms", "nl", "pl",
        "pt", "ro", "ru", "sv", "th", "tr", "vi",
    )
)  # fmt: skip
"""What the plain transcription takes as a language, without regions (xAI page "speech to text", read 2026-11-28)."""

_OLDER: Final[Mapping[str, str]] = {"tl": "fil"}
"""Older names of languages that it takes by another one."""
_ELSEWHERE: Final = frozenset(
    (
        "am", "as", "az", "fil", "gu", "ha", "iw", "jv", "jw", "kk", "km", "kn", "la", "lo", "mn", "mr", "ms", "mt",
        "my", "ne", "no", "or", "pa", "ps", "si", "so", "su", "sw", "tl", "uz", "wuu", "yue", "zu",
    )
)  # fmt: skip
"""What other engines list and Home Assistant has no name for; the service is left to find it out."""
_TAG: Final = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{2}|[a-z]{4}|[0-9]{3}))?(?:[-_][a-z0-9]{2,8}){0,2}", re.IGNORECASE)


class OfferedLanguages(list[str]):  # Home Assistant writes it as JSON
    """Languages that are listed, with the regions that the service tells apart; every usual tag of them is taken.

    Home Assistant asks by `in`, and chooses from what is listed. An automation that was made for another engine says
    `en-US` or `nl_BE`: a list of all of them would be absurd, and would have new assistants prefer one by the country.
    """

    def __init__(self, languages: Iterable[str]) -> None:
        """List languages of Home Assistant."""
        named = set(languages)
        super().__init__(sorted(named.union(*(BY_REGION[base].values() for base in named & BY_REGION.keys()))))
        self._bases = frozenset(tag.partition("-")[0] for tag in named) | _ELSEWHERE

    @override
    def __contains__(self, tag: object) -> bool:
        """Whether somebody may ask for a language so."""
        match = _TAG.fullmatch(tag) if isinstance(tag, str) else None
        return match is not None and match[1].lower() in self._bases


def transcribed_language(language: str | None) -> str | None:
    """Give the name by which the plain transcription takes a language; None where its list has none.

    What is not listed may be refused, or taken for English: the transcription finds it out where nothing is named.
    """
    base = (language or "").replace("_", "-").partition("-")[0].lower()
    named = _OLDER.get(base, base)
    return named if named in TRANSCRIBED else None


def nearest_tag(language: str | None) -> str | None:
    """Give the tag by which the service knows a language best; None where its documents do not name it."""
    base, _, rest = (language or "").replace("_", "-").lower().partition("-")
    if base not in DOCUMENTED:
        return None
    if base not in BY_REGION:
        return base
    regions = BY_REGION[base]
    return regions.get(rest.upper(), regions[""]) if rest else USUAL.get(base, regions[""])
