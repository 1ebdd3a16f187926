"""What a model asks to have called."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall:
    """A call of a function; `arguments` is JSON text as the model wrote it, maybe broken."""

    call_id: str
    name: str
    arguments: str
