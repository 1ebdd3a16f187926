"""The text models of xAI: what each can do, what it costs, and what became of retired names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .json_types import JsonMapping, whole
from .speech.voices import BUILT_IN_VOICES

TICKS_PER_USD: Final = 10_000_000_000  # xAI OpenAPI document and xai-sdk: `cost_in_usd_ticks`
WIRE_PRICE_PER_USD_PER_MILLION: Final = 10_000  # the lists give US cents per 100 million tokens (xai-sdk)
MOST_WIRE_PRICE: Final = 10_000 * WIRE_PRICE_PER_USD_PER_MILLION  # a cent a token

DEFAULT_MODEL: Final = "grok-4.3"

# Names of older configurations that the service no longer lists, and what answers in their place
# (xAI migration page "May 15 retirement", read 2026-11-20).
RETIRED_MODELS: Final[Mapping[str, str]] = {
    "grok-2-vision-1212": "grok-4.3",
    "grok-2-1212": "grok-4.3",
    "grok-3": "grok-4.3",
    "grok-3-fast": "grok-4.3",
    "grok-3-mini": "grok-4.3",
    "grok-3-mini-fast": "grok-4.3",
    "grok-4": "grok-4.3",
    "grok-4-0709": "grok-4.3",
    "grok-4-fast": "grok-4.3",
    "grok-4-fast-reasoning": "grok-4.3",
    "grok-4-fast-non-reasoning": "grok-4.20-0309-non-reasoning",
    "grok-4-1-fast": "grok-4.3",
    "grok-4-1-fast-reasoning": "grok-4.3",
    "grok-4-1-fast-non-reasoning": "grok-4.20-0309-non-reasoning",
    "grok-code-fast-1": "grok-build-0.1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens."""

    input_usd: float
    cached_usd: float
    output_usd: float

    def cost_usd(self, *, input_tokens: int, cached_tokens: int, output_tokens: int) -> float:
        """Estimate what a call cost in US dollars; `cached_tokens` are part of `input_tokens`."""
        fresh_tokens = max(0, input_tokens - cached_tokens)
        return (fresh_tokens * self.input_usd + cached_tokens * self.cached_usd + output_tokens * self.output_usd) / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class TextModel:
    """One text model as the service lists it."""

    model_id: str
    aliases: tuple[str, ...] = ()
    efforts: tuple[str, ...] = ()
    """Reasoning efforts that may be sent; empty: send none."""
    price: Price | None = None
    has_vision: bool = True
    has_tools: bool = True
    """False for models that refuse client functions (multi-agent)."""

    def names(self) -> tuple[str, ...]:
        """Return the id and every alias."""
        return (self.model_id, *self.aliases)


def _fallback(
    model_id: str, efforts: str, prices: tuple[float, float, float], *aliases: str, has_tools: bool = True
) -> TextModel:
    """Write one row of the built-in list."""
    return TextModel(
        model_id=model_id,
        aliases=aliases,
        efforts=tuple(efforts.split()),
        price=Price(input_usd=prices[0], cached_usd=prices[1], output_usd=prices[2]),
        has_tools=has_tools,
    )


# Used where the live list cannot be had (xAI models pages and litellm's price table, read 2026-11-20).
FALLBACK_MODELS: Final = (
    _fallback("grok-4.7", "low medium high xhigh", (2.00, 0.50, 6.00)),
    _fallback("grok-4.6", "low medium high xhigh", (2.00, 0.50, 6.00), "grok-latest"),
    _fallback("grok-4.5", "low medium high", (2.00, 0.50, 6.00), "grok-4.5-latest", "grok-build-latest"),
    _fallback("grok-4.3", "none low medium high", (1.25, 0.20, 2.50), "grok-4.3-latest"),
    _fallback(
        "grok-4.20-0309-non-reasoning",
        "",
        (1.25, 0.20, 2.50),
        "grok-4.20-non-reasoning",
        "grok-4.20-non-reasoning-latest",
    ),
    _fallback(
        "grok-4.20-0309-reasoning",
        "",
        (1.25, 0.20, 2.50),
        "grok-4.20",
        "grok-4.20-reasoning",
        "grok-4.20-reasoning-latest",
    ),
    _fallback("grok-build-0.1", "", (1.00, 0.20, 2.00)),
)


