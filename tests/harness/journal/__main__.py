"""What the integration sends to the service in twenty-five turns: `python -m tests.harness.journal OUT`.

    python -m tests.harness.journal OUT             plays all turns into OUT; `--turn NAME` plays that one alone
    python -m tests.harness.journal --compare A B   shows what differs between two folders; 1 where anything does

One Home Assistant, one simulator at fixed paces, sixteen spoken turns and nine written ones, a text file for each. A
file has every request in the order of its arrival, with what it carried; behind the handshake of a session all that was
sent over it. It knows nothing of the integration but its front doors, so that it can be played before and after its
files were moved. Every turn checks that what it is named for has happened.

What differs from run to run stands as a mark (`marks.py`): ids, by order of appearance within the file; times and
dates; ports; the folder. Beyond that:

- sound is one mark wherever it stands between other frames: into how many frames it is cut is a matter of the moment.
  All bytes of a session are told by number and hash, as are those for the plain transcription and those of a picture.
  The session that is lost in mid-sentence is cut off at any moment: of it is told, and checked, that it heard the
  beginning of what its successor heard.
- how much of an answer was heard when it was cut (`audio_end_ms`) is a time, and is checked to be a likely one. The
  words that count as heard are told: the answer is cut within its one long word.
- the order between the frames of a session and requests beside it, and between two sessions, is not told.
- headers that the libraries below write anew each time are left out (`sent.py`).

It takes two and a half minutes. Where it would take ten, the live block would differ: what has changed within ten
minutes stands first in it, and in a home that is younger that is everything.

How it is made to depend on no moment: the browser's microphone ends by itself, long after the service has heard the end
of the sentence, and gives frames as long as those that are sent on; where a socket is open already, or a device is
spoken to, it begins late enough for the configuration; between two turns of a conversation something of the home
changes, so that the session is told anew whether or not the minute has; answers that are stopped are long enough to be
under way; each plain text is spoken once, as Home Assistant keeps it; hashes are fixed, as some choices of Home
Assistant's own tools are sets.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
import sys
import time
from typing import Final

from ..log import log_faults
from .compare import differences
from .lost_turns import deaf_session, lost_in_mid_sentence, refused_socket
from .spoken_turns import (
    another_agent,
    asked_again,
    corrected_claim,
    follow_up,
    goodbye,
    made_ahead,
    never_attached,
    new_run_over_an_answer,
    pause_in_the_sentence,
    preamble_and_tool,
    satellite_idle_in_mid_answer,
    two_rounds,
    with_a_tool,
)
from .stage import Sent, Stage, stage_of
from .written_turns import (
    ask_with_a_picture,
    broken_reply,
    correction,
    over_budget,
    search,
    written_follow_up,
    written_plain,
    written_tool,
    written_two_tools_at_once,
)

type Turn = Callable[[Stage], Awaitable[Sent]]

SPOKEN: Final[tuple[Turn, ...]] = (
    made_ahead,
    with_a_tool,
    two_rounds,
    preamble_and_tool,
    asked_again,
    pause_in_the_sentence,
    follow_up,
    new_run_over_an_answer,
    satellite_idle_in_mid_answer,
    never_attached,
    another_agent,
    refused_socket,
    lost_in_mid_sentence,
    deaf_session,
    corrected_claim,
    goodbye,
)
# The last two change the options of agent and account.
WRITTEN: Final[tuple[Turn, ...]] = (
    written_plain,
    written_tool,
    written_two_tools_at_once,
    written_follow_up,
    correction,
    broken_reply,
    ask_with_a_picture,
    search,
    over_budget,
)
LONGEST_S: Final = 540


def main() -> int:
    """Play or compare, and return the exit code of the program."""
    arguments = _arguments()
    if arguments.compare:
        found = differences(*arguments.compare)
        sys.stdout.write(found or "nothing differs\n")
        return 1 if found else 0
    asyncio.run(_play(arguments.out, arguments.turn))
    return 0


def _arguments() -> argparse.Namespace:
    """Read the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.harness.journal", description="What is sent to the service, turn by turn, to be compared."
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("out", nargs="?", type=Path, help="folder for the files; older ones in it go")
    what.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="two such folders")
    parser.add_argument("--turn", action="append", default=[], help="play this turn alone, named as in its file")
    return parser.parse_args()


async def _play(out: Path, wanted: Sequence[str]) -> None:
    """Play the turns and write a file for each."""
    _empty(out)
    began = time.monotonic()
    async with stage_of() as stage:
        for number, turn in enumerate((*SPOKEN, *WRITTEN), 1):
            name = f"{number:02}_{turn.__name__}"
            if wanted and name not in wanted and turn.__name__ not in wanted:
                continue
            since = time.monotonic()
            await stage.begin()
            text = await stage.text_of(await turn(stage))
            _write(out / f"{name}.txt", text)
            print(f"{name} ({time.monotonic() - since:.1f} s)", flush=True)
        assert log_faults(stage.home.process.log()) == []
    assert time.monotonic() - began < LONGEST_S, "what was changed at the start is no longer told as recent"


def _empty(out: Path) -> None:
    """Make the folder, without what an earlier run has left in it."""
    out.mkdir(parents=True, exist_ok=True)
    for file in out.glob("*.txt"):
        file.unlink()


def _write(file: Path, text: str) -> None:
    """Write one turn."""
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
