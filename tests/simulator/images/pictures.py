"""`/v1/images/...`: pictures made from words or from other pictures, and the addresses where they wait for a while."""

import asyncio
import base64

from aiohttp import web

from ..exchange import FAULT, KEY, read_json
from ..faults import FaultName
from ..jsontypes import JsonObject
from ..keys import shown_authorization
from ..responses.sending import send_document
from ..state import State
from .drawing import drawn, scaled, size_of
from .gallery import Download
from .image_rules import EDIT, GENERATION, ImageAsk, Shop, accept_images


class Pictures:
    """The painter."""

    def __init__(self, state: State) -> None:
        """Work with the shared state."""
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Give the paths that are answered here."""
        return [
            web.post("/v1/images/generations", self._generate),
            web.post("/v1/images/edits", self._edit),
            web.get("/imagine/{name}", self._fetch, allow_head=False),
        ]

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        """Make pictures from words."""
        return await self._make(request, GENERATION)

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        """Make pictures from pictures."""
        return await self._make(request, EDIT)

    async def _make(self, request: web.Request, definition: str) -> web.StreamResponse:
        """Make pictures and hand them out in the wanted form."""
        key, fault = request[KEY], request[FAULT]
        key.require("endpoint", "image")
        shop = Shop(images=self._state.image_catalogue, texts=self._state.catalogue, files=self._state.files)
        ask = accept_images(await read_json(request), key=key, shop=shop, definition=definition)
        name = fault and fault.name
        reply: JsonObject = {"data": [], "usage": {"cost_in_usd_ticks": 0}}
        if name not in {FaultName.NO_IMAGE, FaultName.EMPTY}:
            made = await asyncio.to_thread(_drawn, ask)
            self._state.gallery.made.extend(made)
            entries = [self._entry(request, ask, data, is_gone=name is FaultName.EXPIRED_URL) for data in made]
            reply = {"data": entries, "usage": {"cost_in_usd_ticks": ask.cost}}
        return await send_document(self._state, request, reply, fault, definition="images.response")

    def _entry(self, request: web.Request, ask: ImageAsk, data: bytes, *, is_gone: bool) -> JsonObject:
        """Give a picture as the reply holds it."""
        facts: JsonObject = {"mime_type": "image/jpeg", "revised_prompt": ask.body["prompt"]}
        if ask.body.get("response_format") == "b64_json":
            return {"b64_json": base64.b64encode(data).decode(), **facts}
        name = self._state.gallery.hang(data, is_gone=is_gone)
        return {"url": f"{request.url.origin()}/imagine/{name}", **facts}

    async def _fetch(self, request: web.Request) -> web.Response:
        """Give a picture to whoever knows its address, as long as it lasts; a key has no business here."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if "authorization" in headers:
            headers["authorization"] = shown_authorization(headers["authorization"])
            self._state.traffic.violations.append("GET /imagine: the key was sent to the address of a picture")
        data = self._state.gallery.find(request.match_info["name"])
        status = 404 if data is None else 200
        self._state.gallery.downloads.append(Download(path=request.path, headers=headers, status=status))
        if data is None:
            return web.Response(status=404, text="Not Found")
        return web.Response(body=data, content_type="image/jpeg")


def _drawn(ask: ImageAsk) -> list[bytes]:
    """Draw all pictures; an edit of one picture keeps its shape."""
    resolution = ask.body.get("resolution")
    size = size_of(ask.body.get("aspect_ratio"), resolution)
    if len(ask.sources) == 1:
        picture = ask.sources[0].picture
        size = scaled(picture.width, picture.height, resolution)
    source = next((source.data for source in ask.sources if source.data is not None), None)
    return [drawn(ask.body["prompt"], size=size, number=number, source=source) for number in range(ask.count)]
