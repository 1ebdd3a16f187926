"""The stream events of a finished response, in the order in which the API sends them."""

from collections.abc import Iterator
import re
from typing import Final

from ..jsontypes import JsonObject

DELTA_TYPES: Final = frozenset(
    {
        "response.output_text.delta",
        "response.function_call_arguments.delta",
        "response.reasoning_summary_text.delta",
        "response.reasoning_text.delta",
    }
)
_WORD: Final = re.compile(r"\s*\S+|\s+$")
_FRAGMENT_CHARACTERS: Final = 9


def stream_events(response: JsonObject, *, has_fragments: bool, closing: str | None = None) -> Iterator[JsonObject]:
    """All events of one response; the last is named after its status, or as told. They are numbered when sent."""
    opened = {**response, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    yield {"type": "response.created", "response": opened}
    yield {"type": "response.in_progress", "response": opened}
    # xAI sends pings at will; a client has to pass over them (API reference 1.5).
    yield {"type": "ping"}
    for index, item in enumerate(response["output"]):
        yield from _item_events(item, index, has_fragments=has_fragments)
    yield {"type": f"response.{closing or response['status']}", "response": response}


def _item_events(item: JsonObject, index: int, *, has_fragments: bool) -> Iterator[JsonObject]:
    """Give the events of one output item."""
    place = {"item_id": item["id"], "output_index": index}
    yield {"type": "response.output_item.added", "output_index": index, "item": _blank(item)}
    match item["type"]:
        case "message":
            yield from _message_events(item, place)
        case "function_call":
            yield from _call_events(item, place, has_fragments=has_fragments)
        case "reasoning":
            yield from _reasoning_events(item, place)
        case kind:
            for step in ("in_progress", "searching", "completed"):
                yield {"type": f"response.{kind}.{step}", **place}
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _blank(item: JsonObject) -> JsonObject:
    """Give an item as it is announced: everything that the following events tell is still missing."""
    kept: JsonObject = {"type": item["type"], "id": item["id"], "status": "in_progress"}
    match item["type"]:
        case "message":
            return {**kept, "role": "assistant", "content": []}
        case "function_call":
            return {**kept, "call_id": item["call_id"], "name": item["name"], "arguments": ""}
        case "reasoning":
            return {**kept, "summary": []}
        case _:
            return kept


def _message_events(item: JsonObject, place: JsonObject) -> Iterator[JsonObject]:
    """Give the text of a message in deltas, then its citations."""
    for content_index, part in enumerate(item["content"]):
        spot = {**place, "content_index": content_index}
        yield {"type": "response.content_part.added", **spot, "part": {**part, "text": "", "annotations": []}}
        for word in _WORD.findall(part["text"]):
            yield {"type": "response.output_text.delta", **spot, "delta": word}
        for number, annotation in enumerate(part["annotations"]):
            yield {
                "type": "response.output_text.annotation.added",
                **spot,
                "annotation_index": number,
                "annotation": annotation,
            }
        yield {"type": "response.output_text.done", **spot, "text": part["text"]}
        yield {"type": "response.content_part.done", **spot, "part": part}


def _call_events(item: JsonObject, place: JsonObject, *, has_fragments: bool) -> Iterator[JsonObject]:
    """Give the arguments of a call, whole as xAI sends them or in fragments as others do."""
    arguments: str = item["arguments"]
    size = _FRAGMENT_CHARACTERS if has_fragments else max(1, len(arguments))
    for start in range(0, len(arguments), size):
        yield {"type": "response.function_call_arguments.delta", **place, "delta": arguments[start : start + size]}
    yield {"type": "response.function_call_arguments.done", **place, "arguments": arguments}


def _reasoning_events(item: JsonObject, place: JsonObject) -> Iterator[JsonObject]:
    """Give the summary of a thought in deltas, after the thought itself where it is told."""
    for content_index, part in enumerate(item.get("content", ())):
        spot = {**place, "content_index": content_index}
        for word in _WORD.findall(part["text"]):
            yield {"type": "response.reasoning_text.delta", **spot, "delta": word}
        yield {"type": "response.reasoning_text.done", **spot, "text": part["text"]}
    for summary_index, part in enumerate(item["summary"]):
        spot = {**place, "summary_index": summary_index}
        yield {"type": "response.reasoning_summary_part.added", **spot, "part": {**part, "text": ""}}
        for word in _WORD.findall(part["text"]):
            yield {"type": "response.reasoning_summary_text.delta", **spot, "delta": word}
        yield {"type": "response.reasoning_summary_text.done", **spot, "text": part["text"]}
        yield {"type": "response.reasoning_summary_part.done", **spot, "part": part}
