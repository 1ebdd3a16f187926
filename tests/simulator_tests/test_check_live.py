"""The check of the live service: it tells the dialects apart, costs little, and never gives away the key."""

import asyncio
import base64
from dataclasses import dataclass, field
import json
import os
from pathlib import Path
import re
import signal
import subprocess
import sys

import pytest

from ..live import speech_scenes
from ..live.catalogue import QUESTIONS, SCENES, estimate_usd
from ..live.check import AGREES, CANNOT_RUN, CONTRADICTS, Check, Order
from ..live.cleaning import HIDDEN_KEY, Cleaner
from ..live.evidence import Reply
from ..live.prices import CONNECTED_USD_S
from ..live.purse import Purse, StoppedError, most_usd, used_usd
from ..live.recording import LeakError, Recording, leaks
from ..simulator.dialects.table import DIALECTS
from ..simulator.script import reply
from ..simulator.server import Simulator
from ..simulator.speech.hearing import spoken
from ..simulator.speech.uttering import speech
from .odd_service import OddService, served
from .told_dialects import HARMFUL, NOT_TOLD, TOLD_BY

KEY = "xai-secret-Zq3Lr8TnVw5Yb2"
TEAM = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
ADDRESS = "anna@example.org"
ROOT = Path(__file__).parents[2]


