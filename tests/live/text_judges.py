"""What the written answers tell."""

from collections.abc import Callable
import json
from typing import Final

from .evidence import Evidence, Reply, parsed, tells_time, words_of
from .home import LIGHT, MODEL, TURN_ON
from .question import Finding, agrees, agrees_if, contradicts, differs, needed, unanswered
from .text_scenes import SCHEMA, listed_models, plain_model

_PATIENCE_S: Final = 40.0


def models(seen: Evidence) -> Finding:
    """Judge the list of models."""
    rows = listed_models(seen.replies["models"])
    if MODEL not in rows:
        return differs(f"{len(rows)} models, {MODEL} is not among them")
    has_price = "prompt_text_token_price" in rows[MODEL]
    return agrees_if(has_price, f"{len(rows)} models, {MODEL} {'with' if has_price else 'without'} prices")


def rate_headers(seen: Evidence) -> Finding:
    """Judge the headers of all replies."""
    found = {name for reply in seen.replies.values() for name in reply.headers if "ratelimit" in name}
    return agrees_if(not found, ", ".join(sorted(found)) or "none")


def wrong_key(seen: Evidence) -> Finding:
    """Judge the refusal of a wrong key."""
    reply = seen.replies["wrong_key"]
    is_known = reply.status == 401 or (reply.status == 400 and "key" in reply.message.lower())
    return needed(is_known, reply.told)


def answer(seen: Evidence) -> Finding:
    """Judge whether there is an answer at all."""
    reply = seen.replies["hello"]
    return needed("lighthouse" in reply.any_text.lower(), reply.told if not reply.is_ok else f"“{reply.any_text[:40]}”")


def wordless(seen: Evidence) -> Finding:
    """Judge whether some reply had neither words nor calls."""
    replies = [reply for reply in seen.replies.values() if reply.is_ok and reply.events]
    empty = [reply for reply in replies if not reply.text and not reply.calls]
    return agrees_if(not empty, f"{len(empty)} of {len(replies)} replies without words or calls")


def unknown_model(seen: Evidence) -> Finding:
    """Judge what comes of a model that is not there."""
    reply = seen.replies["unknown_model"]
    if reply.is_ok:
        return differs(f"answered by {reply.response.get('model')}")
    return agrees_if(reply.status in {400, 404}, reply.told)


def error_shape(seen: Evidence) -> Finding:
    """Judge the form of a refusal."""
    body = next(
        reply.body
        for name in ("unknown_model", "empty", "wrong_key")
        if not (reply := seen.replies[name]).is_ok and reply.body is not None
    )
    error = body.get("error") if isinstance(body, dict) else None
    code = body.get("code") if isinstance(body, dict) else None
    if isinstance(error, str) and isinstance(code, str):
        return agrees_if(" " in code, f"code “{code}”, error a text")
    if isinstance(error, dict) and error.get("message"):
        return agrees_if("type" in error, f"error with {', '.join(sorted(error))}")
    return differs(f"neither form: {json.dumps(body)[:60]}")


def usage(seen: Evidence) -> Finding:
    """Judge whether the tokens are told."""
    used = seen.replies["hello"].response.get("usage") or {}
    is_told = bool(used.get("input_tokens")) and "output_tokens" in used
    return agrees_if(is_told, f"{used['input_tokens']} in, {used['output_tokens']} out" if is_told else "no usage")


def cost(seen: Evidence) -> Finding:
    """Judge whether the cost is told."""
    used = seen.replies["hello"].response.get("usage") or {}
    ticks = used.get("cost_in_usd_ticks")
    return agrees_if(bool(ticks), f"cost_in_usd_ticks {ticks}" if "cost_in_usd_ticks" in used else "no cost")


def closing(seen: Evidence) -> Finding:
    """Judge the name of the last event."""
    events = seen.replies["hello"].events
    if not events:
        return contradicts("no stream")
    return agrees_if(events[-1].get("type") == "response.completed", str(events[-1].get("type")))


def empty_content(seen: Evidence) -> Finding:
    """Judge what comes of a message without content; we send none."""
    reply = seen.replies["empty"]
    return agrees_if(not reply.is_ok, reply.told)


def later_system(seen: Evidence) -> Finding:
    """Judge what comes of a system message behind the user's; we send none."""
    reply = seen.replies["later_system"]
    return agrees_if(tells_time(reply.any_text), reply.told if not reply.is_ok else _read_or_not(reply))


