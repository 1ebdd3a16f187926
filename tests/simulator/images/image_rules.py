"""The rules for making and editing pictures: what the API refuses, and how."""

from dataclasses import dataclass
import re
from typing import Final

from ..errors import RefusalError, invalid, unreadable, unsupported
from ..files.files import FileStore
from ..jsontypes import JsonObject
from ..keys import Key
from ..responses.models import Catalogue
from ..schema import property_names, schema_errors
from .image_models import MAX_PROMPT_LENGTH, ImageCatalogue, ImageModel
from .images import Picture, looked_at, payload_of, picture_of

GENERATION: Final = "images.generation.request"
EDIT: Final = "images.edit.request"
MAX_SOURCES: Final = 3
_MAX_COUNT: Final = 10
_REFUSED: Final = re.compile(r"\bforbidden\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A picture that an edit starts from; one at a public address is not fetched."""

    picture: Picture
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageAsk:
    """One accepted request for pictures."""

    model: ImageModel
    body: JsonObject
    sources: tuple[Source, ...] = ()

    @property
    def count(self) -> int:
        """How many pictures are wanted."""
        return self.body.get("n") or 1

    @property
    def cost(self) -> int:
        """What they cost in ticks, with the pictures that they start from."""
        price = self.model.price(self.body.get("quality"), self.body.get("resolution"))
        return self.count * price + len(self.sources) * self.model.input_price_ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What there is to be had: models, and the files of teams."""

    images: ImageCatalogue
    texts: Catalogue
    files: FileStore


def accept_images(body: object, *, key: Key, shop: Shop, definition: str) -> ImageAsk:
    """Check a request for pictures and turn it into what the model is asked.

    Raises:
        RefusalError: the real API would not make these pictures.
    """
    if not isinstance(body, dict):
        raise unreadable("Failed to deserialize the JSON body into the target type: expected an object.")
    if unknown := sorted(body.keys() - property_names(definition)):
        raise unsupported(f"Argument not supported: {', '.join(unknown)}")
    model = _model(body, key, shop)
    if body.get("quality") is not None and not model.has_qualities:
        raise unsupported("Argument not supported: quality")
    _check_prompt(body)
    _check_count(body)
    sources = _checked_sources(body) if definition == EDIT else []
    if errors := schema_errors(definition, body):
        raise unreadable(f"Failed to deserialize the JSON body into the target type: {'; '.join(errors)}")
    found = tuple(_source(item, key, shop.files) for item in sources)
    if _REFUSED.search(body["prompt"]):
        # Nobody has broken a rule of the protocol here.
        raise RefusalError(400, "Generated image rejected by content moderation.")
    return ImageAsk(model=model, body=body, sources=found)


def _model(body: JsonObject, key: Key, shop: Shop) -> ImageModel:
    """Give the model that is to draw, if there is one and the key may use it."""
    name = body.get("model")
    if not isinstance(name, str):
        raise unreadable("Failed to deserialize the JSON body into the target type: missing field `model`.", "model")
    model = shop.images.find(name, shop.texts)
    key.require("model", model.id)
    return model


def _check_prompt(body: JsonObject) -> None:
    """Refuse a prompt that says nothing or too much."""
    prompt = body.get("prompt")
    if not isinstance(prompt, str):
        raise unreadable("Failed to deserialize the JSON body into the target type: missing field `prompt`.", "prompt")
    if not prompt.strip():
        raise invalid("The prompt must not be empty.", "prompt")
    if len(prompt) > MAX_PROMPT_LENGTH:
        raise invalid(f"The prompt is longer than the maximum of {MAX_PROMPT_LENGTH} characters.", "prompt")


def _check_count(body: JsonObject) -> None:
    """Refuse a number of pictures outside its range."""
    count = body.get("n")
    if isinstance(count, int) and not 1 <= count <= _MAX_COUNT:
        raise invalid(f"The n must be between 1 and {_MAX_COUNT}.", "n")


def _checked_sources(body: JsonObject) -> list[JsonObject]:
    """Give the sources of an edit, of which there are at least one and not too many."""
    one, several = body.get("image"), body.get("images")
    if one is not None and several is not None:
        raise invalid("Only one of image and images can be set.", "image")
    sources = [one] if one is not None else several
    if not sources or not isinstance(sources, list):
        raise invalid("An image to edit is required.", "image")
    if len(sources) > MAX_SOURCES:
        raise invalid(f"At most {MAX_SOURCES} images can be edited at once.", "images")
    return sources


def _source(item: JsonObject, key: Key, files: FileStore) -> Source:
    """Look at a source: at an address, within the request, or among the files of the team."""
    address, file_id = item.get("url") or item.get("image_url"), item.get("file_id")
    if bool(address) == bool(file_id):
        raise invalid("Exactly one of url and file_id must be set.", "image")
    if file_id:
        data = files.find(file_id, key).data
        return Source(picture=looked_at(data), data=data)
    picture = picture_of(str(address))
    return Source(picture=picture, data=payload_of(str(address)) if str(address).startswith("data:") else None)
