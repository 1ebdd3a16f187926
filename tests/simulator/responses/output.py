"""From a reply's parts to the output items, the status and the counts of a response."""

import base64
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final
from uuid import uuid4

from ..jsontypes import JsonObject
from ..script import Call, Citation, Part, Reasoning, Reply, Search, SearchKind, Speech
from .ask import Ask
from .billing import Consumption
from .tokens import BYTES_PER_TOKEN, text_tokens

_CIPHER_PREFIX: Final = "simulated:"
_HIDDEN_REASONING_TOKENS: Final = 8


@dataclass(slots=True, kw_only=True)
class Output:
    """What a response consists of; filled part by part until the token limit is met."""

    tokens_left: int | None = None
    items: list[JsonObject] = field(default_factory=list)
    visible_tokens: int = 0
    reasoning_tokens: int = 0
    is_cut: bool = False

    @property
    def status(self) -> str:
        """The status of the finished response."""
        return "incomplete" if self.is_cut else "completed"

    def spend(self, wanted: int) -> int:
        """Take tokens from what is left; fewer than wanted means that the output is cut here."""
        if self.tokens_left is None:
            return wanted
        granted = min(wanted, self.tokens_left)
        self.tokens_left -= granted
        self.is_cut = granted < wanted
        return granted


def compose(reply: Reply, ask: Ask) -> Output:
    """Turn a reply into output items within the request's limits."""
    output = Output(tokens_left=ask.body.get("max_output_tokens"))
    for part in _wanted_parts(reply, ask):
        if output.is_cut:
            break
        _add(output, part, ask)
    return output


def consumption(output: Output, reply: Reply, ask: Ask, *, input_tokens: int, cached_tokens: int) -> Consumption:
    """Count what a response used; files that are attached are searched once for each response."""
    searches = [part for part in reply.parts if isinstance(part, Search)]
    return Consumption(
        input_tokens=input_tokens,
        cached_tokens=cached_tokens,
        visible_tokens=output.visible_tokens,
        reasoning_tokens=output.reasoning_tokens,
        web_searches=sum(part.kind is SearchKind.WEB for part in searches),
        x_searches=sum(part.kind is SearchKind.X for part in searches),
        document_searches=int(ask.has_files),
        sources=sum(len(part.urls) for part in searches),
    )


def offered_name(name: str, ask: Ask) -> str:
    """Give the offered name of a function that a script names without its namespace."""
    offered = [tool["name"] for tool in ask.functions]
    if name in offered:
        return name
    found = [full for full in offered if full.endswith(f"__{name}")]
    return found[0] if len(found) == 1 else name


def is_our_cipher(text: str) -> bool:
    """Whether encrypted reasoning that came back is unchanged and ours."""
    try:
        plain = base64.b64decode(text, validate=True).decode()
    except ValueError:
        return False
    prefix, _, rest = plain.partition(":")
    digest, _, payload = rest.partition(":")
    return f"{prefix}:" == _CIPHER_PREFIX and digest == _digest(payload)


def _wanted_parts(reply: Reply, ask: Ask) -> list[Part]:
    """Give the reply's parts as far as the request lets the model have them."""
    parts = list(reply.parts)
    if not ask.is_thinking:
        parts = [part for part in parts if not isinstance(part, Reasoning)]
    elif parts and ask.wants_encrypted and not any(isinstance(part, Reasoning) for part in parts):
        parts.insert(0, Reasoning(text=""))
    if not ask.has_parallel_calls:
        surplus = [part for part in parts if isinstance(part, Call)][1:]
        parts = [part for part in parts if not any(part is call for call in surplus)]
    return parts


