"""What the parts of one session share."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field

from ..keys import Key
from ..state import State
from ..traffic import RecordedRequest
from .config import SessionConfig
from .conversation import Conversation
from .mischief import Mischief
from .pace import VoicePace
from .record import RecordedSession
from .wire import Wire


@dataclass(slots=True, kw_only=True)
class Room:
    """One session; not frozen because its settings are changed at run time."""

    state: State
    request: RecordedRequest
    key: Key
    wire: Wire
    mischief: Mischief
    record: RecordedSession
    conversation: Conversation
    config: SessionConfig
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def pace(self) -> VoicePace:
        """The pace as it is now."""
        return self.state.voice_pace

    def spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do something beside everything else, until the session ends at the latest."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def end_tasks(self) -> None:
        """End all that is still being done."""
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def blame(self, message: str) -> None:
        """Note that the client did what the real service refuses or does not expect."""
        self.state.traffic.blame_client(self.request, message)