class Catalogue:
    """The models of one account, found by id or alias."""

    def __init__(
        self, models: tuple[TextModel, ...], *, is_live: bool, voices: tuple[str, ...] = BUILT_IN_VOICES
    ) -> None:
        """Index the models by each of their names."""
        self.voices = voices
        self.models = models
        self.is_live = is_live
        self._by_name = {name: model for model in reversed(models) for name in model.names()}

    def find(self, name: str) -> TextModel | None:
        """Return the model of this id or alias."""
        return self._by_name.get(name)

    def resolve(self, name: str) -> str:
        """Return the name to send: a retired one is replaced, unless the service still lists it."""
        if name in self._by_name:
            return name
        return RETIRED_MODELS.get(name, name)

    def has_lost(self, name: str) -> bool:
        """Tell whether the service's own list neither has the model nor a successor of it."""
        return self.is_live and self.resolve(name) not in self._by_name

    def has_sight(self, name: str) -> bool:
        """Tell whether a model takes pictures; one that is not listed may."""
        model = self.find(self.resolve(name))
        return model is None or model.has_vision

    def effort_for(self, name: str, wanted: str | None) -> str | None:
        """Return the effort to send: the wanted one, the nearest the model allows, or nothing.

        An unknown model gets what was asked, so that a new model works before we know it.
        """
        model = self.find(self.resolve(name))
        if wanted is None or model is None:
            return wanted
        if wanted in model.efforts:
            return wanted
        order = ("none", "low", "medium", "high", "xhigh")
        allowed = [effort for effort in order if effort in model.efforts]
        if not allowed or wanted not in order:
            return None
        return min(allowed, key=lambda effort: abs(order.index(effort) - order.index(wanted)))

    def cost_usd(self, name: str, *, input_tokens: int, cached_tokens: int, output_tokens: int) -> float | None:
        """Estimate what a call cost in US dollars; `cached_tokens` are part of `input_tokens`."""
        model = self.find(name) or self.find(self.resolve(name))
        if model is None or model.price is None:
            return None
        return model.price.cost_usd(input_tokens=input_tokens, cached_tokens=cached_tokens, output_tokens=output_tokens)


FALLBACK_CATALOGUE: Final = Catalogue(FALLBACK_MODELS, is_live=False)


def parse_models(reply: JsonMapping) -> tuple[TextModel, ...]:
    """Read the reply of `/v1/language-models` (`models`) or `/v1/models` (`data`).

    Raises:
        ValueError: the reply has neither list, or a model without an id.
    """
    rows = reply.get("models", reply.get("data"))
    if not isinstance(rows, list):
        raise ValueError("the model list is not a list")
    return tuple(_parse_model(row) for row in rows if not _is_foreign(row))


def _is_foreign(row: JsonMapping) -> bool:
    """Tell whether a listed model makes something else than text (`/v1/models` mixes kinds)."""
    outputs = row.get("output_modalities")
    if outputs is not None:
        return "text" not in outputs
    return "imagine" in str(row.get("id", "")) or "embed" in str(row.get("id", ""))


def _parse_model(row: JsonMapping) -> TextModel:
    """Read one listed model; what the list leaves out is taken from the built-in list."""
    model_id = row.get("id")
    if not isinstance(model_id, str) or not model_id:
        raise ValueError("a listed model has no id")
    known = FALLBACK_CATALOGUE.find(model_id)
    capabilities = row.get("capabilities") or {}
    efforts = capabilities.get("reasoning_effort", known.efforts if known else ())
    inputs = row.get("input_modalities")
    return TextModel(
        model_id=model_id,
        aliases=tuple(row.get("aliases") or ()),
        efforts=tuple(efforts),
        price=_parse_price(row) or (known.price if known else None),
        has_vision=inputs is None or "image" in inputs,
        has_tools="multi-agent" not in model_id,
    )


def _parse_price(row: JsonMapping) -> Price | None:
    """Read the prices of a listed model, where it has such as can be true."""
    fresh, output = whole(row.get("prompt_text_token_price")), whole(row.get("completion_text_token_price"))
    if fresh is None or output is None or max(fresh, output) > MOST_WIRE_PRICE:
        return None
    cached = whole(row.get("cached_prompt_text_token_price"))
    if cached is None or cached > fresh:
        cached = fresh
    return Price(
        input_usd=fresh / WIRE_PRICE_PER_USD_PER_MILLION,
        cached_usd=cached / WIRE_PRICE_PER_USD_PER_MILLION,
        output_usd=output / WIRE_PRICE_PER_USD_PER_MILLION,
    )
