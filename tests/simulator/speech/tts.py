"""Text to speech: `POST /v1/tts`, the socket of the same path, and the list of voices."""

import base64
from typing import Final

from aiohttp import web

from ..exchange import KEY, json_reply, read_json, request_id
from ..faults import FaultName
from ..jsontypes import JsonObject
from ..realtime.config import VOICES
from ..state import State
from .codecs import encoder
from .line import Line, converse, is_upgrade, query_of
from .order import Order, known_voice, order_from_body, order_from_query, timestamps
from .pacing import SpeechClock, pieces_of
from .samples import seconds_of
from .spoiling import fault_of, refusal_of, strike
from .tts_socket import Talker
from .uttering import speech

_ENDPOINT: Final = "tts"
_PIECES_BEFORE_FAULT: Final = 3
_GARBAGE: Final = b"<html>this is no audio</html>" * 20


class TextToSpeech:
    """Speaks texts."""

    def __init__(self, state: State) -> None:
        """Share the vendor's memory."""
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Give the paths that are answered here."""
        return [
            web.post("/v1/tts", self._speak),
            web.get("/v1/tts", self._converse, allow_head=False),
            web.get("/v1/tts/voices", self._voices, allow_head=False),
            web.get("/v1/tts/voices/{id}", self._voice, allow_head=False),
        ]

    async def _voices(self, request: web.Request) -> web.Response:
        """List the voices."""
        request[KEY].require("endpoint", _ENDPOINT)
        return json_reply(self._state, {"voices": [_facts(voice) for voice in sorted(VOICES)]}, definition="tts.voices")

    async def _voice(self, request: web.Request) -> web.Response:
        """Tell one voice."""
        request[KEY].require("endpoint", _ENDPOINT)
        return web.json_response(_facts(known_voice(request.match_info["id"])))

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        """Speak over a socket."""
        if not is_upgrade(request):
            raise web.HTTPMethodNotAllowed("GET", ["POST"])
        request[KEY].require("endpoint", _ENDPOINT)
        order = order_from_query(query_of(request))
        line = Line(self._state, request, definition="tts")
        most = int(self._state.dialects["tts_limit"])
        return await converse(line, Talker(line, order, self._state.voice_pace, most_characters=most).talk)

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        """Speak a text in the body of the answer."""
        request[KEY].require("endpoint", _ENDPOINT)
        body = await read_json(request)
        order = order_from_body(body, int(self._state.dialects["tts_limit"]))
        assert isinstance(body, dict)
        refusal = refusal_of(request)
        if refusal is not None:
            return refusal
        pcm = speech(order.spoken(body["text"]), voice=order.voice, rate=order.rate, speed=order.speed)
        if order.has_timestamps:
            return await self._whole(request, order, body["text"], pcm)
        return await self._stream(request, order, pcm)

    async def _stream(self, request: web.Request, order: Order, pcm: bytes) -> web.StreamResponse:
        """Send the audio as it is made."""
        pace = self._state.voice_pace
        clock = SpeechClock(pace)
        making = encoder(order.codec, rate=order.rate, bit_rate=order.bit_rate, pcm_bytes=len(pcm))
        await clock.wait_for(0)
        answer = web.StreamResponse(headers=request_id())
        answer.content_type = order.content_type
        await answer.prepare(request)
        fault = fault_of(request)
        if fault in {FaultName.EMPTY, FaultName.GARBAGE_FRAME}:
            await answer.write(_GARBAGE if fault is FaultName.GARBAGE_FRAME else b"")
            return answer
        for number, piece in enumerate(pieces_of(pcm, order.rate, pace)):
            if number == _PIECES_BEFORE_FAULT:
                await strike(request)
                if fault is FaultName.TRUNCATED:
                    return answer
            await clock.wait_for(seconds_of(piece, order.rate))
            await _write(answer, making.encode(piece))
        await strike(request)
        await _write(answer, making.finish())
        await answer.write_eof()
        return answer

    async def _whole(self, request: web.Request, order: Order, text: str, pcm: bytes) -> web.Response:
        """Send the audio as JSON, with the time of each character."""
        clock = SpeechClock(self._state.voice_pace)
        duration = seconds_of(pcm, order.rate)
        await clock.wait_for(duration)
        await clock.wait_for(0)
        await strike(request)
        making = encoder(order.codec, rate=order.rate, bit_rate=order.bit_rate, pcm_bytes=len(pcm))
        return web.json_response(
            {
                "audio": base64.b64encode(making.encode(pcm) + making.finish()).decode(),
                "content_type": order.content_type,
                "duration": duration,
                "audio_timestamps": timestamps(text, duration),
            },
            headers=request_id(),
        )


async def _write(answer: web.StreamResponse, data: bytes) -> None:
    """Write a chunk; an empty one would end the body."""
    if data:
        await answer.write(data)


def _facts(voice: str) -> JsonObject:
    """Tell one voice as the list does."""
    return {"voice_id": voice, "name": voice.capitalize(), "language": "multilingual"}
