"""The names of the home in the address of a transcription."""

from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.asyncio.server import ServerConnection

from .speech_servers import chunks, client_of, frame

NAMES = {
    "Latin": "Wohnzimmer Deckenlampe {}",
    "Cyrillic": "\u0413\u043e\u0441\u0442\u0438\u043d\u0430\u044f \u043f\u043e\u0442\u043e\u043b\u043e\u0447\u043d\u044b\u0439 \u0441\u0432\u0435\u0442 {}",  # noqa: E501
    "Chinese": "\u5ba2\u5385\u7684\u5929\u82b1\u677f\u706f {}",
    "symbols": "\U0001f4a1\U0001f4a1\U0001f4a1\U0001f4a1\U0001f4a1\U0001f4a1\U0001f4a1 &{}",
    "half a character": "\ud83d {}",
}


@pytest.mark.parametrize("script", NAMES)
async def test_names_when_many_then_request_stays_short(sockets: None, script: str) -> None:
    """Usual servers take 8 KiB of request line; the first names stay, in their order and whole."""
    names = tuple(NAMES[script].format(number) for number in range(100))
    paths: list[str] = []

    async def listen(connection: ServerConnection) -> None:
        """Note the address."""
        assert connection.request is not None
        paths.append(connection.request.path)
        await connection.send(frame(type="transcript.created"), text=True)
        await connection.send(frame(type="transcript.done", text="On"), text=True)
        await connection.wait_closed()

    async with client_of(listen) as client:
        words = client.transcribe(chunks(b"\0\0"), rate=16_000, language="de", keyterms=names)
        assert [found.text async for found in words] == ["On"]
    assert len(paths[0]) <= 6_000
    sent = parse_qs(urlsplit(paths[0]).query)["keyterm"]
    assert sent == [name.encode(errors="replace").decode() for name in names[: len(sent)]]
    assert len(sent) == 100 or len(paths[0]) > 5_800
