"""The demo: a whole house, Grok Assist in it, and turns that anybody can watch in a terminal.

`python -m tests.harness.demo`, started by `script/demo` which makes the environment first.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
import os
from pathlib import Path
import signal
import socket
import sys
import tempfile
import time
from typing import Final

from .assist import AssistTurn, assist_run
from .errors import HarnessError
from .grok import AGENT, add_grok_assist, remove_all_entries
from .home_assistant import home_assistant_release
from .live_talk import show_live
from .running import RunningHome, running_home
from .sample_home import HOST, INTEGRATION
from .sign_in import PASSWORD, USER
from .simulator import CHECKOUT, SimulatorProcess
from .spoken import read_sentence, show_spoken_turn
from .terminal import Style, Terminal

USUAL_PORT: Final = 8123
KEY_VARIABLE: Final = "XAI_API_KEY"
# For those who reach xAI through a proxy.
ADDRESS_VARIABLE: Final = "XAI_BASE_URL"
SIMULATOR_KEY: Final = "xai-demo-0000"
# As in the examples of the documentation.
KEY_NAME: Final = "Home key"
# Like the real service: a quarter of a second to the first delta, eighty tokens a second.
PACE: Final = ("--first-delta-s", "0.25", "--tokens-per-s", "80")
# The same by voice: words a seventh of a second after the end of speech, sound after three quarters.
VOICE_PACE: Final = {"transcript_s": 0.15, "first_audio_s": 0.75, "tool_s": 0.4, "stt_s": 0.35, "tts_s": 0.3}
SPEECH: Final = CHECKOUT / "tests" / "speech"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A sentence of the demo and the entity that proves what became of it."""

    text: str
    entity_id: str
    expected: str
    """State of the entity after the turn."""
    goes_on: bool = False
    """It belongs to the conversation of the sentence before."""


EXCHANGES: Final = (
    Exchange(text="Turn on the kitchen light", entity_id="light.kitchen_light", expected="on"),
    Exchange(text="Is the garage door closed?", entity_id="cover.garage_door", expected="closed"),
    Exchange(text="Open the garage door", entity_id="cover.garage_door", expected="closed"),
    Exchange(text="Yes, please", entity_id="cover.garage_door", expected="open", goes_on=True),
    Exchange(text="What do you see at the front door?", entity_id="camera.front_door", expected="idle"),
)
LIVE: Final = Exchange(text="turn_on_the_kitchen_light.wav", entity_id="light.kitchen_light", expected="on")
LIVE_SENTENCES: Final = ("tell_me_a_story.wav", LIVE.text)
INTERRUPT_S: Final = 1.5
SPOKEN: Final = Exchange(text="turn_off_the_kitchen_light.wav", entity_id="light.kitchen_light", expected="off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Who answers as xAI."""

    base_url: str | None
    """None for the integration's own default, the real service."""
    api_key: str
    """Empty where the key is in Home Assistant's environment."""
    simulator: SimulatorProcess | None = None


def main() -> int:
    """Run the demo and return the exit code of the program."""
    arguments = _arguments()
    terminal = Terminal()
    if not (INTEGRATION / "manifest.json").exists():
        terminal.line(f"The integration is not here yet: {INTEGRATION.relative_to(CHECKOUT)} has no manifest.json.")
        return 1
    try:
        return asyncio.run(_run_until_signal(arguments, terminal))
    except HarnessError as err:
        terminal.line(f"The demo could not go on. {err}", Style.RED)
        return 1


def _arguments() -> argparse.Namespace:
    """Read the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="script/demo", description="Grok Assist in a sample home, to watch and to try."
    )
    parser.add_argument("--once", action="store_true", help="end after the turns")
    parser.add_argument("--port", type=int, help=f"port of Home Assistant (default: {USUAL_PORT}, or a free one)")
    parser.add_argument("--release", choices=("2026.10", "2026.11"), help="Home Assistant to run (default: 2026.11)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep Home Assistant's configuration in this folder")
    return parser.parse_args()


async def _run_until_signal(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Run the demo; Ctrl-C or SIGTERM ends it in order, however often they come."""
    loop = asyncio.get_running_loop()
    demo = asyncio.create_task(_demo(arguments, terminal))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop_once, demo, terminal)
    with suppress(asyncio.CancelledError):
        return await demo
    terminal.line("Stopped; nothing is left running.")
    return 0


def _stop_once(demo: asyncio.Task[int], terminal: Terminal) -> None:
    """Ask the demo to end; a second signal must not break the first one's work."""
    if not demo.cancelling():
        terminal.line()
        terminal.line("Stopping …")
        demo.cancel()


