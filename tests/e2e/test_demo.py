"""The demo as a newcomer starts it."""

import asyncio
import os
from pathlib import Path
import signal
import tempfile
from typing import Final

import pytest

from tests.e2e.conftest import Grok
from tests.harness.home_assistant import free_port, home_assistant_release
from tests.harness.running import RunningHome
from tests.harness.simulator import CHECKOUT, SimulatorProcess
from tests.simulator.speech.matching import decode

DEADLINE_S: Final = 120
END_S: Final = 15
KEY: Final = "xai-canary-of-the-demo"
SCRIPT: Final = CHECKOUT / "script" / "demo"
RELEASE: Final = home_assistant_release().rpartition(".")[0]


once_is_enough = pytest.mark.skipif(
    RELEASE != "2026.11", reason="the demo is the same program on both releases; test_once shows both"
)


async def test_once() -> None:
    """Five typed turns, a spoken one and two live ones, their proof in the states, and a clean end."""
    demo = await _start("--once")
    output = await _output(demo)
    assert demo.returncode == 0, output
    turns = output.split("You      ")[1:]
    assert len(turns) == 8, output
    command, question, order, consent, sight, spoken, story, interruption = turns
    assert "before   light.kitchen_light = off" in command
    assert "HassTurnOn" in command
    assert "after    light.kitchen_light = on" in command
    assert "first delta after" in command
    assert "Grok     " in question
    assert "cover.garage_door = closed" in question
    assert "Shall I open Garage Door? Please say yes or no." in order.replace("¦", "")
    assert "after    cover.garage_door = closed" in order
    assert "That is done." in consent.replace("¦", "")
    assert "after    cover.garage_door = open" in consent
    assert "look_at_camera" in sight
    assert "mostly red picture" in sight.replace("¦", "")
    assert "heard    Turn off the kitchen light." in spoken
    assert "HassTurnOff" in spoken
    assert "end of speech → first audio" in spoken
    assert "after    light.kitchen_light = off" in spoken
    assert "“Tell me a long story.”" in story
    assert "stop     (speech)" in story
    assert "[interrupted]" in interruption
    assert "Turn on: Kitchen Light done" in interruption
    assert "[complete]" in interruption
    assert "after    light.kitchen_light = on" in interruption
    (answer,) = (Path(line.split()[1]) for line in spoken.splitlines() if line.startswith("answer"))
    assert decode(answer.read_bytes())[0]
    assert "\033[" not in output.replace("\033[1m[grok_assist]\033[0m", "")


@once_is_enough
async def test_signals_end_everything(tmp_path: Path) -> None:
    """Ctrl-C and SIGTERM end the demo soon, and neither a process nor a folder stays behind."""
    await asyncio.gather(_interrupt(signal.SIGINT, tmp_path), _interrupt(signal.SIGTERM, tmp_path))
    assert _holds_only_answers(tmp_path)


@once_is_enough
async def test_key_of_the_environment(shared_simulator: SimulatorProcess) -> None:
    """The key of the environment is used, and never printed."""
    await shared_simulator.reset()
    demo = await _start("--once", XAI_API_KEY=KEY, XAI_BASE_URL=shared_simulator.url)
    output = await _output(demo)
    assert demo.returncode == 0, output
    assert "XAI_API_KEY" in output
    assert KEY not in output


async def _interrupt(number: signal.Signals, folder: Path) -> None:
    """Start a demo, wait until it stays up, send the signal, and look for what is left."""
    demo = await _start("--port", str(free_port()), TMPDIR=str(folder))
    assert demo.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        async for line in demo.stdout:
            if b"Ctrl-C ends it" in line:
                break
    children = _children(demo.pid)
    assert len(children) == 2
    demo.send_signal(number)
    async with asyncio.timeout(END_S):
        await _output(demo)
    assert demo.returncode == 0
    assert not any(_lives(child) for child in children)


async def _start(*options: str, **environment: str) -> asyncio.subprocess.Process:
    """Start the script in the release that we run in."""
    return await asyncio.create_subprocess_exec(
        SCRIPT,
        "--release",
        RELEASE,
        *options,
        cwd=tempfile.gettempdir(),
        env={**os.environ, "XAI_API_KEY": "", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def _output(demo: asyncio.subprocess.Process) -> str:
    """Wait for the end and return what was written since the last read."""
    async with asyncio.timeout(DEADLINE_S):
        output, _ = await demo.communicate()
    return output.decode()


def _children(pid: int) -> list[int]:
    """List the processes that a process has started."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


def _lives(pid: int) -> bool:
    """Tell whether a process is there."""
    return Path(f"/proc/{pid}").exists()


def _holds_only_answers(folder: Path) -> bool:
    """Tell whether nothing is in a folder but the spoken answers that the user was told of."""
    return {path.name for path in folder.rglob("*") if path.is_file()} <= {"answer.mp3"}


@once_is_enough
async def test_talk(home: RunningHome, grok: Grok, tmp_path: Path) -> None:
    """Any sound file can be spoken to a running Home Assistant."""
    answer = tmp_path / "answer.mp3"
    script = CHECKOUT / "script" / "talk"
    sound = CHECKOUT / "tests" / "speech" / "good_morning.wav"
    talk = await asyncio.create_subprocess_exec(
        *(script, sound, "--url", home.process.url, "--answer", answer),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = await _output(talk)
    assert talk.returncode == 0, output
    assert "heard    Good morning." in output
    assert decode(answer.read_bytes())[0]
    assert grok.entry_id


@once_is_enough
async def test_live_talk(home: RunningHome, grok: Grok, tmp_path: Path) -> None:
    """Sound files are a conversation: the second interrupts the answer to the first; what was heard is kept."""
    answer = tmp_path / "answer.wav"
    script, speech = CHECKOUT / "script" / "talk", CHECKOUT / "tests" / "speech"
    talk = await asyncio.create_subprocess_exec(
        *(script, "--live", speech / "tell_me_a_story.wav", speech / "good_morning.wav", "--interrupt", "1"),
        *("--url", home.process.url, "--answer", answer),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = await _output(talk)
    assert talk.returncode == 0, output
    assert output.index("“Tell me a long story.”") < output.index("stop     (speech)")
    assert output.index("stop     (speech)") < output.index("“Good morning.”")
    assert "[interrupted]" in output
    assert "[complete]" in output
    assert "s of voice, $0.0" in output
    assert decode(answer.read_bytes())[0]
    assert grok.entry_id
