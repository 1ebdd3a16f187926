"""From the server's first audio to the first audio at the client, while the client waits for it already."""

from typing import Final

from .clients import ClientKind, clients
from .figures import Figure, failures
from .place import SHORT, Pipe, Place
from .turns import Timed, Wanted, interleaved

SECTION: Final = "latency: server's first audio to the client's first byte"
LATE_S: Final = 1.5
"""From the end of speech until the server's first audio: long after everybody waits for it."""
LIMIT_MS: Final = 10
OLD_LIMIT_MS: Final = 30
OLD_CONVERTED_LIMIT_MS: Final = 120


async def measure(place: Place) -> list[Figure]:
    """Measure every client."""
    await place.begin(first_audio_s=LATE_S)
    async with clients(place, list(ClientKind)) as speakers:
        wanted = {kind: Wanted(client=client, pipe=Pipe.VOICE, answer=SHORT) for kind, client in speakers.items()}
        measured = await interleaved(place, wanted, place.rounds.turns)
    figures = []
    for kind, turns in measured.turns.items():
        if turns:
            figures += _figures(kind, turns, _limit(kind, is_old=place.is_old))
    return [*figures, *failures(SECTION, measured.errors)]


def _figures(kind: ClientKind, turns: list[Timed], limit: float) -> list[Figure]:
    """Sum up one client."""
    first = [turn.heard.first_byte_at - turn.server_first_audio_at for turn in turns]
    sound = [turn.heard.first_sound_at - turn.server_first_audio_at for turn in turns]
    playable = [turn.heard.playable_at - turn.server_first_audio_at for turn in turns]
    return [
        Figure.of_seconds(SECTION, f"{kind}: first byte", first),
        Figure.of_seconds(SECTION, f"{kind}: first byte behind the header", sound, limit=limit),
        Figure.of_seconds(SECTION, f"{kind}: 50 ms decodable", playable),
    ]


def _limit(kind: ClientKind, *, is_old: bool) -> float:
    """Give the goal."""
    if not is_old:
        return LIMIT_MS
    return OLD_LIMIT_MS if kind is ClientKind.BROWSER else OLD_CONVERTED_LIMIT_MS
