"""Use the realtime client of livekit."""

# mypy: disable-error-code="import-not-found,misc,untyped-decorator,no-any-return"

import asyncio

import aiohttp
from livekit import rtc
from livekit.agents import function_tool, llm
from livekit.plugins.xai.realtime import RealtimeModel

from .house import DEADLINE_S, KEY, RATE, judge, simulated, utterance


@function_tool
async def turn_on(name: str) -> str:
    """Switch something on."""
    return "done"


class _Turn:
    """Follows a turn as the framework of livekit would, and makes the calls."""

    def __init__(self, session: llm.RealtimeSession) -> None:
        """Listen to the session's events."""
        self.transcript = ""
        self.answer = ""
        self.audio_bytes = 0
        self.made: list[str] = []
        self.is_over = asyncio.Event()
        self._session = session
        self._tasks: set[asyncio.Task[None]] = set()
        session.on("generation_created", self._follow)
        session.on("input_audio_transcription_completed", self._hear)

    def _hear(self, event: llm.InputTranscriptionCompleted) -> None:
        """Keep the final transcript."""
        if event.is_final:
            self.transcript += event.transcript

    def _follow(self, event: llm.GenerationCreatedEvent) -> None:
        """Take in an answer."""
        task = asyncio.create_task(self._take(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, event: llm.GenerationCreatedEvent) -> None:
        """Take in what is said, then make the calls."""
        async for message in event.message_stream:
            await asyncio.gather(self._read(message), self._listen(message))
        outputs = [self._call(wanted) async for wanted in event.function_stream]
        if not outputs:
            self.is_over.set()
            return
        chat = self._session.chat_ctx.copy()
        chat.items.extend(outputs)
        await self._session.update_chat_ctx(chat)
        self._session.generate_reply()

    async def _read(self, message: llm.MessageGeneration) -> None:
        """Take in the words."""
        async for text in message.text_stream:
            self.answer += text

    async def _listen(self, message: llm.MessageGeneration) -> None:
        """Take in the audio."""
        async for frame in message.audio_stream:
            self.audio_bytes += len(frame.data) * 2

    def _call(self, wanted: llm.FunctionCall) -> llm.FunctionCallOutput:
        """Make one call."""
        self.made.append("lamp" if "lamp" in wanted.arguments else wanted.arguments)
        return llm.FunctionCallOutput(call_id=wanted.call_id, name=wanted.name, output="done", is_error=False)


async def check() -> list[str]:
    """Have one spoken turn with a function call."""
    async with simulated() as simulator, asyncio.timeout(DEADLINE_S), aiohttp.ClientSession() as http:
        model = RealtimeModel(api_key=KEY, base_url=simulator.url, http_session=http)
        session = model.session()
        try:
            turn = _Turn(session)
            await session.update_instructions("You run a home.")
            await session.update_tools([turn_on])
            audio = utterance()
            session.push_audio(rtc.AudioFrame(audio, RATE, 1, len(audio) // 2))
            await turn.is_over.wait()
        finally:
            await session.aclose()
            await model.aclose()
        return judge(
            simulator,
            transcript=turn.transcript,
            answer=turn.answer,
            audio_bytes=turn.audio_bytes,
            made=turn.made,
        )
