"""What JSON is before one of our dataclasses is made of it."""

from collections.abc import Mapping
from typing import Any

type JsonObject = dict[str, Any]
type JsonMapping = Mapping[str, Any]
