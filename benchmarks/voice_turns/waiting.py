"""What a person waits: from the last spoken sample to the first audio."""

from typing import Final

from .classic import REALTIME_S, set_latencies
from .clients import ClientKind, clients
from .figures import Figure, failures
from .place import SHORT, WINDOW_S, Pipe, Place
from .turns import Timed, Wanted, interleaved

SECTION: Final = "wait: last spoken sample to the client's first byte"
KINDS: Final = (ClientKind.BROWSER, ClientKind.WYOMING, ClientKind.FLAC_48)
PIPES: Final = (Pipe.VOICE, Pipe.GROK_ENDS, Pipe.CLASSIC)
SPARE_MS: Final = 60
NAMES: Final = {Pipe.VOICE: "Home Assistant's detector", Pipe.GROK_ENDS: "Grok's detector", Pipe.CLASSIC: "classic"}


async def measure(place: Place) -> list[Figure]:
    """Measure three clients with each pipeline."""
    await set_latencies(place)
    async with clients(place, KINDS) as speakers:
        wanted = {
            (kind, pipe): Wanted(client=client, pipe=pipe, answer=SHORT)
            # The pipelines outside: a satellite rests between its turns, as where somebody hears the answer out.
            for pipe in PIPES
            for kind, client in speakers.items()
        }
        measured = await interleaved(place, wanted, place.rounds.turns)
    figures = []
    for (kind, pipe), turns in sorted(measured.turns.items()):
        if turns:
            figures += _figures(kind, pipe, turns)
    return [*figures, *failures(SECTION, measured.errors)]


def _figures(kind: ClientKind, pipe: Pipe, turns: list[Timed]) -> list[Figure]:
    """Sum up one client with one pipeline."""
    name = f"{kind}, {NAMES[pipe]}"
    limit = (WINDOW_S + REALTIME_S) * 1000 + SPARE_MS if pipe is Pipe.GROK_ENDS else None
    waited = [turn.heard.first_sound_at - turn.heard.last_spoken_at for turn in turns]
    figures = [Figure.of_seconds(SECTION, name, waited, limit=limit)]
    stopped = [(turn, turn.heard.stopped_at) for turn in turns if turn.heard.stopped_at is not None]
    if pipe is Pipe.VOICE and stopped:
        ahead = [turn.server_first_audio_at - at for turn, at in stopped]
        after = [turn.heard.first_sound_at - at for turn, at in stopped]
        figures.append(Figure.of_seconds(SECTION, f"{name}: after it ended the stream", after, limit=SPARE_MS))
        figures.append(Figure.of_seconds(SECTION, f"{name}: server's first audio after that end", ahead))
    return figures
