"""The fields of the subentries' forms, with what is known filled in."""

from typing import Final

from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from ..const import CONF_CHAT_MODEL
from ..core.consent.book import AskBefore
from ..core.home.assist_prompt import StateContext
from ..core.home.live_block import CONTEXT_TOKENS_BOUNDS, DEFAULT_CONTEXT_TOKENS
from ..core.json_types import JsonMapping
from ..core.models import DEFAULT_MODEL, Catalogue
from ..core.settings import (
    DEFAULT_EFFORT,
    DEFAULT_IMAGE_MODEL,
    DEFAULT_MAX_TOKENS,
    EFFORTS,
    HISTORY_HOURS_BOUNDS,
    HISTORY_TOKENS_BOUNDS,
    HISTORY_TURNS_BOUNDS,
    MAX_TOKENS_LIMIT,
    TEMPERATURE_LIMIT,
    TRAITS,
    Fallback,
    FollowUp,
    HistoryLimits,
)
from ..core.speech.voices import DEFAULT_VOICE, resolve_voice
from ..core.usage.prices import IMAGE_USD
from ..core.voice_settings import (
    KEEP_OPEN_BOUNDS_S,
    LIVE_IDLE_BOUNDS_S,
    LIVE_MINUTES_BOUNDS,
    SPEED_BOUNDS,
    THRESHOLD_BOUNDS,
    WINDOW_BOUNDS_MS,
    EndOfSpeech,
    LiveAccess,
    VoiceSettings,
)

CONF_VOICE: Final = "voice"
CONF_SPEED: Final = "speed"
MODEL_FIELDS: Final = frozenset(
    {CONF_CHAT_MODEL, "reasoning_effort", "max_tokens", "temperature", "web_search", "x_search"}
)
AGENT_FIELDS: Final = frozenset(
    (
        *("follow_up", "state_context", "context_tokens", "history_turns", "history_tokens", "history_hours"),
        *("fallback", "check_claims", "look_at_cameras", *TRAITS),
    )
)
TASK_FIELDS: Final = frozenset({"image_model"})
REALTIME_FIELDS: Final = frozenset(
    {"voice_model", "end_of_speech", "vad_threshold", "silence_ms", "prefix_padding_ms", "keep_open_s"}
    | {"live", "live_idle_s", "live_max_minutes"}
)

type Fields = dict[vol.Marker, object]


def voice_field(data: JsonMapping, catalogue: Catalogue) -> Fields:
    """Offer the voices; OpenAI's names and custom voices can be typed."""
    selector = SelectSelector(
        SelectSelectorConfig(
            options=list(catalogue.voices), custom_value=True, mode=SelectSelectorMode.DROPDOWN, sort=True
        )
    )
    return {vol.Optional(CONF_VOICE, default=resolve_voice(data.get(CONF_VOICE, DEFAULT_VOICE))): selector}


def speed_field(data: JsonMapping) -> Fields:
    """Offer how fast is spoken."""
    return {vol.Optional(CONF_SPEED, default=data.get(CONF_SPEED, 1.0)): _slider(*SPEED_BOUNDS, 0.05)}


def realtime_fields(data: JsonMapping) -> Fields:
    """Offer how a session listens and how long it is kept."""
    usual = VoiceSettings()
    return {
        vol.Optional("voice_model", default=data.get("voice_model", usual.model)): TextSelector(),
        vol.Optional("end_of_speech", default=data.get("end_of_speech", usual.end_of_speech)): choice(
            "end_of_speech", [policy.value for policy in EndOfSpeech]
        ),
        vol.Optional("vad_threshold", default=data.get("vad_threshold", usual.threshold)): _slider(
            *THRESHOLD_BOUNDS, 0.05
        ),
        vol.Optional("silence_ms", default=data.get("silence_ms", usual.silence_ms)): _box(*WINDOW_BOUNDS_MS, "ms"),
        vol.Optional("prefix_padding_ms", default=data.get("prefix_padding_ms", usual.prefix_padding_ms)): _box(
            *WINDOW_BOUNDS_MS, "ms"
        ),
        vol.Optional("keep_open_s", default=data.get("keep_open_s", usual.keep_open_s)): _box(*KEEP_OPEN_BOUNDS_S, "s"),
        vol.Optional("live", default=data.get("live", usual.live)): choice("live", [who.value for who in LiveAccess]),
        vol.Optional("live_idle_s", default=data.get("live_idle_s", usual.live_idle_s)): _box(*LIVE_IDLE_BOUNDS_S, "s"),
        vol.Optional("live_max_minutes", default=data.get("live_max_minutes", usual.live_max_minutes)): _box(
            *LIVE_MINUTES_BOUNDS, "min"
        ),
    }


