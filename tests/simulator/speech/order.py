"""What is to be spoken and how: the request of text to speech, read strictly (API reference 1.11)."""

from dataclasses import dataclass, field
import re
from typing import Final

from ..errors import unreadable, unsupported
from ..jsontypes import JsonObject
from ..realtime.config import VOICES
from ..schema import property_names, schema_errors
from .checks import (
    Texts,
    boolean_of,
    choice,
    integer_of,
    not_found,
    number_of,
    present,
    require_known,
    require_language,
    text_of,
    within,
)
from .codecs import CONTENT_TYPES, RATES

_DEFAULT_VOICE: Final = "eve"
_DEFAULT_RATE: Final = 24_000
_DEFAULT_BIT_RATE: Final = 128_000
_FORMAT_FIELDS: Final = frozenset({"codec", "sample_rate", "bit_rate"})
_QUERY: Final = frozenset(
    {"voice", "language", "codec", "sample_rate", "speed", "optimize_streaming_latency", "with_timestamps"}
)
_TAG: Final = re.compile(r"\[(?:pause|laugh)\]|</?whisper>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How a text is to be spoken."""

    voice: str = _DEFAULT_VOICE
    codec: str = "mp3"
    rate: int = _DEFAULT_RATE
    bit_rate: int = _DEFAULT_BIT_RATE
    speed: float = 1.0
    has_timestamps: bool = False
    replacements: dict[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """The MIME type of the audio."""
        return CONTENT_TYPES[self.codec]

    def spoken(self, text: str) -> str:
        """Give the words that are really said: without tags, with the replacements."""
        said = _TAG.sub("", text)
        for word, spoken in self.replacements.items():
            said = said.replace(word, spoken)
        return said


def order_from_body(body: object, most_characters: int) -> Order:
    """Read the body of `POST /v1/tts`.

    Raises:
        RefusalError: 400, 404 or 422 for what the service refuses.
    """
    if not isinstance(body, dict):
        raise unreadable("The body must be an object.")
    if not body.get("language"):
        raise unsupported("Missing required argument: language")
    require_known(body, property_names("tts.request"))
    for error in schema_errors("tts.request", body):
        raise unreadable(error)
    require_text(body["text"], most_characters)
    output = body.get("output_format", {})
    require_known(output, _FORMAT_FIELDS)
    if "bit_rate" in output and output.get("codec", "mp3") != "mp3":
        raise unsupported("bit_rate is for mp3 only")
    _require_spoken_language(body["language"])
    return Order(
        voice=known_voice(body.get("voice_id", _DEFAULT_VOICE)),
        codec=output.get("codec", "mp3"),
        rate=output.get("sample_rate", _DEFAULT_RATE),
        bit_rate=within(output.get("bit_rate", _DEFAULT_BIT_RATE), 32_000, 192_000, "bit_rate"),
        speed=float(body.get("speed", 1.0)),
        has_timestamps=body.get("with_timestamps", False),
        replacements=_replacements(body.get("replace", {})),
    )


def order_from_query(query: Texts) -> Order:
    """Read the query of the socket.

    Raises:
        RefusalError: 400 or 404 for what the service refuses.
    """
    require_known(query, _QUERY)
    language = text_of(query, "language")
    if not language:
        raise unsupported("Missing required argument: language")
    _require_spoken_language(language)
    latency = integer_of(query, "optimize_streaming_latency")
    choice(latency or 0, (0, 1, 2), "optimize_streaming_latency")
    rate = integer_of(query, "sample_rate")
    speed = number_of(query, "speed")
    values = present(
        {
            "codec": text_of(query, "codec"),
            "rate": None if rate is None else choice(rate, RATES, "sample_rate"),
            "speed": None if speed is None else within(speed, 0.7, 1.5, "speed"),
            "has_timestamps": boolean_of(query, "with_timestamps"),
        }
    )
    choice(values.get("codec", "mp3"), CONTENT_TYPES, "codec")
    return Order(voice=known_voice(text_of(query, "voice") or _DEFAULT_VOICE), **values)


def known_voice(voice: str) -> str:
    """Give the voice's id in lower case.

    Raises:
        RefusalError: 404 for a voice that nobody has.
    """
    if voice.lower() not in VOICES:
        raise not_found(f"Voice {voice!r} was not found.")
    return voice.lower()


def require_text(text: str, most_characters: int) -> None:
    """Refuse a text without words or one that is too long.

    Raises:
        RefusalError: 400.
    """
    if not text.strip():
        raise unsupported("text must not be empty")
    if len(text) > most_characters:
        raise unsupported(f"text is too long: {len(text)} characters, at most {most_characters} are allowed")


def timestamps(text: str, duration: float) -> JsonObject:
    """Tell when each character is spoken."""
    step = duration / max(len(text), 1)
    times = [[round(place * step, 3), round((place + 1) * step, 3)] for place in range(len(text))]
    return {"graph_chars": list(text), "graph_times": times}


def _require_spoken_language(language: str) -> None:
    """Refuse what is neither a tag nor `auto`."""
    if language != "auto":
        require_language(language)


def _replacements(replace: JsonObject) -> dict[str, str]:
    """Read the words to be replaced."""
    for word, spoken in replace.items():
        if not isinstance(spoken, str):
            raise unreadable(f"$.replace.{word}: {spoken!r} is not of type 'string'")
    return replace
