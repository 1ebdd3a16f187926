"""The shapes of parsed JSON that travel through the simulator."""

from typing import Any

type Json = Any
"""Any parsed JSON value."""

type JsonObject = dict[str, Any]
"""A parsed JSON object; what is inside is known only to the rules that read it."""
