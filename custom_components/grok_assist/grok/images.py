"""I/O shell of the image API: a picture for a description, or from other pictures.

Wire facts: docs.x.ai "Image generation" and "Image editing", xAI OpenAPI document, read 2026-11-20.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..core.errors import GrokAnswerError, GrokError, GrokRateLimitError, GrokServerError
from ..core.json_types import plain, unpacked
from .gate import Gate
from .messages import Json, Picture
from .patience import USUAL_PATIENCE, Patience
from .payer import PicturePayer
from .rest import RestApi
from .usage import parse_cost

GENERATIONS_PATH: Final = "/images/generations"
EDITS_PATH: Final = "/images/edits"
MAX_SOURCES: Final = 3
GENERATION_TIMEOUT_S: Final = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOrder:
    """What is to be drawn."""

    model: str
    prompt: str
    sources: Sequence[Picture] = ()
    """Pictures to work on, at most three."""

    @property
    def path(self) -> str:
        """Where it is ordered."""
        return EDITS_PATH if self.sources else GENERATIONS_PATH

    def to_json(self) -> Json:
        """Write the body; the picture comes back in the reply, as addresses soon expire."""
        body: Json = {"model": self.model, "prompt": self.prompt, "n": 1, "response_format": "b64_json"}
        sources = [{"type": "image_url", "url": source.data_url} for source in self.sources]
        if len(sources) == 1:
            body["image"] = sources[0]
        elif sources:
            body["images"] = sources
        return {name: plain(value) for name, value in body.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnImage:
    """A picture that was made."""

    data: bytes
    mime: str
    revised_prompt: str | None


class ImageClient:
    """Has pictures made, within an account's limits."""

    def __init__(self, rest: RestApi, gate: Gate, limit_s: float = GENERATION_TIMEOUT_S) -> None:
        """Share the key and the gate of the text client."""
        self._rest = rest
        self._gate = gate
        self.limit_s = limit_s
        """For one picture."""

    async def draw(self, order: ImageOrder, payer: PicturePayer, *, patience: Patience = USUAL_PATIENCE) -> DrawnImage:
        """Have one picture made; where the service has no room for the moment it is asked again.

        Raises:
            GrokError: there is none.
        """
        delays = list(patience.retry_delays_s)
        while True:
            with await self._gate.enter(tokens=0, patience_s=patience.present_queue_s) as permit:
                patience.on_admitted()
                try:
                    image = await self._order(order, payer)
                    permit.settle(0)
                    return image
                except GrokRateLimitError as error:
                    permit.refuse(error.retry_after_s)
                    raise
                except GrokServerError as error:
                    # All other trouble may have cost a picture already.
                    if error.may_have_acted or not delays:
                        raise
            await asyncio.sleep(delays.pop(0))

    async def _order(self, order: ImageOrder, payer: PicturePayer) -> DrawnImage:
        """Order once."""
        payer.sent()
        try:
            reply = await self._rest.post(order.path, order.to_json(), self.limit_s)
        except GrokError as error:
            if not error.may_have_acted:
                payer.refused()
            raise
        payer.settle(parse_cost(reply.get("usage")))
        return parse_image(reply)


def parse_image(reply: Mapping[str, object]) -> DrawnImage:
    """Read the reply of the image endpoints.

    Raises:
        GrokAnswerError: there is no picture in it.
    """
    rows = reply.get("data")
    row = rows[0] if isinstance(rows, list) and rows else None
    if not isinstance(row, Mapping) or not (data := unpacked(row.get("b64_json"))):
        raise GrokAnswerError("the reply has no picture")
    mime, revised = row.get("mime_type"), row.get("revised_prompt")
    return DrawnImage(
        data=data,
        mime=mime if isinstance(mime, str) and mime.startswith("image/") else "image/jpeg",
        revised_prompt=revised if isinstance(revised, str) and revised else None,
    )
