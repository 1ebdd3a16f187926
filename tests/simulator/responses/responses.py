"""`/v1/responses`: accept a request, have it answered, and send the answer whole or as a stream."""

import time
from uuid import uuid4

from aiohttp import web

from ..brain.brain import think
from ..exchange import FAULT, KEY, RECORD, json_reply, read_json
from ..faults import Fault, FaultName
from ..jsontypes import JsonObject
from ..rules.body import Vendor, accept
from ..script import Reply
from ..state import State
from ..traffic import RecordedRequest
from .ask import Ask
from .billing import TICKS_PER_USD, cost_in_ticks, usage
from .output import Output, compose, consumption
from .sending import send_stream, send_whole
from .store import StoredResponse
from .tokens import prompt_tokens


class Responses:
    """The text API."""

    def __init__(self, state: State) -> None:
        """Answer from the shared state."""
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Give the paths that are answered here."""
        return [
            web.post("/v1/responses", self._create),
            web.get("/v1/responses/{id}", self._read, allow_head=False),
            web.delete("/v1/responses/{id}", self._delete),
        ]

    async def _create(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for a response."""
        key = request[KEY]
        key.require("endpoint", "responses")
        state = self._state
        vendor = Vendor(catalogue=state.catalogue, store=state.store, files=state.files, dialects=state.dialects)
        ask = accept(await read_json(request), key=key, vendor=vendor)
        fault = request[FAULT]
        reply = _as_fault_wants(self._reply(ask, request[RECORD]), fault)
        response = self._respond(ask, reply, request)
        if ask.is_stored:
            items = [*ask.items, *response["output"]]
            self._state.store.keep(StoredResponse(team_id=key.team_id, items=items, response=response))
        if not ask.body.get("stream"):
            return await send_whole(self._state, request, response, fault)
        return await send_stream(self._state, request, response, has_fragments=reply.has_fragments)

    def _reply(self, ask: Ask, record: RecordedRequest) -> Reply:
        """Give what was kept back of this turn, else what comes to mind, as far as it is said."""
        withheld = self._state.withheld
        kept = withheld.take(ask)
        return kept or withheld.keep(ask, self._thought(ask, record), self._state.dialects["reasoning_only"])

    def _thought(self, ask: Ask, record: RecordedRequest) -> Reply:
        """Give the scripted reply that is due, else what the brain thinks."""
        if not self._state.script:
            return think(ask)
        scripted = self._state.script.popleft()
        return scripted if isinstance(scripted, Reply) else scripted(record)

    def _respond(self, ask: Ask, reply: Reply, request: web.Request) -> JsonObject:
        """Give the finished response object, and note what it costs."""
        fault = request[FAULT]
        output = compose(reply, ask)
        prompt = ask.prompt
        cached = self._state.cache.cached_tokens(
            prompt, key_id=ask.key.id, model=ask.model.id, hint=ask.body.get("prompt_cache_key")
        )
        used = consumption(output, reply, ask, input_tokens=prompt_tokens(prompt), cached_tokens=cached)
        request[RECORD].billed_usd = cost_in_ticks(ask.model, used) / TICKS_PER_USD
        response = _envelope(ask, output, self._state.bill(usage(ask.model, used)))
        if fault is not None and fault.name is FaultName.FAILED:
            error = {"code": "server_error", "message": "The model failed to answer."}
            response |= {"status": "failed", "error": error, "output": []}
        return response

    async def _read(self, request: web.Request) -> web.Response:
        """Tell a kept response."""
        stored = self._state.store.find(request.match_info["id"], request[KEY])
        return json_reply(self._state, stored.response, definition="responses.response")

    async def _delete(self, request: web.Request) -> web.Response:
        """Forget a kept response."""
        response_id = request.match_info["id"]
        self._state.store.delete(response_id, request[KEY])
        return web.json_response({"id": response_id, "object": "response", "deleted": True})


def _as_fault_wants(reply: Reply, fault: Fault | None) -> Reply:
    """Give the reply, or nothing at all where that is the fault."""
    return Reply() if fault is not None and fault.name is FaultName.EMPTY else reply


def _envelope(ask: Ask, output: Output, used: JsonObject) -> JsonObject:
    """Give a response object with the fields that xAI documents, and no others."""
    return {
        "id": f"resp_{uuid4().hex}",
        "object": "response",
        "created_at": int(time.time()),
        "model": ask.model.id,
        "status": output.status,
        "incomplete_details": {"reason": "max_output_tokens"} if output.is_cut else None,
        "output": output.items,
        "usage": used,
        "error": None,
        "previous_response_id": ask.body.get("previous_response_id"),
        "store": ask.is_stored,
        "tools": ask.tools,
        "tool_choice": ask.body.get("tool_choice", "auto"),
        "text": {"format": ask.text_format},
        "reasoning": {"effort": ask.effort, "summary": "detailed"},
    }