def _add(output: Output, part: Part, ask: Ask) -> None:
    """Append one part to the output, cut to the tokens that are left."""
    match part:
        case Reasoning(text=text, inner_text=inner_text):
            output.reasoning_tokens += output.spend(text_tokens(text + inner_text) or _HIDDEN_REASONING_TOKENS)
            item = _reasoning_item(text, is_encrypted=ask.wants_encrypted)
            content = {"content": [{"type": "reasoning_text", "text": inner_text}]} if inner_text else {}
            output.items.append(item | content)
        case Search():
            output.items.append(_search_item(part))
        case Speech():
            output.items.append(_message_item(_cut_speech(output, part), output.status))
        case Call():
            part = replace(part, name=offered_name(part.name, ask))
            output.items.append(_call_item(_cut_call(output, part), output.status))


def _cut_speech(output: Output, speech: Speech) -> Speech:
    """Give a speech as far as the tokens last."""
    wanted = text_tokens(speech.text)
    granted = output.spend(wanted)
    output.visible_tokens += granted
    if granted == wanted:
        return speech
    return Speech(text=_cut(speech.text, granted))


def _cut_call(output: Output, call: Call) -> Call:
    """Give a call as far as the tokens last; its arguments may be broken JSON then, as in life."""
    wanted = text_tokens(call.name) + text_tokens(call.arguments)
    granted = output.spend(wanted)
    output.visible_tokens += granted
    if granted == wanted:
        return call
    return replace(call, arguments=_cut(call.arguments, max(0, granted - text_tokens(call.name))))


def _cut(text: str, tokens: int) -> str:
    """Give the beginning of a text."""
    return text.encode()[: tokens * BYTES_PER_TOKEN].decode(errors="ignore")


def _reasoning_item(text: str, *, is_encrypted: bool) -> JsonObject:
    """Give a reasoning item with its summary."""
    item: JsonObject = {
        "type": "reasoning",
        "id": f"rs_{uuid4().hex}",
        "summary": [{"type": "summary_text", "text": text}] if text else [],
        "status": "completed",
    }
    if is_encrypted:
        payload = text or uuid4().hex
        plain = f"{_CIPHER_PREFIX}{_digest(payload)}:{payload}"
        item["encrypted_content"] = base64.b64encode(plain.encode()).decode()
    return item


def _digest(payload: str) -> str:
    """Give a short sum by which a damaged cipher shows."""
    return sha256(payload.encode()).hexdigest()[:16]


def _search_item(search: Search) -> JsonObject:
    """Give the item of a server-side search; only a web search tells its action (API reference 1.5)."""
    item: JsonObject = {"type": f"{search.kind}_call", "id": f"ws_{uuid4().hex}", "status": "completed"}
    if search.kind is SearchKind.WEB:
        sources = [{"type": "url", "url": url} for url in search.urls]
        item["action"] = {"type": "search", "query": search.query, "sources": sources}
    return item


def _message_item(speech: Speech, status: str) -> JsonObject:
    """Give a message item with its annotations."""
    text, annotations = _annotated(speech)
    return {
        "type": "message",
        "id": f"msg_{uuid4().hex}",
        "role": "assistant",
        "status": status,
        "content": [{"type": "output_text", "text": text, "annotations": annotations}],
    }


def _annotated(speech: Speech) -> tuple[str, list[JsonObject]]:
    """Give the text with its citation marks, and the annotations that point into it."""
    text = speech.text
    annotations: list[JsonObject] = []
    for number, source in enumerate(speech.citations, start=1):
        start = len(text)
        if speech.is_inline:
            text += f"[[{number}]]({source.url})"
        annotations.append(_annotation(source, number, start=start, end=len(text)))
    return text, annotations


def _annotation(source: Citation, number: int, *, start: int, end: int) -> JsonObject:
    """Give a citation; without a title of its own the number of the mark stands in."""
    return {
        "type": "url_citation",
        "url": source.url,
        "title": source.title or str(number),
        "start_index": start,
        "end_index": end,
    }


def _call_item(call: Call, status: str) -> JsonObject:
    """Give the item of a function call."""
    return {
        "type": "function_call",
        "id": f"fc_{uuid4().hex}",
        "call_id": call.call_id or f"call_{uuid4().hex[:16]}",
        "name": call.name,
        "arguments": call.arguments,
        "status": status,
    }
