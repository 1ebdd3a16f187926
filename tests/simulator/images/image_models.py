"""The models that make pictures, with what a picture of each costs."""

from dataclasses import dataclass, field
from typing import Final

from ..errors import RefusalError, unsupported
from ..jsontypes import JsonObject
from ..responses.billing import TICKS_PER_USD
from ..responses.models import Catalogue

RESOLUTIONS: Final = ("1k", "1.5k", "2k")
QUALITIES: Final = ("low", "medium", "high")
DEFAULT_RESOLUTION: Final = "1k"
DEFAULT_QUALITY: Final = "medium"
# The only length that any source tells (the examples in xAI's OpenAPI document).
MAX_PROMPT_LENGTH: Final = 1_024
_TICKS_PER_CENT: Final = TICKS_PER_USD // 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageModel:
    """One model that makes pictures; prices are US cents a picture."""

    id: str
    aliases: tuple[str, ...] = ()
    created: int
    price_cents: int
    input_price_ticks: int
    """What each picture costs that an edit starts from."""
    tiers: dict[tuple[str, str], int] = field(default_factory=dict)
    """Cents by quality and resolution; empty where all cost the same."""

    @property
    def has_qualities(self) -> bool:
        """Whether the quality of a picture can be chosen."""
        return bool(self.tiers)

    def price(self, quality: str | None, resolution: str | None) -> int:
        """Give the ticks that one picture costs."""
        tier = (quality or DEFAULT_QUALITY, resolution or DEFAULT_RESOLUTION)
        return self.tiers.get(tier, self.price_cents) * _TICKS_PER_CENT

    @property
    def plain_facts(self) -> JsonObject:
        """The entry in `GET /v1/models`, where pictures' models stand among the others."""
        facts: JsonObject = {
            "id": self.id,
            "created": self.created,
            "object": "model",
            "owned_by": "xai",
            "aliases": list(self.aliases),
            "image_price": self.price_cents,
        }
        if self.tiers:
            facts["pricing"] = [
                {"quality": quality, "resolution": resolution, "price_per_image": cents * _TICKS_PER_CENT}
                for (quality, resolution), cents in self.tiers.items()
            ]
        return facts

    @property
    def facts(self) -> JsonObject:
        """The entry in `GET /v1/image-generation-models`."""
        return {
            **self.plain_facts,
            "fingerprint": f"fp_{self.id.replace('.', '')}",
            "version": "1.0.0",
            "max_prompt_length": MAX_PROMPT_LENGTH,
            "input_modalities": ["text", "image"],
            "output_modalities": ["image"],
        }


# The input prices of the last two are guesses; that of the first is what resellers add for an edit ($0.022).
# The tiers of 2.0 are inferred from resellers' lists ($0.02 to $0.08; low and medium at 1k and 2k); `high` is a guess.
IMAGE_MODELS: Final = (
    ImageModel(
        id="grok-imagine-image", created=1_769_558_400, price_cents=2, input_price_ticks=_TICKS_PER_CENT * 2 // 10
    ),
    ImageModel(
        id="grok-imagine-image-quality", created=1_777_593_600, price_cents=5, input_price_ticks=_TICKS_PER_CENT
    ),
    ImageModel(
        id="grok-imagine-image-2.0",
        created=1_786_492_800,
        price_cents=6,
        input_price_ticks=_TICKS_PER_CENT,
        tiers={
            (quality, resolution): 4 + 2 * worse + finer
            for worse, quality in enumerate(QUALITIES)
            for finer, resolution in enumerate(RESOLUTIONS)
        },
    ),
)


class ImageCatalogue:
    """The models for pictures that are on offer at the moment."""

    def __init__(self) -> None:
        """Offer all models of the reference."""
        self._models = list(IMAGE_MODELS)

    @property
    def models(self) -> list[ImageModel]:
        """The models on offer, in the vendor's order."""
        return list(self._models)

    def remove(self, name: str) -> None:
        """Retire one model."""
        self._models = [model for model in self._models if name != model.id]

    def find(self, name: str, texts: Catalogue) -> ImageModel:
        """Give the model of this id or alias; those that make texts are known, so as to be refused in their own way.

        Raises:
            RefusalError: 404, no such model is on offer; 400, it makes texts.
        """
        for model in self._models:
            if name == model.id or name in model.aliases:
                return model
        if any(name == model.id or name in model.aliases for model in texts.models):
            raise unsupported(f"The model {name} does not support image generation.")
        raise RefusalError(404, f"The model {name} does not exist or your team does not have access to it.")
