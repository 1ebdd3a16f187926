"""What the checks share: a simulator, a spoken sentence, and what has to have happened in the end."""

import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tests.simulator.script import call, calls, reply
from tests.simulator.server import Simulator
from tests.simulator.speech.hearing import spoken

KEY: Final = "xai-honest-key-abcd"
RATE: Final = 24_000
SENTENCE: Final = "turn_on_the_light"
ANSWER: Final = "The light is on."
ORDER: Final = "Turn on the light."
DEADLINE_S: Final = 15.0
_SPOKEN_RATE: Final = 16_000
_PAUSE_MS: Final = 700


@asynccontextmanager
async def simulated() -> AsyncIterator[Simulator]:
    """Give a simulator whose model calls a function first and then answers."""
    async with Simulator() as simulator:
        simulator.script(calls(call("turn_on", {"name": "lamp"})), reply(ANSWER))
        yield simulator


def utterance() -> bytes:
    """Give the sentence at the rate of the clients, with the silence after it that ends the turn."""
    heard = array.array("h", spoken(SENTENCE)[1])
    samples = len(heard) * RATE // _SPOKEN_RATE
    resampled = array.array("h", (heard[at * _SPOKEN_RATE // RATE] for at in range(samples)))
    return resampled.tobytes() + bytes(RATE * _PAUSE_MS // 1000 * 2)


def judge(simulator: Simulator, *, transcript: str, answer: str, audio_bytes: int, made: list[str]) -> list[str]:
    """Tell everything that is not as it should be after the turn."""
    session = simulator.sessions[-1]
    spoken_audio = sum(len(response.audio) for response in session.responses)
    facts = {
        f"the client has the transcript {transcript!r}": transcript.strip() == ORDER,
        f"the client has the answer {answer!r}": answer.strip() == ANSWER,
        f"the client has {audio_bytes} of {spoken_audio} bytes of audio": audio_bytes == spoken_audio > 0,
        f"the client has made the calls {made}": made == ["lamp"],
        f"the server has heard {[item.transcript for item in session.items]}": ORDER
        in [item.transcript for item in session.items],
    }
    wrong = [fact for fact, is_right in facts.items() if not is_right]
    return wrong + [violation for violation in simulator.violations if violation.startswith("simulator")]
