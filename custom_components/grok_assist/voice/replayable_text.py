"""A text on its way to a voice, which can be read again from its beginning."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable


class ReplayableText:
    """A text on its way to a voice, kept in case that voice fails: it can be read again from its beginning."""

    def __init__(self, texts: AsyncIterable[str]) -> None:
        """Begin to read."""
        self._kept: list[str] = []
        self._news = asyncio.Event()
        self._reader = asyncio.get_running_loop().create_task(self._read(texts), name="grok_assist text to be spoken")
        # A source that fails has ended; whoever runs it says why.
        self._reader.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def __aiter__(self) -> AsyncGenerator[str]:
        """Give the texts as they come."""
        position = 0
        while True:
            news = self._news
            while position < len(self._kept):
                yield self._kept[position]
                position += 1
            if self._reader.done():
                return
            await news.wait()

    async def whole(self) -> str:
        """Return all of it."""
        return "".join([text async for text in self])

    def close(self) -> None:
        """Read no more."""
        self._reader.cancel()

    async def _read(self, texts: AsyncIterable[str]) -> None:
        """Keep what comes, whoever listens."""
        try:
            async for text in texts:
                self._kept.append(text)
                self._tell()
        finally:
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        """Wake whoever waits for more."""
        news, self._news = self._news, asyncio.Event()
        news.set()
