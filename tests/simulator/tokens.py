"""A simple deterministic estimate of tokens, and the canonical form of a prompt."""

from hashlib import sha256
import json
from math import ceil
from typing import Final

from .images import picture_of
from .jsontypes import JsonObject

BYTES_PER_TOKEN: Final = 4
# xAI cuts pictures into tiles of 448 pixels, 256 tokens each, six at most, and one for the whole.
_TILE_PIXELS: Final = 448
_TILE_TOKENS: Final = 256
_MAX_TILES: Final = 6


def text_tokens(text: str) -> int:
    """About how many tokens a text has: a quarter of its bytes."""
    return ceil(len(text.encode()) / BYTES_PER_TOKEN)


def prompt_bytes(body: JsonObject, items: list[JsonObject]) -> bytes:
    """Give the prompt as the model reads it: tools, then instructions, then the items."""
    parts = [_compact(tool) for tool in body.get("tools") or ()]
    parts.append(f"<system>{body.get('instructions') or ''}")
    parts.extend(_item_text(item) for item in items)
    return "\n".join(parts).encode()


def prompt_tokens(prompt: bytes) -> int:
    """About how many tokens a rendered prompt has."""
    return ceil(len(prompt) / BYTES_PER_TOKEN)


def picture_tokens(width: int, height: int, detail: str) -> int:
    """How many tokens a picture counts as."""
    if detail == "low":
        return _TILE_TOKENS
    tiles = min(_MAX_TILES, ceil(width / _TILE_PIXELS) * ceil(height / _TILE_PIXELS))
    return (tiles + 1) * _TILE_TOKENS


def _item_text(item: JsonObject) -> str:
    """One input item in the form that is counted and compared."""
    match item.get("type", "message"):
        case "message":
            return f"<{item['role']}>{_content_text(item['content'])}"
        case "function_call_output":
            return f"<output {item['call_id']}>{_content_text(item['output'])}"
        case "function_call":
            return f"<call {item['call_id']} {item['name']}>{item['arguments']}"
        case _:
            return _compact(item)


def _content_text(content: str | list[JsonObject]) -> str:
    """Give the content of a message or the output of a function."""
    if isinstance(content, str):
        return content
    return "".join(_part_text(part) for part in content)


def _part_text(part: JsonObject) -> str:
    """One content part; a picture becomes a text as long as its tokens, so that it counts and compares right."""
    if part["type"] != "input_image":
        return str(part.get("text", "")) or _compact(part)
    address = part.get("image_url", "")
    picture = picture_of(address)
    length = picture_tokens(picture.width, picture.height, part.get("detail", "auto")) * BYTES_PER_TOKEN
    digest = sha256(address.encode()).hexdigest()
    return (digest * (length // len(digest) + 1))[:length]


def _compact(value: JsonObject) -> str:
    """Give a JSON object in few bytes, keys as the client ordered them."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
