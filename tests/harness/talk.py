"""Speak a recording to a running Home Assistant: `python -m tests.harness.talk FILE`, started by `script/talk`."""

import argparse
import asyncio
from pathlib import Path
import sys
from typing import Final

import aiohttp

from .client import HomeAssistantClient
from .errors import HarnessError
from .sign_in import PASSWORD, USER
from .spoken import PIPELINE, find_pipeline, read_sentence, show_spoken_turn
from .terminal import Style, Terminal

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
    parser.add_argument("file", type=Path, help="a WAV, mp3, FLAC or Ogg file with one sentence")
    parser.add_argument("--url", default=USUAL_URL, help=f"Home Assistant (default: {USUAL_URL}, as the demo prints)")
    parser.add_argument("--user", default=USER, help="user of a local login (default: that of the demo)")
    parser.add_argument("--password", default=PASSWORD, help="password (default: that of the demo)")
    parser.add_argument("--pipeline", default=PIPELINE, help=f"name of the assistant (default: {PIPELINE})")
    parser.add_argument("--answer", type=Path, default=Path("answer.mp3"), help="where the answer is written")
    return parser.parse_args()


async def _talk(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do the turn; 0 if something was to be heard."""
    sentence = await asyncio.to_thread(read_sentence, arguments.file)
    url = str(arguments.url).rstrip("/")
    async with (
        HomeAssistantClient.open(url, user=arguments.user, password=arguments.password) as client,
        client.websocket() as socket,
    ):
        pipeline = await find_pipeline(socket, arguments.pipeline)
        turn = await show_spoken_turn(socket, url, sentence, terminal, answer=arguments.answer, pipeline=pipeline)
    return 0 if turn.audio and not turn.error_code else 1


if __name__ == "__main__":
    sys.exit(main())
