"""How audio is to be understood: the arguments of speech to text, read strictly (API reference 1.12)."""

from dataclasses import dataclass
from typing import Final

from ..errors import RefusalError, unsupported
from .checks import (
    Texts,
    boolean_of,
    choice,
    integer_of,
    not_found,
    number_of,
    require_known,
    require_language,
    text_of,
    within,
)
from .codecs import RATES, RAW_CODECS

_MODELS: Final = frozenset({"grok-voice-transcribe-2.0", "grok-voice-transcribe-1.0"})
# xAI's table and livekit's type (`service-variance.md` S1).
LANGUAGES: Final = frozenset(
    {
        "ar", "cs", "da", "nl", "en", "fil", "fr", "de", "hi", "id", "it", "ja", "ko",
        "mk", "ms", "fa", "pl", "pt", "ro", "ru", "es", "sv", "th", "tr", "vi",
    }
)  # fmt: skip
_SHARED: Final = frozenset(
    {"model", "language", "keyterm", "diarize", "multichannel", "channels", "filler_words", "vad_threshold"}
)
_FORM: Final = _SHARED | {"url", "format", "audio_format", "sample_rate"}
_QUERY: Final = _SHARED | {
    "sample_rate", "encoding", "interim_results", "endpointing", "smart_turn", "smart_turn_timeout",
}  # fmt: skip
_MAX_KEYTERMS: Final = 100
_MAX_KEYTERM_CHARACTERS: Final = 50
_DEFAULT_RATE: Final = 16_000
_DEFAULT_ENDPOINTING_MS: Final = 400
_DEFAULT_LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a client wants to have understood, and how."""

    language: str = _DEFAULT_LANGUAGE
    codec: str | None = None
    """Of headerless audio only."""
    rate: int = _DEFAULT_RATE
    url: str | None = None
    has_interim_results: bool = False
    endpointing_ms: int = _DEFAULT_ENDPOINTING_MS


def wishes_from_form(form: Texts, rule: str) -> Wishes:
    """Read the fields of `POST /v1/stt`; `rule` says which languages there are, by the dialect `stt_language`.

    Raises:
        RefusalError: 400 or 404 for what the service refuses.
    """
    require_known(form, _FORM)
    language = _shared(form, rule)
    if boolean_of(form, "format") and language is None:
        raise unsupported("format needs language")
    codec = text_of(form, "audio_format")
    rate = integer_of(form, "sample_rate")
    if (codec is None) != (rate is None):
        raise unsupported("audio_format and sample_rate are for headerless audio, and only together")
    return Wishes(
        language=language or _DEFAULT_LANGUAGE,
        codec=None if codec is None else choice(codec, RAW_CODECS, "audio_format"),
        rate=choice(rate or _DEFAULT_RATE, RATES, "sample_rate"),
        url=text_of(form, "url"),
    )


def wishes_from_query(query: Texts, rule: str) -> Wishes:
    """Read the query of the socket; `rule` says which languages there are, by the dialect `stt_language`.

    Raises:
        RefusalError: 400 or 404 for what the service refuses.
    """
    require_known(query, _QUERY)
    language = _shared(query, rule)
    _require_number(query, "smart_turn", 0, 1)
    _require_number(query, "smart_turn_timeout", 1, 5000)
    endpointing = integer_of(query, "endpointing")
    return Wishes(
        language=language or _DEFAULT_LANGUAGE,
        codec=choice(text_of(query, "encoding", "pcm"), RAW_CODECS, "encoding"),
        rate=choice(integer_of(query, "sample_rate") or _DEFAULT_RATE, RATES, "sample_rate"),
        has_interim_results=boolean_of(query, "interim_results") or False,
        endpointing_ms=_DEFAULT_ENDPOINTING_MS if endpointing is None else within(endpointing, 0, 5000, "endpointing"),
    )


def _shared(arguments: Texts, rule: str) -> str | None:
    """Check what both have, and give the language if there is one."""
    model = text_of(arguments, "model")
    if model is not None and model not in _MODELS:
        raise not_found(f"The model {model} does not exist or your team does not have access to it.")
    language = text_of(arguments, "language")
    if language is not None:
        require_language(language)
        language = _listed(language, rule)
    keyterms = arguments.get("keyterm", [])
    if len(keyterms) > _MAX_KEYTERMS:
        raise unsupported(f"{len(keyterms)} keyterms were given, at most {_MAX_KEYTERMS} are allowed")
    for keyterm in keyterms:
        if not keyterm.strip() or len(keyterm) > _MAX_KEYTERM_CHARACTERS:
            raise unsupported(f"A keyterm must have 1 to {_MAX_KEYTERM_CHARACTERS} characters: {keyterm!r}")
    for name in ("diarize", "multichannel", "filler_words"):
        boolean_of(arguments, name)
    _require_number(arguments, "vad_threshold", 0, 1)
    _require_number(arguments, "channels", 2, 8)
    return language


def _listed(language: str, rule: str) -> str:
    """Give the language that is listened for: what is not on the list is refused, or as if it had not been named."""
    if rule == "any" or language in LANGUAGES:
        return language
    if rule == "listed_or_ignored":
        return _DEFAULT_LANGUAGE
    raise RefusalError(400, f"Unsupported language: {language!r}")


def _require_number(arguments: Texts, name: str, least: float, most: float) -> None:
    """Refuse an argument that is no number or lies outside its limits."""
    number = number_of(arguments, name)
    if number is not None:
        within(number, least, most, name)