async def _demo(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do the whole demo; 0 if all turns did what they should."""
    terminal.line(f"Grok Assist in Home Assistant {home_assistant_release()}", Style.BOLD)
    async with _server(terminal) as server:
        began = time.monotonic()
        key = os.environ.get(KEY_VARIABLE)
        async with running_home(
            folder=arguments.keep.resolve() if arguments.keep else None,
            port=arguments.port or _usual_port(is_wanted=not arguments.once),
            environment={KEY_VARIABLE: key or None},
        ) as home:
            terminal.line(f"Home Assistant with the sample home is ready ({time.monotonic() - began:.1f} s)")
            await _set_up(home, server, terminal)
            succeeded = await _show_typed(home, terminal)
            succeeded.append(await _show_spoken(home, server, terminal, folder=arguments.keep))
            succeeded.append(await _show_live(home, terminal))
            if not arguments.once:
                await _stay(home, server, terminal)
    return 0 if all(succeeded) else 1


@asynccontextmanager
async def _server(terminal: Terminal) -> AsyncIterator[Server]:
    """Choose the real service where the environment has a key for it, else start the simulator."""
    if os.environ.get(KEY_VARIABLE):
        address = os.environ.get(ADDRESS_VARIABLE)
        terminal.line(f"Asking {address or 'the real xAI API'} with the key in {KEY_VARIABLE}; answers may cost money.")
        yield Server(base_url=address, api_key="")
        return
    async with SimulatorProcess(*PACE) as simulator:
        terminal.line(f"The simulator of xAI listens at {simulator.url} (set {KEY_VARIABLE} to ask the real one)")
        await simulator.voice_pace(**VOICE_PACE)
        await simulator.control("POST", "set_key", {"key": SIMULATOR_KEY, "name": KEY_NAME})
        yield Server(base_url=simulator.url, api_key=SIMULATOR_KEY, simulator=simulator)


async def _set_up(home: RunningHome, server: Server, terminal: Terminal) -> None:
    """Add the integration through its config flow; a kept home may know an earlier simulator."""
    began = time.monotonic()
    await remove_all_entries(home.client)
    await add_grok_assist(home.client, api_key=server.api_key, base_url=server.base_url)
    terminal.line(f"Grok Assist is set up through its config flow ({time.monotonic() - began:.1f} s): {AGENT}")


async def _show_typed(home: RunningHome, terminal: Terminal) -> list[bool]:
    """Show the typed turns; true for each whose entity is as it should be and in which something was said."""
    succeeded = []
    conversation_id = None
    for exchange in EXCHANGES:
        turn = await _show(home, exchange, terminal, conversation_id=conversation_id if exchange.goes_on else None)
        state = await home.client.state(exchange.entity_id)
        terminal.labelled("after", f"{exchange.entity_id} = {state}", Style.DIM)
        failed = turn.error_code or turn.response_error or not turn.speech
        succeeded.append(state == exchange.expected and not failed)
        conversation_id = turn.conversation_id
    return succeeded


async def _show(
    home: RunningHome, exchange: Exchange, terminal: Terminal, *, conversation_id: str | None
) -> AssistTurn:
    """Show one turn as it happens."""
    terminal.line()
    terminal.labelled("You", exchange.text, Style.GREEN)
    terminal.labelled("before", f"{exchange.entity_id} = {await home.client.state(exchange.entity_id)}", Style.DIM)
    turn = AssistTurn()
    async for event in assist_run(home.socket, exchange.text, agent=AGENT, conversation_id=conversation_id):
        turn.add(event)
        terminal.event(event)
    terminal.summary(turn)
    return turn


async def _show_spoken(home: RunningHome, server: Server, terminal: Terminal, *, folder: Path | None) -> bool:
    """Show one spoken turn; true if the entity is as it should be and something was heard."""
    terminal.line()
    if find_spec("pymicro_vad") is None:
        terminal.line("No voice turn: Home Assistant's own voice parts are missing (see above).")
        return True
    turn = await show_spoken_turn(
        home.socket,
        home.process.url,
        read_sentence(SPEECH / SPOKEN.text),
        terminal,
        answer=_answer_path(folder),
        simulator=server.simulator,
    )
    state = await home.client.state(SPOKEN.entity_id)
    terminal.labelled("after", f"{SPOKEN.entity_id} = {state}", Style.DIM)
    return state == SPOKEN.expected and bool(turn.audio) and not turn.error_code


async def _show_live(home: RunningHome, terminal: Terminal) -> bool:
    """Show a live conversation with an interruption; true if the entity is as it should be."""
    terminal.line()
    terminal.line("Live, over an open microphone: the second sentence interrupts the answer to the first", Style.BOLD)
    sentences = [read_sentence(SPEECH / name) for name in LIVE_SENTENCES]
    result = await show_live(home.socket, home.process.url, sentences, terminal, interrupt_s=INTERRUPT_S)
    state = await home.client.state(LIVE.entity_id)
    terminal.labelled("after", f"{LIVE.entity_id} = {state}", Style.DIM)
    terminal.line(f"{result.usage.get('seconds', 0)} s of voice, ${result.usage.get('usd', 0):.4f}", Style.DIM)
    statuses = [answer["status"] for answer in result.answers]
    return state == LIVE.expected and statuses[:1] == ["interrupted"] and "complete" in statuses


def _answer_path(folder: Path | None) -> Path:
    """Choose where the spoken answer is left for the user to hear."""
    return (folder.resolve() if folder else Path(tempfile.mkdtemp(prefix="grok_assist_answer_"))) / "answer.mp3"


async def _stay(home: RunningHome, server: Server, terminal: Terminal) -> None:
    """Say where everything is and wait for the signal that ends the demo."""
    terminal.line()
    terminal.line(f"Home Assistant stays up: {home.process.url}", Style.BOLD)
    terminal.line(f"user {USER}, password {PASSWORD}; Assist is the speech bubble at the top right")
    terminal.line(f"script/talk FILE.wav speaks to it; script/talk {SPEECH.relative_to(CHECKOUT)}/thank_you.wav")
    terminal.line("script/talk --live FILE.wav FILE.wav --interrupt 1.5 talks over an open microphone")
    if server.simulator is not None:
        terminal.line("The simulator understands plain English: switching, states, timers, lists, cameras, searches")
    terminal.line(f"Ctrl-C ends it, or: kill {os.getpid()}")
    await asyncio.Event().wait()


def _usual_port(*, is_wanted: bool) -> int | None:
    """Return Home Assistant's usual port if it is wanted and free."""
    if not is_wanted:
        return None
    with socket.socket() as probe:
        # As the web server does it: a port whose last user has just gone is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, USUAL_PORT))
        except OSError:
            return None
    return USUAL_PORT


if __name__ == "__main__":
    sys.exit(main())
