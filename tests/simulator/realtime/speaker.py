"""The voice of one session: at most one answer at a time, forced messages queued behind it."""

from collections import deque

from .answer import Answer, Order
from .room import Room


class Speaker:
    """Starts, stops and queues answers."""

    def __init__(self, room: Room) -> None:
        """Be silent at first."""
        self._room = room
        self._active: Answer | None = None
        self._waiting: deque[Order] = deque()
        self.answered_turns: set[str] = set()

    @property
    def is_busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._active is not None

    @property
    def is_interruptible(self) -> bool:
        """Whether the user's voice stops what is being said."""
        return self._active is not None and self._active.order.is_interruptible

    def answers(self, turn_id: str) -> bool:
        """Whether the answer on its way is that to one item of the user."""
        return self._active is not None and self._active.order.turn_id == turn_id

    def answer(self, order: Order) -> None:
        """Give an answer, now or after the one on its way."""
        if self._active is not None:
            self._waiting.append(order)
            return
        self._active = Answer(self._room, order, self._ended)
        self._active.start()

    def cancel(self) -> bool:
        """Stop with `response.done`; False when nothing was on its way."""
        if self._active is None:
            return False
        self._active.cancel()
        self._ended(self._active)
        return True

    def drop(self, *, is_forgotten: bool = False, has_late_delta: bool = False) -> None:
        """Stop without a word."""
        if self._active is not None:
            self._active.drop(is_forgotten=is_forgotten, has_late_delta=has_late_delta)
            self._ended(self._active)

    def close(self) -> None:
        """Stop because the socket is gone."""
        self._waiting.clear()
        self._active = None

    def _ended(self, answer: Answer) -> None:
        """Go on with what waits."""
        if answer is not self._active:
            return
        self._active = None
        if answer.order.turn_id is not None:
            self.answered_turns.add(answer.order.turn_id)
        if self._waiting:
            self.answer(self._waiting.popleft())