@dataclass(kw_only=True)
class Run:
    """One run with everything that was printed."""

    code: int = -1
    lines: list[str] = field(default_factory=list)
    folder: Path

    @property
    def text(self) -> str:
        """What was printed."""
        return "\n".join(self.lines)

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdicts by their questions, as the recording tells them."""
        index = json.loads((self.folder / "index.json").read_text(encoding="utf-8"))
        return {one["question"]: one["verdict"] for one in index["verdicts"]}

    @property
    def odd(self) -> dict[str, str]:
        """Those that do not agree."""
        return {name: verdict for name, verdict in self.verdicts.items() if verdict != "agrees"}


async def run(url: str, folder: Path, *, key: str = KEY, says_yes: bool | None = None) -> Run:
    """Check a service."""
    done = Run(folder=folder)
    order = Order(base_url=url, key=key, folder=folder, is_agreed=says_yes is None)
    done.code = await Check(order, done.lines.append, lambda _: bool(says_yes)).run()
    return done


def left_in(folder: Path) -> list[str]:
    """List what lies in a folder."""
    return [path.name for path in folder.iterdir()]


async def test_default(sim: Simulator, tmp_path: Path) -> None:
    """Against the simulator as it is, everything agrees."""
    done = await run(sim.url, tmp_path / "recording")
    assert done.odd == {}
    assert done.code == AGREES
    assert len(done.verdicts) == len(QUESTIONS)
    assert sum(bool(re.match(r"\[ ?\d+/\d+\] ", line)) for line in done.lines) == len(QUESTIONS)
    assert "For a bug report" in done.text


async def test_estimate(sim: Simulator, tmp_path: Path) -> None:
    """The cost is told before anything is asked, and is small."""
    done = await run(sim.url, tmp_path / "recording", says_yes=False)
    assert f"${estimate_usd():.2f}" in done.lines[0]
    assert 0.05 < estimate_usd() < 0.5
    assert sim.requests == []
    assert done.code == CANNOT_RUN
    assert not done.folder.exists()


@pytest.mark.parametrize("where", ["wordless", "stream", "refusal"])
async def test_cost_has_a_ceiling(tmp_path: Path, where: str) -> None:
    """Silent sockets and wordless replies do not cost more than was told, by the dearest reading of the prices."""
    service = OddService(where=where, words="Argument not supported: store")
    async with served(service) as url:
        done = await run(url, tmp_path / "recording")
    assert len(done.verdicts) == len(QUESTIONS)
    assert [body for body in service.asked if not body.get("max_output_tokens")] == []
    assert sum(service.open_s) <= sum(scene.cost.connected_s for scene in SCENES.values())
    at_most_usd = sum(most_usd(body, len(json.dumps(body))) for body in service.asked) if where == "wordless" else 0
    assert at_most_usd + sum(service.open_s) * CONNECTED_USD_S <= estimate_usd()


async def test_what_is_not_asked_is_told(tmp_path: Path) -> None:
    """A socket on which nothing comes is given up, and the questions behind it are named."""
    async with served(OddService(where="wordless", words="")) as url:
        done = await run(url, tmp_path / "recording")
    (line,) = [line for text in done.lines for line in text.splitlines() if line.startswith("Not asked")]
    missing = line.partition(": ")[2].split(", ")
    assert {"field_search", "idle_cancel"} <= set(missing)
    assert {done.verdicts[name] for name in missing} == {"unanswered"}
    assert "as the socket had been open for 30 s" in " ".join(done.text.split())


def test_purse() -> None:
    """What was held and not used is there again; what is too dear is not asked."""
    purse = Purse(0.1)
    purse.hold(0.07)
    with pytest.raises(StoppedError, match=r"more than \$0\.10"):
        purse.hold(0.04)
    purse.settle(0.07, 0.01)
    purse.hold(0.09)
    assert purse.spent_usd == pytest.approx(0.1)
    usage = {"input_tokens": 1_000_000, "output_tokens": 1_000_000}
    told = Reply(status=200, headers={}, body={"usage": usage})
    assert used_usd(told, 0.5) == pytest.approx(3.75)
    assert used_usd(Reply(status=200, headers={}), 0.5) == 0.5
    assert used_usd(Reply(status=400, headers={}), 0.5) == 0


@pytest.mark.thorough
@pytest.mark.parametrize("dialect", TOLD_BY)
async def test_dialect(sim: Simulator, tmp_path: Path, dialect: str) -> None:
    """Where the service differs in a point, the questions about this point tell it, and no others."""
    sim.state.dialects.choose_written([dialect])
    done = await run(sim.url, tmp_path / "recording")
    assert {name for name, verdict in done.odd.items() if verdict != "unanswered"} == TOLD_BY[dialect]
    assert done.code == (CONTRADICTS if dialect in HARMFUL else AGREES)


def test_dialects_are_complete() -> None:
    """Of each dialect it is known whether it is told apart."""
    values = {f"{name}={value}" for name, dialect in DIALECTS.items() for value in dialect.values[1:]}
    assert values == TOLD_BY.keys() | NOT_TOLD


@pytest.mark.thorough
@pytest.mark.parametrize("dialect", sorted(NOT_TOLD - {"refused_field=all"}))
async def test_dialect_that_is_not_told(sim: Simulator, tmp_path: Path, dialect: str) -> None:
    """What is not asked about does not disturb the other questions."""
    sim.state.dialects.choose_written([dialect])
    assert (await run(sim.url, tmp_path / "recording")).odd == {}


async def test_hostile(sim: Simulator, tmp_path: Path) -> None:
    """Where the service differs in everything, all questions still find an end."""
    sim.hostile()
    done = await run(sim.url, tmp_path / "recording")
    assert len(done.verdicts) == len(QUESTIONS)
    assert len(done.odd) > 15


async def test_no_key_in_recording(sim: Simulator, tmp_path: Path) -> None:
    """Nothing that is left or printed holds the key, or a header for it."""
    done = await run(sim.url, tmp_path / "recording")
    files = {path.name: path.read_text(encoding="utf-8") for path in done.folder.iterdir()}
    assert len(files) > 20
    for text in [*files.values(), done.text]:
        assert KEY not in text
        assert KEY[4:16] not in text
        assert "authorization" not in text.lower()


def test_leak_is_not_written(tmp_path: Path) -> None:
    """A recording that would hold the key all the same is not written, not even in part."""
    cleaner = Cleaner(KEY)
    for told in ({"Authorization": "x"}, [{"delta": KEY[at : at + 5]} for at in range(0, len(KEY), 5)]):
        recording = Recording()
        recording.rest("GET", "/models", None, Reply(status=200, headers={}, body=told), is_key_good=True)
        with pytest.raises(LeakError):
            recording.write(tmp_path / "recording", {}, cleaner)
    assert left_in(tmp_path) == []
    assert not leaks("Pass it as a Bearer token in the Authorization header", cleaner)


@pytest.mark.parametrize("said", [KEY, KEY[5:13], KEY.upper(), f"Bearer%20{KEY}"])
def test_key_in_any_form(said: str) -> None:
    """Whole or in part, whatever stands around it, the key is taken out."""
    cleaned = Cleaner(KEY).text(f"You sent “{said}”.").lower()
    assert HIDDEN_KEY in cleaned
    assert not [at for at in range(len(KEY) - 7) if KEY[at : at + 8].lower() in cleaned]


@pytest.mark.parametrize("before", ["", "x", "Bearer ", f"{KEY} "])
def test_key_in_base64(before: str) -> None:
    """Wherever it begins in what was encoded."""
    cleaner = Cleaner(KEY)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        coded = encode(f"{before}{KEY}!".encode()).decode()
        assert leaks(coded, cleaner)
        assert len(cleaner.text(coded).replace(HIDDEN_KEY, "")) < len(coded) - len(KEY)


def test_what_is_nobodys_business() -> None:
    """Ids and addresses, whole or cut, and what moves a terminal, however deep it lies; ids stay told apart."""
    other = TEAM.replace("0f", "1f")
    told = {"a": [{TEAM: f"team_{TEAM.upper()}, anna.b+c@example.org"}], "b": [other, f"{TEAM[:14]}…", 7, None, True]}
    made_up = "00000000-0000-0000-0000-00000000000"
    assert Cleaner(KEY).value(told) == {
        "a": [{f"{made_up}1": f"team_{made_up}1, hidden"}],
        "b": [f"{made_up}2", f"{made_up}3…", 7, None, True],
    }
    assert Cleaner(KEY).line("\x1b]0;owned\x07 \x9b2J\ufeff\u202e\ud800\r\n“Grüße”") == "�]0;owned� �2J��� “Grüße”"


@pytest.mark.parametrize("where", ["refusal", "stream", "socket"])
async def test_team_in_whatever_is_said(sim: Simulator, tmp_path: Path, where: str) -> None:
    """What a service says of who asks stands neither in the recording nor in the words to paste."""
    words = f"Your team {TEAM} ({ADDRESS}) has no access, key {KEY}\x1b[2J"
    async with served(OddService(where=where, words=words)) as url:
        done = await run(url, tmp_path / "recording")
    files = {path.name: path.read_text(encoding="utf-8") for path in done.folder.iterdir()}
    assert "no access" in "".join(files.values())
    for text in [*files.values(), done.text]:
        assert not [secret for secret in (TEAM, ADDRESS, KEY, KEY[:12], "\x1b", "\\u001b") if secret in text]


async def test_whose_key_it_is(tmp_path: Path) -> None:
    """Facts about the key are hidden however deep they lie; what it may do stays."""
    facts = {
        "name": "n",
        "user": {"email": ADDRESS, "name": "Anna"},
        "acls": ["api-key:model:*", "Anna's"],
        "blocked": False,
    }
    recording = Recording()
    recording.rest("GET", "/api-key", None, Reply(status=200, headers={}, body=facts), is_key_good=True)
    recording.write(tmp_path / "recording", {}, Cleaner(KEY))
    noted = json.loads((tmp_path / "recording" / "rest-001.json").read_text(encoding="utf-8"))
    assert noted["body"] == {
        "name": "hidden",
        "user": {"email": "hidden", "name": "hidden"},
        "acls": ["api-key:model:*", "hidden"],
        "blocked": False,
    }


async def test_voice_that_is_not_understood(sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where our machine's voice is not understood, the service hears the sentence in its own."""
    text = "Turn on the kitchen light."
    sim.state.hearing.register(text, speech(text, voice="eve", rate=16_000), 16_000)
    noise = spoken("good_morning")[1]
    monkeypatch.setattr(speech_scenes, "sentence", lambda _: (text, noise))
    done = await run(sim.url, tmp_path / "recording")
    assert done.odd == {}