def own_state(seen: Evidence) -> Finding:
    """Judge whether what is told within the user's message is read."""
    reply = seen.replies["own_state"]
    return needed(tells_time(reply.any_text), reply.told if not reply.is_ok else _read_or_not(reply))


def argument(name: str) -> Callable[[Evidence], Finding]:
    """Give the judge of one argument."""

    def judge(seen: Evidence) -> Finding:
        """Judge whether an argument is taken."""
        replies = {"default": seen.replies[f"{name} default"]}
        if plain_model(seen) is not None:
            replies["without reasoning"] = seen.replies[f"{name} plain"]
        refused = {which: reply.told for which, reply in replies.items() if not reply.is_ok}
        if not refused:
            return agrees(f"accepted by {len(replies)} models" if len(replies) > 1 else "accepted")
        # Effort goes only to models whose entry in the list tells it.
        if name == "reasoning" and "default" not in refused:
            return agrees("accepted by default, refused without reasoning, where it is not sent")
        seen_words = "; ".join(f"{which} {told}" for which, told in refused.items())
        return differs(seen_words) if name in seen_words else contradicts(seen_words)

    return judge


def thoughts(seen: Evidence) -> Finding:
    """Judge whether encrypted reasoning comes."""
    reply = seen.replies["thoughts"]
    kinds = [item.get("type") for item in reply.output]
    has_any = any(item.get("encrypted_content") for item in reply.output)
    return agrees_if(has_any, reply.told if not reply.is_ok else f"{', '.join(map(str, kinds))}, encrypted: {has_any}")


def replay(seen: Evidence) -> Finding:
    """Judge whether reasoning is taken back."""
    if "replay" not in seen.replies and "thoughts" in seen.replies:
        return unanswered("there was no encrypted reasoning to send back")
    reply = seen.replies["replay"]
    return agrees_if(reply.is_ok, reply.told)


def keywords(seen: Evidence) -> Finding:
    """Judge whether schemas may have enum and pattern."""
    reply = seen.replies["narrow"]
    return agrees_if(reply.is_ok, reply.told)


def call(seen: Evidence) -> Finding:
    """Judge whether the function is called rightly."""
    calls = seen.replies["call"].calls
    made = [f"{item['name']}({item['arguments']})" for item in calls]
    is_right = any(item["name"] == TURN_ON and LIGHT in item["arguments"] for item in calls)
    return needed(is_right, ", ".join(made) or f"no call, “{seen.replies['call'].any_text[:40]}”")


def pieces(seen: Evidence) -> Finding:
    """Judge whether arguments come whole."""
    reply = seen.replies["call"]
    deltas = [event for event in reply.events if event.get("type") == "response.function_call_arguments.delta"]
    if not reply.calls:
        return unanswered("there was no call")
    return agrees_if(len(deltas) <= len(reply.calls), f"calls: {len(reply.calls)}, pieces: {len(deltas)}")


def result(seen: Evidence) -> Finding:
    """Judge whether the answer goes on after a function's result."""
    reply = seen.replies["result"]
    return needed(reply.is_ok and bool(reply.any_text), f"“{reply.any_text[:50]}”" if reply.is_ok else reply.told)


def many_tools(seen: Evidence) -> Finding:
    """Judge how many functions may be offered."""
    told = {name: reply.told for name, reply in seen.replies.items() if name.endswith(" tools")}
    if not told:
        raise KeyError("tools")
    return agrees_if(len(told) == 1 and "accepted" in told.values(), "; ".join(f"{n} {told[n]}" for n in told))


def patience(seen: Evidence) -> Finding:
    """Judge how long great effort takes."""
    reply = seen.replies["effort"]
    return agrees_if(reply.is_ok and reply.seconds < _PATIENCE_S, f"{reply.told} after {reply.seconds:.0f} s")


def structured(seen: Evidence) -> Finding:
    """Judge whether an answer has the form that was asked for."""
    reply = seen.replies["structure"]
    if not reply.is_ok:
        return contradicts(reply.told)
    found = parsed(reply.any_text)
    return needed(isinstance(found, dict) and sorted(found) == sorted(SCHEMA["required"]), reply.any_text[:60])


def _read_or_not(reply: Reply) -> str:
    """Tell what was answered to the question about the time."""
    was_read = tells_time(reply.any_text)
    return (
        f"{'read' if was_read else 'not read'}: “{' '.join(reply.any_text.split())[:40]}”"
        if words_of(reply.any_text)
        else "no words"
    )
