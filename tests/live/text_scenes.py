"""What is asked in writing."""

from typing import Final

from ..simulator.jsontypes import Json, JsonObject
from .evidence import Evidence, Reply
from .home import INSTRUCTIONS, MODEL, tools
from .prices import EFFORT_LIMIT, TEXT_LIMIT, THOUGHT_LIMIT
from .service import WRONG_KEY, CannotRunError, Service

CLOCK: Final = "03:47"
ARGUMENTS: Final[dict[str, Json]] = {
    "include": ["reasoning.encrypted_content"],
    "prompt_cache_key": "check-live",
    "temperature": 0.7,
    "reasoning": {"effort": "low"},
    "max_output_tokens": TEXT_LIMIT,
    "store": False,
}
"""What the integration sends along, argument by argument."""
SCHEMA: Final[JsonObject] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "inhabitants": {"type": "integer"}},
    "required": ["city", "inhabitants"],
    "additionalProperties": False,
}
_TOOLS: Final = (201, 100, 20)
_GO_ON: Final = "Please answer in words."
_TIME: Final = "What time is it?"
_TOLD: Final = f"The time is {CLOCK}."


async def account(service: Service, seen: Evidence) -> None:
    """Look at the key and at the models.

    Raises:
        CannotRunError: the key is no good, or may do nothing.
    """
    seen.replies["models"] = models = await service.get("/language-models")
    if models.status in {400, 401}:
        raise CannotRunError(f"The service does not accept the key ({models.told}).")
    if models.status in {402, 403, 429}:
        raise CannotRunError(f"The service refuses ({models.told}).")
    seen.replies["key"] = await service.get("/api-key")
    seen.replies["wrong_key"] = await service.get("/language-models", key=WRONG_KEY)


async def hello(service: Service, seen: Evidence) -> None:
    """Ask for one word, and for an answer of a model that is not there.

    Raises:
        CannotRunError: nothing can be asked with this key.
    """
    seen.replies["hello"] = reply = await _ask(service, seen, "Say: lighthouse")
    if reply.status in {402, 403, 429}:
        raise CannotRunError(f"The service refuses to answer ({reply.told}).")
    seen.replies["unknown_model"] = await _ask(service, seen, "Say: lighthouse", model="grok-0.0-check-live")


async def contents(service: Service, seen: Evidence) -> None:
    """Send messages of doubtful form."""
    empty = [_user("Say: lighthouse"), {"role": "assistant", "content": ""}, _user("Say: harbour")]
    seen.replies["empty"] = await _ask(service, seen, empty)
    seen.replies["later_system"] = await _ask(service, seen, [_user(_TIME), {"role": "system", "content": _TOLD}])
    parts = [{"type": "input_text", "text": text} for text in (_TIME, _TOLD)]
    seen.replies["own_state"] = await _ask(service, seen, [{"role": "user", "content": parts}])


async def arguments(service: Service, seen: Evidence) -> None:
    """Send each argument beside the limit, to the default model and to one that does not reason, if there is one."""
    for model in (MODEL, plain_model(seen)):
        for name, value in ARGUMENTS.items() if model else ():
            body = {
                "model": model,
                "input": "Say: lighthouse",
                "stream": True,
                **service.limited(TEXT_LIMIT),
                name: value,
            }
            seen.replies[f"{name} {'default' if model == MODEL else 'plain'}"] = await service.post("/responses", body)


async def reasoning(service: Service, seen: Evidence) -> None:
    """Have something thought over, and send the thoughts back as they came."""
    wanted: JsonObject = {
        "reasoning": {"effort": "low"},
        "include": ["reasoning.encrypted_content"],
        "max_output_tokens": THOUGHT_LIMIT,
    }
    question = _user("Which is more: three dozens or forty?")
    seen.replies["thoughts"] = first = await _ask(service, seen, [question], **wanted)
    if any(item.get("encrypted_content") for item in first.output):
        seen.replies["replay"] = await _ask(
            service, seen, [question, *first.output, _user("And two dozens?")], **wanted
        )


async def calling(service: Service, seen: Evidence) -> None:
    """Have a device switched, with narrow schemas or where they are too much with plain ones."""
    said = [_user("Turn on the kitchen light.")]
    told: JsonObject = {"instructions": INSTRUCTIONS}
    seen.replies["narrow"] = reply = await _ask(service, seen, said, **told, tools=tools(is_narrow=True))
    if not reply.is_ok:
        reply = await _ask(service, seen, said, **told, tools=tools())
    seen.replies["call"] = reply
    outputs = [
        {"type": "function_call_output", "call_id": item["call_id"], "output": '{"success": true}'}
        for item in reply.calls
    ]
    if outputs:
        seen.replies["result"] = await _ask(service, seen, [*said, *reply.output, *outputs], **told, tools=tools())


async def crowd(service: Service, seen: Evidence) -> None:
    """Offer a great many functions, and fewer where that is refused."""
    for count in _TOOLS:
        offered = [{**tools()[0], "name": f"switch_{number}"} for number in range(count)]
        seen.replies[f"{count} tools"] = reply = await _ask(service, seen, "Say: lighthouse", tools=offered)
        if reply.is_ok:
            return


async def patience(service: Service, seen: Evidence) -> None:
    """Have something simple thought over with great effort."""
    effort: JsonObject = {"reasoning": {"effort": "high"}, "max_output_tokens": EFFORT_LIMIT}
    seen.replies["effort"] = await _ask(service, seen, "Say: lighthouse", **effort)


async def structure(service: Service, seen: Evidence) -> None:
    """Ask for an answer of a given form."""
    form = {"type": "json_schema", "name": "city", "schema": SCHEMA, "strict": True}
    seen.replies["structure"] = await _ask(service, seen, "The largest city of France.", text={"format": form})


def plain_model(seen: Evidence) -> str | None:
    """Give a listed model that does not reason."""
    return next((name for name in listed_models(seen.replies["models"]) if "non-reasoning" in name), None)


def listed_models(reply: Reply) -> dict[str, JsonObject]:
    """Give the models of a list by their ids."""
    body: JsonObject = reply.body if isinstance(reply.body, dict) else {}
    return {row["id"]: row for row in body.get("models") or body.get("data") or ()}


async def _ask(service: Service, seen: Evidence, said: Json, *, model: str = MODEL, **more: Json) -> Reply:
    """Ask for a streamed response that is not kept; once more where it has neither words nor calls."""
    usual: JsonObject = {"store": False, "stream": True, "max_output_tokens": TEXT_LIMIT}
    body = {"model": model, "input": said, **usual, **more}
    reply = await service.ask(body)
    if not reply.is_ok or reply.any_text or reply.calls:
        return reply
    seen.replies[f"without words {len(seen.replies)}"] = reply
    items = said if isinstance(said, list) else [_user(said)]
    return await service.ask({**body, "input": [*items, _user(_GO_ON)]})


def _user(text: str) -> JsonObject:
    """Give a message of the user."""
    return {"role": "user", "content": text}