async def test_key_that_comes_back(sim: Simulator, tmp_path: Path) -> None:
    """Where the service itself says the key, it is neither printed nor left."""
    sim.script(reply(f"Your key is {KEY}, lighthouse."))
    done = await run(sim.url, tmp_path / "recording")
    assert done.code == AGREES
    files = [path.read_text(encoding="utf-8") for path in done.folder.iterdir()]
    assert [text for text in files if f"Your key is {HIDDEN_KEY}" in text]
    assert not [text for text in [*files, done.text] if KEY[4:16] in text]


@pytest.mark.parametrize("url", ["ftp://example.org", "https://name:word@example.org/v1"])
async def test_bad_address(tmp_path: Path, url: str) -> None:
    """An address that cannot be asked, or must not be written down, is refused."""
    done = await run(url, tmp_path / "recording")
    assert done.code == CANNOT_RUN
    assert "--base-url" in done.lines[-1]


@pytest.mark.parametrize("key", ["", "xai with spaces", "xai-\nnewline"])
async def test_bad_key(sim: Simulator, tmp_path: Path, key: str) -> None:
    """What cannot be a key is not sent."""
    done = await run(sim.url, tmp_path / "recording", key=key)
    assert done.code == CANNOT_RUN
    assert "XAI_API_KEY" in done.lines[-1]
    assert sim.requests == []


