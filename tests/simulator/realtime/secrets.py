"""Short-lived tokens for clients that must not see an API key (API reference 3.2)."""

from collections.abc import Mapping
import time
from typing import Final
from uuid import uuid4

from ..errors import unreadable
from ..jsontypes import Json, JsonObject
from ..keys import Key
from ..schema import schema_errors

DEFAULT_S: Final = 600
_SUBPROTOCOL: Final = "xai-client-secret."
_BEARER: Final = "bearer "


class ClientSecrets:
    """The tokens in use."""

    def __init__(self) -> None:
        """Start with none."""
        self._issued: dict[str, tuple[Key, float]] = {}

    def issue(self, key: Key, order: Json) -> JsonObject:
        """Make a token that stands for a key.

        Raises:
            RefusalError: 422, the order does not fit the schema.
        """
        for error in schema_errors("rt.client_secret.request", order):
            raise unreadable(error)
        seconds = order.get("expires_after", {}).get("seconds", DEFAULT_S)
        value = f"realtime-client-secret-{uuid4().hex}"
        expires_at = time.time() + seconds
        self._issued[value] = (key, expires_at)
        return {"value": value, "expires_at": int(expires_at)}

    def key_of(self, headers: Mapping[str, str]) -> Key | None:
        """Give the key behind the token that a handshake carries, as Bearer or as subprotocol."""
        offered = [name.strip() for name in headers.get("Sec-WebSocket-Protocol", "").split(",")]
        values = [name.removeprefix(_SUBPROTOCOL) for name in offered if name.startswith(_SUBPROTOCOL)]
        authorization = headers.get("Authorization", "")
        if authorization.lower().startswith(_BEARER):
            values.append(authorization[len(_BEARER) :].strip())
        for value in values:
            key, expires_at = self._issued.get(value, (None, 0.0))
            if key is not None and time.time() < expires_at:
                return key
        return None


def without_secrets(protocols: str) -> str:
    """Give the offered subprotocols as the records keep them."""
    names = [name.strip() for name in protocols.split(",")]
    return ", ".join(f"{_SUBPROTOCOL}***" if name.startswith(_SUBPROTOCOL) else name for name in names)
