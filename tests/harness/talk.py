"""Speak a recording to a running Home Assistant: `python -m tests.harness.talk FILE`, started by `script/talk`."""

import argparse
import asyncio
from pathlib import Path
import sys
from typing import Final

import aiohttp

from .client import HomeAssistantClient
from .errors import HarnessError
from .live_talk import AGENT, show_live
from .sign_in import PASSWORD, USER
from .spoken import PIPELINE, Sentence, find_pipeline, read_sentence, show_spoken_turn
from .terminal import Style, Terminal
from .websocket import HomeAssistantSocket

USUAL_URL: Final = "http://127.0.0.1:8123"


def main() -> int:
    """Speak and return the exit code of the program."""
    terminal = Terminal()
    try:
        return asyncio.run(_talk(_arguments(), terminal))
    except (HarnessError, aiohttp.ClientError, TimeoutError) as err:
        terminal.line(f"That did not work. {type(err).__name__}: {err}", Style.RED)
        return 1


def _arguments() -> argparse.Namespace:
    """Read the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="script/talk",
        description="Speak a sound file to Home Assistant, as a browser's microphone would, and hear the answer.",
    )
    parser.add_argument("file", type=Path, nargs="+", help="a WAV, mp3, FLAC or Ogg file with one sentence")
    parser.add_argument("--live", action="store_true", help="talk over an open microphone, one file after the other")
    parser.add_argument(
        "--interrupt", type=float, metavar="SECONDS", help="with --live: speak the next file over the answer, so far in"
    )
    parser.add_argument("--agent", default=AGENT, help=f"with --live: whom to talk with (default: {AGENT})")
    parser.add_argument("--url", default=USUAL_URL, help=f"Home Assistant (default: {USUAL_URL}, as the demo prints)")
    parser.add_argument("--user", default=USER, help="user of a local login (default: that of the demo)")
    parser.add_argument("--password", default=PASSWORD, help="password (default: that of the demo)")
    parser.add_argument("--pipeline", default=PIPELINE, help=f"name of the assistant (default: {PIPELINE})")
    parser.add_argument("--answer", type=Path, help="where what was heard is written (answer.mp3, answer.wav if live)")
    arguments = parser.parse_args()
    if len(arguments.file) > 1 and not arguments.live:
        parser.error("more than one file needs --live")
    return arguments


async def _talk(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do the turn; 0 if something was to be heard."""
    sentences = [await asyncio.to_thread(read_sentence, path) for path in arguments.file]
    url = str(arguments.url).rstrip("/")
    async with (
        HomeAssistantClient.open(url, user=arguments.user, password=arguments.password) as client,
        client.websocket() as socket,
    ):
        if arguments.live:
            return await _talk_live(arguments, socket, sentences, terminal)
        pipeline, answer = await find_pipeline(socket, arguments.pipeline), arguments.answer or Path("answer.mp3")
        turn = await show_spoken_turn(socket, url, sentences[0], terminal, answer=answer, pipeline=pipeline)
    return 0 if turn.audio and not turn.error_code else 1


async def _talk_live(
    arguments: argparse.Namespace, socket: HomeAssistantSocket, sentences: list[Sentence], terminal: Terminal
) -> int:
    """Do a live conversation; 0 if something was to be heard."""
    result = await show_live(
        socket,
        str(arguments.url).rstrip("/"),
        sentences,
        terminal,
        interrupt_s=arguments.interrupt,
        agent=arguments.agent,
    )
    path = arguments.answer or Path("answer.wav")
    await asyncio.to_thread(result.write, path)
    used = result.usage
    terminal.line(f"{used.get('seconds', 0)} s of voice, ${used.get('usd', 0):.4f}; what was heard is in {path}")
    return 0 if result.heard else 1


if __name__ == "__main__":
    sys.exit(main())
