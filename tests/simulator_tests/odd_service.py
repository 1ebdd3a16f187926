"""A service that says what no check should pass on, or nothing at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json

from aiohttp import web

from ..live.home import MODEL
from ..simulator.jsontypes import JsonObject

_ANSWER: JsonObject = {
    "type": "response.completed",
    "response": {"output": [{"type": "message", "content": [{"type": "output_text", "text": "lighthouse"}]}]},
}
_WORDLESS: JsonObject = {"type": "response.completed", "response": {"output": []}}


@dataclass(slots=True, kw_only=True)
class OddService:
    """Answers the first question, and then says its words in one place."""

    where: str
    """`refusal`, `stream` or `socket`; elsewhere it is `wordless`."""
    words: str
    asked: list[JsonObject] = field(default_factory=list)
    """The bodies of what was asked in writing."""
    open_s: list[float] = field(default_factory=list)
    """How long each socket of voice was open."""

    def routes(self) -> list[web.RouteDef]:
        """Give what it serves."""
        return [
            web.get("/v1/language-models", self._models),
            web.post("/v1/responses", self._answer),
            web.get("/v1/realtime", self._talk),
            web.get("/v1/stt", self._talk),
            web.route("*", "/{path:.*}", self._nothing),
        ]

    async def _models(self, request: web.Request) -> web.Response:
        """List one model."""
        if "bad" in request.headers["Authorization"]:
            return web.json_response({"error": "Incorrect API key"}, status=401)
        return web.json_response({"models": [{"id": MODEL, "prompt_text_token_price": 1}]})

    async def _answer(self, request: web.Request) -> web.Response:
        """Answer in writing."""
        self.asked.append(await request.json())
        event = _ANSWER
        if len(self.asked) > 1:
            if self.where == "refusal":
                return web.json_response({"code": "x", "error": self.words}, status=400)
            event = {"type": "error", "code": "x", "message": self.words} if self.where == "stream" else _WORDLESS
        return web.Response(text=f"data: {json.dumps(event)}\n\n", content_type="text/event-stream")

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        """Keep a socket open and say no word, or the words."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        clock = asyncio.get_running_loop().time
        began = clock()
        if self.where == "socket":
            await socket.send_json({"type": "session.created", "session": {"owner": self.words}})
            await socket.send_json({"type": "error", "error": {"message": self.words}})
            await socket.close()
        async for _ in socket:
            pass
        if request.path.endswith("realtime"):
            self.open_s.append(clock() - began)
        return socket

    async def _nothing(self, request: web.Request) -> web.Response:
        """Know nothing of it."""
        return web.json_response({"error": "no"}, status=404)


@asynccontextmanager
async def served(service: OddService) -> AsyncIterator[str]:
    """Run a service; give its address."""
    app = web.Application(client_max_size=10**8)
    app.add_routes(service.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/v1"
    finally:
        await runner.cleanup()
