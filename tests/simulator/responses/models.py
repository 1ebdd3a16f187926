"""The text models on offer, with their prices and the efforts that they take."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from ..errors import RefusalError
from ..jsontypes import JsonObject

# One search costs $5 per 1,000 calls: 0.5 US cents, told per 100 million like the prices.
SEARCH_PRICE: Final = 50_000_000
_LONG_CONTEXT_TOKENS: Final = 200_000
_FAMILY: Final = "grok-"
_OPENED: Final = 1_750_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One text model; prices are US cents per 100 million tokens, as on the wire."""

    id: str
    aliases: tuple[str, ...] = ()
    created: int = _OPENED
    context_length: int
    prompt_price: int
    cached_price: int
    completion_price: int
    is_doubled_when_long: bool = False
    efforts: tuple[str, ...] = ()
    default_effort: str | None = None
    is_reasoning: bool = True
    takes_functions: bool = True
    always_encrypts: bool = False

    @property
    def facts(self) -> JsonObject:
        """The entry in `GET /v1/models`."""
        facts: JsonObject = {
            "id": self.id,
            "created": self.created,
            "object": "model",
            "owned_by": "xai",
            "aliases": list(self.aliases),
            "context_length": self.context_length,
            **self._prices,
        }
        if self.efforts:
            facts["capabilities"] = {
                "reasoning_effort": list(self.efforts),
                "default_reasoning_effort": self.default_effort,
            }
        return facts

    @property
    def language_facts(self) -> JsonObject:
        """The richer entry in `GET /v1/language-models`."""
        return {
            **self.facts,
            "fingerprint": f"fp_{self.id.replace('.', '')}",
            "version": "1.0",
            "input_modalities": ["text", "image"],
            "output_modalities": ["text"],
        }

    @property
    def _prices(self) -> JsonObject:
        """The price fields, with the long-context forms where they differ."""
        prices: JsonObject = {
            "prompt_text_token_price": self.prompt_price,
            "cached_prompt_text_token_price": self.cached_price,
            "prompt_image_token_price": self.prompt_price,
            "completion_text_token_price": self.completion_price,
            "search_price": SEARCH_PRICE,
        }
        if self.is_doubled_when_long:
            prices |= {
                "prompt_text_token_price_long_context": 2 * self.prompt_price,
                "cached_prompt_text_token_price_long_context": 2 * self.cached_price,
                "completion_text_token_price_long_context": 2 * self.completion_price,
                "long_context_threshold": _LONG_CONTEXT_TOKENS,
            }
        return prices

    def price_factor(self, prompt_tokens: int) -> int:
        """By how much the prices are multiplied for a prompt of this length."""
        return 2 if self.is_doubled_when_long and prompt_tokens >= _LONG_CONTEXT_TOKENS else 1


_GROK_47: Final = Model(
    id="grok-4.7",
    created=1_789_948_800,
    context_length=500_000,
    prompt_price=20_000,
    cached_price=5_000,
    completion_price=60_000,
    is_doubled_when_long=True,
    efforts=("low", "medium", "high", "xhigh"),
    default_effort="high",
    always_encrypts=True,
)
_GROK_43: Final = Model(
    id="grok-4.3",
    aliases=("grok-4.3-latest",),
    created=1_777_593_600,
    context_length=1_000_000,
    prompt_price=12_500,
    cached_price=2_000,
    completion_price=25_000,
    is_doubled_when_long=True,
    efforts=("none", "low", "medium", "high"),
    default_effort="low",
)
_GROK_420: Final = Model(
    id="grok-4.20-0309-reasoning",
    aliases=("grok-4.20", "grok-4.20-latest", "grok-4.20-reasoning", "grok-4.20-reasoning-latest"),
    created=1_773_014_400,
    context_length=1_000_000,
    prompt_price=12_500,
    cached_price=2_000,
    completion_price=25_000,
)

# API reference 2.1, November 2026.
MODELS: Final = (
    _GROK_47,
    replace(
        _GROK_47,
        id="grok-4.6",
        aliases=("grok-latest",),
        created=1_786_492_800,
        is_doubled_when_long=False,
        always_encrypts=False,
    ),
    Model(
        id="grok-4.5",
        aliases=("grok-4.5-latest", "grok-build-latest"),
        created=1_783_468_800,
        context_length=500_000,
        prompt_price=20_000,
        cached_price=3_000,
        completion_price=60_000,
        efforts=("low", "medium", "high"),
        default_effort="high",
    ),
    _GROK_43,
    replace(
        _GROK_420,
        id="grok-4.20-0309-non-reasoning",
        aliases=("grok-4.20-non-reasoning", "grok-4.20-non-reasoning-latest"),
        is_reasoning=False,
    ),
    _GROK_420,
    replace(
        _GROK_420,
        id="grok-4.20-multi-agent-0309",
        aliases=(),
        efforts=("low", "medium", "high", "xhigh"),
        default_effort="low",
        takes_functions=False,
    ),
    Model(
        id="grok-build-0.1",
        created=1_779_321_600,
        context_length=256_000,
        prompt_price=10_000,
        cached_price=2_000,
        completion_price=20_000,
    ),
)


class Catalogue:
    """The models on offer at the moment."""

    def __init__(self, models: Iterable[Model] = MODELS) -> None:
        """Offer some models, by default all of the reference."""
        self._models = list(models)

    @property
    def models(self) -> list[Model]:
        """The models on offer, in the vendor's order."""
        return list(self._models)

    def offer(self, ids: list[str]) -> None:
        """Offer exactly these models; an unknown id becomes a new model made like grok-4.3."""
        known = {model.id: model for model in MODELS}
        self._models = [known.get(name) or replace(_GROK_43, id=name, aliases=()) for name in ids]

    def remove(self, name: str) -> None:
        """Retire one model with all its aliases."""
        self._models = [model for model in self._models if name != model.id]

    def find(self, name: str) -> Model:
        """Give the model of this id or alias.

        Raises:
            RefusalError: 404, no such model is on offer.
        """
        for model in self._models:
            if name == model.id or name in model.aliases:
                return model
        raise RefusalError(
            404,
            f"The model {name} does not exist or your team does not have access to it."
            " Please ensure that the model's name and your API key are right.",
        )

    def route(self, name: str, effort: str | None, *, has_substitutes: bool = False) -> Model:
        """Give the model that answers a request; `grok-latest` without reasoning goes to grok-4.3.

        Raises:
            RefusalError: 404, no such model is on offer, and there are no substitutes or nothing to substitute.
        """
        if name == "grok-latest" and effort == "none":
            return self.find(_GROK_43.id)
        try:
            return self.find(name)
        except RefusalError:
            if not has_substitutes or not name.startswith(_FAMILY) or not self._models:
                raise
        return next((model for model in self._models if model.id == _GROK_43.id), self._models[0])