def model_fields(data: JsonMapping, catalogue: Catalogue) -> Fields:
    """Offer the model, how it thinks, and its searches."""
    return {
        vol.Optional(CONF_CHAT_MODEL, default=catalogue.resolve(data.get(CONF_CHAT_MODEL, DEFAULT_MODEL))): model_field(
            catalogue
        ),
        vol.Optional("reasoning_effort", default=data.get("reasoning_effort", DEFAULT_EFFORT)): choice(
            "reasoning_effort", EFFORTS
        ),
        vol.Optional("max_tokens", default=data.get("max_tokens", DEFAULT_MAX_TOKENS)): NumberSelector(
            NumberSelectorConfig(min=1, max=MAX_TOKENS_LIMIT, step=1, mode=NumberSelectorMode.BOX)
        ),
        vol.Optional("temperature", description={"suggested_value": data.get("temperature")}): _slider(
            0, TEMPERATURE_LIMIT, 0.05
        ),
        vol.Optional("web_search", default=data.get("web_search", False)): BooleanSelector(),
        vol.Optional("x_search", default=data.get("x_search", False)): BooleanSelector(),
    }


def task_fields(data: JsonMapping) -> Fields:
    """Offer what makes pictures."""
    models = SelectSelector(
        SelectSelectorConfig(options=list(IMAGE_USD), custom_value=True, mode=SelectSelectorMode.DROPDOWN)
    )
    return {vol.Optional("image_model", default=data.get("image_model", DEFAULT_IMAGE_MODEL)): models}


def agent_fields(data: JsonMapping) -> Fields:
    """Offer what an agent knows, remembers, does and is like."""
    return {
        vol.Optional("follow_up", default=data.get("follow_up", FollowUp.ON_QUESTION)): choice(
            "follow_up", [policy.value for policy in FollowUp]
        ),
        **_memory_fields(data),
        vol.Optional("fallback", default=data.get("fallback", Fallback.NONE)): choice(
            "fallback", [fallback.value for fallback in Fallback]
        ),
        vol.Optional("ask_before", default=data.get("ask_before", AskBefore.OPENING)): choice(
            "ask_before", [policy.value for policy in AskBefore]
        ),
        vol.Optional("check_claims", default=data.get("check_claims", True)): BooleanSelector(),
        vol.Optional("look_at_cameras", default=data.get("look_at_cameras", True)): BooleanSelector(),
        **{
            # No slider: it cannot be emptied again.
            vol.Optional(trait, description={"suggested_value": data.get(trait)}): NumberSelector(
                NumberSelectorConfig(min=0, max=1, step=0.1, mode=NumberSelectorMode.BOX)
            )
            for trait in TRAITS
        },
    }


def _memory_fields(data: JsonMapping) -> Fields:
    """Offer how much of the home and of the conversation is told."""
    usual = HistoryLimits()
    return {
        vol.Optional("state_context", default=data.get("state_context", StateContext.LIVE)): choice(
            "state_context", [mode.value for mode in StateContext]
        ),
        vol.Optional("context_tokens", default=data.get("context_tokens", DEFAULT_CONTEXT_TOKENS)): _box(
            *CONTEXT_TOKENS_BOUNDS
        ),
        vol.Optional("history_turns", default=data.get("history_turns", usual.turns)): _box(*HISTORY_TURNS_BOUNDS),
        vol.Optional("history_tokens", default=data.get("history_tokens", usual.tokens)): _box(*HISTORY_TOKENS_BOUNDS),
        vol.Optional("history_hours", default=data.get("history_hours", usual.hours)): _box(*HISTORY_HOURS_BOUNDS, "h"),
    }


def model_field(catalogue: Catalogue) -> SelectSelector:
    """Make a field that offers the models with tools and takes any other name."""
    names = [model.model_id for model in catalogue.models if model.has_tools]
    return SelectSelector(
        SelectSelectorConfig(options=names, custom_value=True, mode=SelectSelectorMode.DROPDOWN, sort=True)
    )


def choice(key: str, values: tuple[str, ...] | list[str]) -> SelectSelector:
    """Make a field of translated choices."""
    return SelectSelector(
        SelectSelectorConfig(options=list(values), translation_key=key, mode=SelectSelectorMode.DROPDOWN)
    )


def _slider(low: float, high: float, step: float) -> NumberSelector:
    """Make a field for a number between bounds."""
    return NumberSelector(NumberSelectorConfig(min=low, max=high, step=step, mode=NumberSelectorMode.SLIDER))


def _box(low: int, high: int, unit: str | None = None) -> NumberSelector:
    """Make a field for a whole number, with a unit if it has one."""
    config = NumberSelectorConfig(min=low, max=high, step=1, mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)
