"""Responses that the server keeps, for `previous_response_id`."""

from dataclasses import dataclass

from ..errors import RefusalError
from ..jsontypes import JsonObject
from ..keys import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResponse:
    """A kept response with the whole conversation up to it."""

    team_id: str
    items: list[JsonObject]
    response: JsonObject


class ResponseStore:
    """The kept responses of all teams."""

    def __init__(self) -> None:
        """Start empty."""
        self._responses: dict[str, StoredResponse] = {}

    def keep(self, stored: StoredResponse) -> None:
        """Keep a finished response."""
        self._responses[stored.response["id"]] = stored

    def find(self, response_id: str, key: Key) -> StoredResponse:
        """Give a kept response of the key's team.

        Raises:
            RefusalError: 404, there is none of this id.
        """
        stored = self._responses.get(response_id)
        if stored is None or stored.team_id != key.team_id:
            raise RefusalError(404, f"Response with id {response_id} not found.")
        return stored

    def delete(self, response_id: str, key: Key) -> None:
        """Forget one response."""
        self.find(response_id, key)
        del self._responses[response_id]

    def conversation(self, response_id: str | None, key: Key) -> list[JsonObject]:
        """Give the items of the conversation that a kept response ended; none without an id."""
        return [] if response_id is None else list(self.find(response_id, key).items)

    def clear(self) -> None:
        """Forget all."""
        self._responses.clear()