async def test_wrong_key(sim: Simulator, tmp_path: Path) -> None:
    """A key that is not accepted ends it at once, in a plain sentence."""
    key = "xai-bad-Zq3Lr8TnVw5Yb2"
    done = await run(sim.url, tmp_path / "recording", key=key)
    assert done.code == CANNOT_RUN
    assert "does not accept the key" in done.lines[-1]
    assert key not in done.text
    assert len(sim.requests) == 1
    assert not done.folder.exists()


async def test_nobody_there(tmp_path: Path) -> None:
    """An address where nobody is ends it at once."""
    done = await run("http://127.0.0.1:9/v1", tmp_path / "recording")
    assert done.code == CANNOT_RUN
    assert "cannot be reached" in done.lines[-1]
    assert not done.folder.exists()


async def test_folder_is_there(sim: Simulator, tmp_path: Path) -> None:
    """A recording is never written over another."""
    done = await run(sim.url, tmp_path)
    assert done.code == CANNOT_RUN
    assert sim.requests == []


async def test_stopped(sim: Simulator, tmp_path: Path) -> None:
    """Who presses Ctrl-C is told so, and nothing is left."""
    sim.fault("silent", times=None)  # no clock ends that
    folder = tmp_path / "recording"
    command = [sys.executable, "-P", "-m", "tests.live", "--yes", "--base-url", sim.url, "--out", str(folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "XAI_API_KEY": KEY}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=environment,
        stdout=pipe,
        stderr=pipe,
        # A shell has what it runs in the background, as script/test does these tests, ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    told = b"".join([await process.stdout.readline() for _ in range(3)])
    process.send_signal(signal.SIGINT)
    rest, complaints = await process.communicate()
    assert process.returncode == CANNOT_RUN
    assert b"Stopped. No recording was left." in rest
    assert complaints == b""
    assert KEY.encode() not in told + rest
    assert left_in(tmp_path) == []


def test_program_without_key() -> None:
    """The program says what it lacks."""
    environment = {name: value for name, value in os.environ.items() if name != "XAI_API_KEY"}
    command = [sys.executable, "-P", "-m", "tests.live", "--yes"]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == CANNOT_RUN
    assert "XAI_API_KEY is not set" in ended.stdout
    assert ended.stderr == ""
