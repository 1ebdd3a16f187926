"""Options as frozen dataclasses, parsed and validated once; nobody else reads a mapping of options."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from .consent.book import AskBefore
from .home.assist_prompt import StateContext
from .home.live_block import CONTEXT_TOKENS_BOUNDS, DEFAULT_CONTEXT_TOKENS
from .json_types import JsonMapping, JsonObject
from .models import DEFAULT_MODEL
from .personality import Personality

DEFAULT_EFFORT: Final = "low"
DEFAULT_MAX_TOKENS: Final = 3000
MAX_TOKENS_LIMIT: Final = 128_000
TEMPERATURE_LIMIT: Final = 2.0  # xAI OpenAPI document, `temperature`

HISTORY_TURNS_BOUNDS: Final = (1, 200)
HISTORY_TOKENS_BOUNDS: Final = (200, 100_000)
HISTORY_HOURS_BOUNDS: Final = (0, 24 * 365)
TRAITS: Final = ("wit", "sarcasm", "helpfulness")
DEFAULT_IMAGE_MODEL: Final = "grok-imagine-image"
EFFORTS: Final = ("none", "low", "medium", "high", "xhigh")


class FollowUp(StrEnum):
    """When the microphone stays open after an answer."""

    NEVER = "never"
    ON_QUESTION = "on_question"
    MODEL = "model"
    ALWAYS = "always"


class Fallback(StrEnum):
    """Who answers where Grok cannot."""

    NONE = "none"
    HOME_ASSISTANT = "home_assistant"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLimits:
    """How much of a conversation is told again."""

    turns: int = 20
    tokens: int = 4_000
    hours: float = 24.0
    """How long a conversation is remembered on disk, beyond Home Assistant's own minutes; 0: not at all."""

    @classmethod
    def from_data(cls, data: JsonMapping) -> HistoryLimits:
        """Read a subentry's data."""
        usual = cls()
        return cls(
            turns=int(read_number(data.get("history_turns"), usual.turns, *HISTORY_TURNS_BOUNDS)),
            tokens=int(read_number(data.get("history_tokens"), usual.tokens, *HISTORY_TOKENS_BOUNDS)),
            hours=read_number(data.get("history_hours"), usual.hours, *HISTORY_HOURS_BOUNDS),
        )


THINKING_TIMES: Final[Mapping[str, int]] = {"high": 2, "xhigh": 5}
"""So many times as long as usual a model of that effort may think before it says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long each stage of a turn may take, in seconds."""

    connect_s: float = 10.0
    """From dialling until the connection stands."""
    first_delta_s: float = 30.0
    """From the request until the first event that carries an answer."""
    silence_s: float = 30.0
    """Between two events of one stream."""
    turn_s: float = 120.0
    """The whole turn with all its tool calls."""

    def for_effort(self, effort: str | None) -> Deadlines:
        """Return how long a model may take that thinks so hard: xAI asks for 900 s (docs.x.ai, "Best Practices")."""
        if (times := THINKING_TIMES.get(effort or "")) is None:
            return self
        return replace(
            self,
            first_delta_s=self.first_delta_s * times,
            silence_s=self.silence_s * times,
            turn_s=self.turn_s * times,
        )

    @classmethod
    def from_options(cls, options: JsonMapping) -> Deadlines:
        """Read the account's options; what is absent or out of bounds has its default."""
        return cls(
            connect_s=read_number(options.get("connect_timeout_s"), 10, 1, 10),
            first_delta_s=read_number(options.get("first_delta_timeout_s"), 30, 1, 30),
            silence_s=read_number(options.get("silence_timeout_s"), 30, 1, 30),
            turn_s=read_number(options.get("turn_timeout_s"), 120, 5, 600),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """What one conversation agent does; made from a subentry's data."""

    prompt: str | None = None
    """The user's template; None is Home Assistant's default instructions."""
    llm_apis: tuple[str, ...] = ("assist",)
    """Ids of Home Assistant's LLM APIs; empty: the agent has no tools."""
    api_key: str | None = field(default=None, repr=False)
    """A key of its own, else the account's."""
    model: str = DEFAULT_MODEL
    effort: str | None = DEFAULT_EFFORT
    max_tokens: int = DEFAULT_MAX_TOKENS
    temperature: float | None = None
    web_search: bool = False
    x_search: bool = False
    follow_up: FollowUp = FollowUp.ON_QUESTION
    state_context: StateContext = StateContext.LIVE
    context_tokens: int = DEFAULT_CONTEXT_TOKENS
    history: HistoryLimits = field(default_factory=HistoryLimits)
    fallback: Fallback = Fallback.NONE
    ask_before: AskBefore = AskBefore.OPENING
    """What is held until the user has said yes."""
    check_claims: bool = True
    """Ask the model again where it says that something was done and nothing was."""
    look_at_cameras: bool = True
    """Let the model look at exposed cameras by a tool."""
    personality: Personality = field(default_factory=Personality)
    image_model: str = DEFAULT_IMAGE_MODEL
    """Which model makes pictures for a task."""

    @classmethod
    def from_data(cls, data: JsonMapping) -> AgentSettings:
        """Read a subentry's data; with `recommended` only prompt, tools and key are taken from it."""
        shared: JsonObject = {
            "prompt": read_text(data.get("prompt")),
            "llm_apis": read_texts(data.get("llm_hass_api", ("assist",))),
            "api_key": read_text(data.get("api_key")),
        }
        if data.get("recommended", True):
            return cls(**shared)
        return cls(
            **shared,
            model=read_text(data.get("chat_model")) or DEFAULT_MODEL,
            effort=read_text(data.get("reasoning_effort")) or DEFAULT_EFFORT,
            max_tokens=int(read_number(data.get("max_tokens"), DEFAULT_MAX_TOKENS, 1, MAX_TOKENS_LIMIT)),
            temperature=read_optional_number(data.get("temperature"), 0, TEMPERATURE_LIMIT),
            web_search=data.get("web_search") is True,
            x_search=data.get("x_search") is True,
            follow_up=read_choice(FollowUp, data.get("follow_up"), FollowUp.ON_QUESTION),
            state_context=read_choice(StateContext, data.get("state_context"), StateContext.LIVE),
            context_tokens=int(read_number(data.get("context_tokens"), DEFAULT_CONTEXT_TOKENS, *CONTEXT_TOKENS_BOUNDS)),
            history=HistoryLimits.from_data(data),
            fallback=read_choice(Fallback, data.get("fallback"), Fallback.NONE),
            ask_before=read_choice(AskBefore, data.get("ask_before"), AskBefore.OPENING),
            check_claims=data.get("check_claims") is not False,
            look_at_cameras=data.get("look_at_cameras") is not False,
            personality=Personality(**{trait: read_optional_number(data.get(trait), 0, 1) for trait in TRAITS}),
            image_model=read_text(data.get("image_model")) or DEFAULT_IMAGE_MODEL,
        )


def read_text(value: object) -> str | None:
    """Return a text that is not blank."""
    return value if isinstance(value, str) and value.strip() else None


def read_texts(value: object) -> tuple[str, ...]:
    """Return one text or many as a tuple."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()


def read_number(value: object, default: float, low: float, high: float) -> float:
    """Return a number within its bounds, or the default."""
    number = read_optional_number(value, low, high)
    return default if number is None else number


def read_optional_number(value: object, low: float, high: float) -> float | None:
    """Return a number moved into its bounds, or None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(min(max(value, low), high))


def read_choice[Choice: StrEnum](kind: type[Choice], value: object, default: Choice) -> Choice:
    """Return the member with this value, or the default."""
    return next((member for member in kind if member.value == value), default)
