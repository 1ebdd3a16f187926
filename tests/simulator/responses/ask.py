"""A request for a response as the simulator understands it after all checks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ..files.files import KeptFile
from ..jsontypes import JsonObject
from ..keys import Key
from .models import Model
from .tokens import prompt_bytes

ENCRYPTED: Final = "reasoning.encrypted_content"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One accepted `POST /v1/responses`."""

    body: JsonObject
    model: Model
    key: Key
    items: list[JsonObject]
    """Earlier items of a stored response, then the request's own, each a full item."""
    attachments: dict[str, KeptFile] = field(default_factory=dict)
    """The uploaded files that the items speak of, by their ids."""

    @property
    def tools(self) -> list[JsonObject]:
        """All tools offered, functions and server-side ones."""
        return self.body.get("tools") or []

    @property
    def functions(self) -> list[JsonObject]:
        """The function tools offered."""
        return [tool for tool in self.tools if tool["type"] == "function"]

    @property
    def server_tools(self) -> set[str]:
        """The types of the server-side tools offered."""
        return {tool["type"] for tool in self.tools if tool["type"] != "function"}

    @property
    def prompt(self) -> bytes:
        """The prompt in its canonical form."""
        return prompt_bytes(self.body, self.items, {name: file.text for name, file in self.attachments.items()})

    @property
    def has_files(self) -> bool:
        """Whether there are files to be searched, uploaded ones or public ones."""
        return next(file_parts(self.items), None) is not None

    @property
    def system_text(self) -> str:
        """Everything that instructs the model: instructions, system and developer messages."""
        told = [self.body.get("instructions") or ""]
        told += [message_text(item) for item in self.items if item.get("role") in {"system", "developer"}]
        return "\n".join(text for text in told if text)

    @property
    def effort(self) -> str | None:
        """How hard the model thinks, None where it cannot."""
        wanted: str | None = (self.body.get("reasoning") or {}).get("effort")
        return wanted or self.model.default_effort

    @property
    def is_thinking(self) -> bool:
        """Whether the model reasons before it answers this request."""
        return self.model.is_reasoning and self.effort != "none"

    @property
    def wants_encrypted(self) -> bool:
        """Whether reasoning items carry their encrypted content."""
        return self.model.always_encrypts or ENCRYPTED in (self.body.get("include") or ())

    @property
    def is_stored(self) -> bool:
        """Whether the response is kept on the server."""
        return bool(self.body.get("store", True))

    @property
    def has_parallel_calls(self) -> bool:
        """Whether several calls may come in one response."""
        return bool(self.body.get("parallel_tool_calls", True))

    @property
    def text_format(self) -> JsonObject:
        """The form that the text has to have."""
        wanted: JsonObject | None = (self.body.get("text") or {}).get("format")
        return wanted or {"type": "text"}


def message_text(item: JsonObject) -> str:
    """Give the text of a message item, its parts joined."""
    content = item.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if "text" in part)


def first_text(item: JsonObject) -> str:
    """Give what the user said: the first text of a message; further ones are told along with it."""
    content = item.get("content") or ""
    if isinstance(content, str):
        return content
    return next((str(part["text"]) for part in content if "text" in part), "")


def input_items(value: str | list[JsonObject]) -> list[JsonObject]:
    """Give the input as a list of items, whichever form it came in."""
    if isinstance(value, str):
        return [{"type": "message", "role": "user", "content": value}]
    return value


def file_parts(items: list[JsonObject]) -> Iterator[JsonObject]:
    """Give the parts of messages and outputs that are files."""
    for item in items:
        content = item.get("content") or item.get("output")
        for part in content if isinstance(content, list) else ():
            if part.get("type") == "input_file":
                yield part
