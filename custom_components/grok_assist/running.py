"""What an entity is working on, which ends when it leaves and when Home Assistant stops."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback


class Running:
    """The deadlines of the turns or tasks of one entity."""

    def __init__(self) -> None:
        """Begin with none."""
        self.is_leaving = False
        """Nothing is waited for any more."""
        self._deadlines: set[asyncio.Timeout] = set()

    @contextmanager
    def keep(self, deadline: asyncio.Timeout) -> Generator[None]:
        """Know a deadline while its work is done."""
        self._deadlines.add(deadline)
        try:
            yield
        finally:
            self._deadlines.discard(deadline)

    @callback
    def end(self) -> None:
        """End everything at once, as if its time were over."""
        self.is_leaving = True
        now = asyncio.get_running_loop().time()
        for deadline in self._deadlines:
            if not deadline.expired():
                deadline.reschedule(now)

    def end_at_stop(self, hass: HomeAssistant) -> CALLBACK_TYPE:
        """End it when Home Assistant stops, which takes no entity away; return what undoes this."""

        @callback
        def stop(_event: Event) -> None:
            """End it."""
            self.end()

        return hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stop)
