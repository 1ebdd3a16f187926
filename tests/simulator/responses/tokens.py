"""A simple deterministic estimate of tokens, and the canonical form of a prompt."""

from collections.abc import Mapping
from hashlib import sha256
import json
from math import ceil
from typing import Final

from ..images.images import picture_of
from ..jsontypes import JsonObject

BYTES_PER_TOKEN: Final = 4
# xAI cuts pictures into tiles of 448 pixels, 256 tokens each, six at most, and one for the whole.
_TILE_PIXELS: Final = 448
_TILE_TOKENS: Final = 256
_MAX_TILES: Final = 6
# A file at a public address is not fetched, so it counts as one of this length.
_UNSEEN_FILE_TOKENS: Final = 1_024


def text_tokens(text: str) -> int:
    """About how many tokens a text has: a quarter of its bytes."""
    return ceil(len(text.encode()) / BYTES_PER_TOKEN)


def prompt_bytes(body: JsonObject, items: list[JsonObject], files: Mapping[str, str] | None = None) -> bytes:
    """Give the prompt as the model reads it: tools, then instructions, then the items with the texts of files."""
    parts = [_compact(tool) for tool in body.get("tools") or ()]
    parts.append(f"<system>{body.get('instructions') or ''}")
    parts.extend(_item_text(item, files or {}) for item in items)
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


def _item_text(item: JsonObject, files: Mapping[str, str]) -> str:
    """One input item in the form that is counted and compared."""
    match item.get("type", "message"):
        case "message":
            return f"<{item['role']}>{_content_text(item['content'], files)}"
        case "function_call_output":
            return f"<output {item['call_id']}>{_content_text(item['output'], files)}"
        case "function_call":
            return f"<call {item['call_id']} {item['name']}>{item['arguments']}"
        case _:
            return _compact(item)


def _content_text(content: str | list[JsonObject], files: Mapping[str, str]) -> str:
    """Give the content of a message or the output of a function."""
    if isinstance(content, str):
        return content
    return "".join(_part_text(part, files) for part in content)


def _part_text(part: JsonObject, files: Mapping[str, str]) -> str:
    """One content part; what is no text becomes one as long as its tokens, so that it counts and compares right."""
    match part["type"]:
        case "input_image":
            picture = picture_of(part["image_url"])
            tokens = picture_tokens(picture.width, picture.height, part.get("detail", "auto"))
            return _filler(part["image_url"], tokens)
        case "input_file" if part.get("file_id") in files:
            return f"<file {part['file_id']}>{files[part['file_id']]}"
        case "input_file":
            return _filler(str(part.get("file_url")), _UNSEEN_FILE_TOKENS)
        case _:
            return str(part.get("text", "")) or _compact(part)


def _filler(content: str, tokens: int) -> str:
    """Give a text of so many tokens that is the same for the same content only."""
    digest = sha256(content.encode()).hexdigest()
    length = tokens * BYTES_PER_TOKEN
    return (digest * (length // len(digest) + 1))[:length]


def _compact(value: JsonObject) -> str:
    """Give a JSON object in few bytes, keys as the client ordered them."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
