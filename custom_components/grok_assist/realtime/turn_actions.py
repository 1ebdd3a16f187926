"""What a turn wants said to the service, in order, until its carrier takes it."""

from collections.abc import Iterable, Mapping

from .client_events import (
    AppendAudio,
    CancelResponse,
    CreateFunctionOutput,
    CreateMessage,
    CreateResponse,
    DeleteItem,
    ForceMessage,
    TruncateItem,
    UpdateSession,
)
from .config import SessionConfig
from .heard import Position
from .responses import Response
from .turn_news import CloseSocket, TurnAction


class TurnActions:
    """The client events of one turn."""

    def __init__(self) -> None:
        """Want nothing yet."""
        self._actions: list[TurnAction] = []

    def take(self) -> list[TurnAction]:
        """Take them."""
        actions, self._actions = self._actions, []
        return actions

    def add(self, action: TurnAction) -> None:
        """Want something said."""
        self._actions.append(action)

    def close_socket(self) -> None:
        """Have the socket closed; what was wanted of it is nothing now."""
        self._actions = [CloseSocket()]

    def silence(self, pcm: bytes) -> None:
        """Have the microphone's silence heard."""
        self._actions.append(AppendAudio(pcm))

    def cancel(self, response: Response | None) -> None:
        """Have a response stopped that is not complete."""
        if response is not None and not response.is_over:
            self.cancel_id(response.response_id)

    def cancel_id(self, response_id: str) -> None:
        """Have a response stopped that never counted, if it has a name."""
        if response_id:
            self._actions.append(CancelResponse(response_id))

    def delete(self, item_ids: Iterable[str]) -> None:
        """Have items forgotten."""
        self._actions += map(DeleteItem, item_ids)

    def truncate(self, cut: Iterable[Position]) -> None:
        """Have it known how much of items was heard."""
        self._actions += [TruncateItem(position.item_id, int(position.ms)) for position in cut]

    def ask(self, text: str, config: SessionConfig, forgotten: Iterable[str]) -> None:
        """Have items forgotten and ask the user's words as text; costs money."""
        self._actions.append(UpdateSession(config))
        self.delete(forgotten)  # the service may refuse it before it is configured
        self._actions += [CreateMessage(text), CreateResponse()]

    def say(self, text: str) -> None:
        """Have a sentence of ours spoken; costs money."""
        self._actions.append(ForceMessage(text))

    def give_results(self, results: Mapping[str, str], *, asks: bool) -> None:
        """Give the results of calls, and ask the answer to go on, if that is wanted."""
        self._actions += [CreateFunctionOutput(call_id, output) for call_id, output in results.items()]
        if asks:
            self._actions.append(CreateResponse())
