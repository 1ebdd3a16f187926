"""Use the realtime client of pydantic-ai."""

# mypy: disable-error-code="import-not-found,misc,untyped-decorator,no-any-return"

import asyncio
from collections.abc import AsyncIterator
from typing import override

from pydantic_ai import Agent
from pydantic_ai.messages import SpeechPart
from pydantic_ai.providers.xai import XaiProvider
from pydantic_ai.realtime import RealtimeTurnCompleteEvent
from pydantic_ai.realtime.xai import XaiRealtimeModel

from .house import DEADLINE_S, KEY, judge, simulated, utterance


class _Provider(XaiProvider):
    """The vendor at another address: the one thing that the client leaves to its users."""

    address = ""

    @property
    @override
    def base_url(self) -> str:
        """The address of the simulator."""
        return self.address


async def check() -> list[str]:
    """Have one spoken turn with a function call."""
    made: list[str] = []
    agent = Agent(instructions="You run a home.")

    @agent.tool_plain
    def turn_on(name: str) -> str:
        """Switch something on."""
        made.append(name)
        return "done"

    async with simulated() as simulator, asyncio.timeout(DEADLINE_S):
        provider = _Provider(api_key=KEY)
        provider.address = simulator.url
        model = XaiRealtimeModel("grok-voice-latest", provider=provider)
        audio = bytearray()
        async with agent.realtime(model).session() as session:
            playing = asyncio.create_task(_play(session.stream_audio(), audio))
            await session.send_audio(utterance())
            async for event in session:
                if isinstance(event, RealtimeTurnCompleteEvent):
                    break
            await asyncio.sleep(0.1)
            playing.cancel()
            said = [
                part for message in session.all_messages() for part in message.parts if isinstance(part, SpeechPart)
            ]
        texts = {part.speaker: part.transcript or "" for part in said}
        return judge(
            simulator,
            transcript=texts.get("user", ""),
            answer=texts.get("assistant", ""),
            audio_bytes=len(audio),
            made=made,
        )


async def _play(stream: AsyncIterator[bytes], audio: bytearray) -> None:
    """Collect the audio that is to be heard."""
    async for piece in stream:
        audio += piece
