"""A websocket client that does nothing between sending a sentence and the end of its run but note the times."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import itertools
import time
from typing import Any, Final

import aiohttp
import orjson

from tests.harness.client import HomeAssistantClient

TURN_DEADLINE_S: Final = 60
_RUN_END: Final = '"run-end"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn as its client saw it; times in seconds of CLOCK_MONOTONIC."""

    sent_at: float
    first_delta_at: float
    done_at: float
    speech: str


class TurnError(Exception):
    """A turn did not end with the expected answer."""


class Wire:
    """One authenticated connection that runs one turn at a time."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        """Take over a connection that is signed in."""
        self._connection = connection
        self._ids = itertools.count(1)

    @classmethod
    @asynccontextmanager
    async def open(cls, client: HomeAssistantClient) -> AsyncIterator[Wire]:
        """Open a connection and sign in."""
        address = f"{client.url.replace('http', 'ws', 1)}/api/websocket"
        async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as connection:
            await connection.receive_json()
            await connection.send_json({"type": "auth", "access_token": await client.access_token()})
            answer = await connection.receive_json()
            if answer["type"] != "auth_ok":
                raise TurnError(answer["type"])
            yield cls(connection)

    async def turn(self, agent: str, text: str) -> Turn:
        """Say something to an agent (by entity id) in a new conversation and wait for the end of the run.

        Raises:
            TurnError: the run ended without an answer.
        """
        identifier = next(self._ids)
        run = {
            "id": identifier,
            "type": "assist_pipeline/run",
            "start_stage": "intent",
            "end_stage": "intent",
            "input": {"text": text},
            "pipeline": agent,
        }
        message = orjson.dumps(run).decode()
        seen: list[tuple[float, str]] = []
        sent_at = time.monotonic()
        await self._connection.send_str(message)
        while True:
            data = await self._connection.receive_str(timeout=TURN_DEADLINE_S)
            seen.append((time.monotonic(), data))
            if _RUN_END in data:
                break
            if '"success":false' in data:
                raise TurnError(data)
        await self._unsubscribe(identifier)
        return _turn(sent_at, seen)

    async def _unsubscribe(self, identifier: int) -> None:
        """End the subscription, as the frontend does, and wait until that is done."""
        number = next(self._ids)
        request = {"id": number, "type": "unsubscribe_events", "subscription": identifier}
        await self._connection.send_str(orjson.dumps(request).decode())
        while orjson.loads(await self._connection.receive_str(timeout=TURN_DEADLINE_S))["id"] != number:
            pass


def _turn(sent_at: float, seen: list[tuple[float, str]]) -> Turn:
    """Read the messages of a run after it is over."""
    events: list[tuple[float, dict[str, Any]]] = [
        (at, message["event"]) for at, data in seen if (message := orjson.loads(data))["type"] == "event"
    ]
    speech, first_delta_at = "", 0.0
    for at, event in events:
        if event["type"] == "intent-progress" and not first_delta_at:
            first_delta_at = at if event["data"].get("chat_log_delta", {}).get("content") else 0.0
        if event["type"] == "intent-end":
            response = event["data"]["intent_output"]["response"]
            speech = response["speech"]["plain"]["speech"]
    return Turn(sent_at=sent_at, first_delta_at=first_delta_at, done_at=seen[-1][0], speech=speech)
