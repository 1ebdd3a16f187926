"""The sound of an answer on its way to the player."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from custom_components.grok_assist.core.errors import GrokConnectionError
from custom_components.grok_assist.realtime.heard import Position
from custom_components.grok_assist.realtime.playback import (
    BYTES_PER_S,
    PIECE_BYTES,
    USUAL,
    PlaybackBuffer,
    PlaybackLimits,
)

SOUND = bytes(range(1, 251))


PATIENCE_S = 0.05
IMPATIENT = PlaybackLimits(patience_s=PATIENCE_S)
"""Silence is made soon."""


async def taken(line: PlaybackBuffer) -> list[bytes]:
    """Take all sound of a line."""
    return [piece async for piece in line.pieces()]


async def within(pieces: AsyncGenerator[bytes], seconds: float) -> list[bytes]:
    """Take what comes within a time."""
    found: list[bytes] = []
    try:
        async with asyncio.timeout(seconds):
            while True:
                found.append(await anext(pieces))
    except TimeoutError, StopAsyncIteration:
        return found


@pytest.mark.parametrize("size", [1, 250, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 5 * PIECE_BYTES + 7])
async def test_sound_when_taken_then_in_order_and_in_small_pieces(size: int) -> None:
    """However the sound comes, it is handed over in at most a tenth of a second."""
    line = PlaybackBuffer()
    sound = (SOUND * (size // len(SOUND) + 1))[:size]
    line.put("a1", sound)
    line.put("a1", b"\7\7")
    line.close()
    pieces = await taken(line)
    assert max(map(len, pieces)) <= PIECE_BYTES == BYTES_PER_S // 10
    whole = (size + 2) // 2 * 2  # half a sample is none
    assert b"".join(pieces) == (sound + b"\7\7")[:whole]
    assert line.put_bytes == whole


async def test_line_when_sound_is_late_then_no_silence_before_it() -> None:
    """Before the first sound the player waits, however long."""
    line = PlaybackBuffer(IMPATIENT)
    async with aclosing(line.pieces()) as pieces:
        waiting = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(2 * PATIENCE_S)
        assert not waiting.done()
        line.put("a1", SOUND)
        assert await waiting == SOUND


async def test_line_when_player_has_enough_then_no_silence() -> None:
    """A player with sound to play waits for the next."""
    line = PlaybackBuffer(IMPATIENT)
    line.put("a1", bytes(PIECE_BYTES * 6))  # silence would be due 0.25 s before the end of it
    async with aclosing(line.pieces()) as pieces:
        assert len(await within(pieces, 0.25)) == 6


async def test_line_when_pause_is_short_then_no_silence() -> None:
    """Between two pieces of an answer nothing is put in, even if the player ran dry for a moment."""
    line = PlaybackBuffer()
    line.put("a1", SOUND)
    async with aclosing(line.pieces()) as pieces:
        assert await within(pieces, 0.2) == [SOUND]


async def test_line_when_player_would_run_dry_then_silence_at_its_pace() -> None:
    """Silence keeps the player going until there is sound; it is not the answer's."""
    line = PlaybackBuffer(IMPATIENT)
    line.put("a1", SOUND)
    loop = asyncio.get_running_loop()
    begun_at = loop.time()
    async with aclosing(line.pieces()) as pieces:
        assert await anext(pieces) == SOUND
        for _ in range(5):
            assert await anext(pieces) == bytes(PIECE_BYTES)
        # Neither a heap of it at once, nor too little.
        assert 0.5 - 0.1 - 0.25 - 0.02 <= loop.time() - begun_at <= PATIENCE_S + 0.5 + 0.2
        line.put("a1", SOUND[::-1])
        line.close()
        assert [piece async for piece in pieces] == [SOUND[::-1]]
    assert line.put_bytes == 2 * len(SOUND)


async def test_heard_when_we_made_silence_then_only_sound_counts() -> None:
    """Silence of ours is no part of the answer that was heard."""
    line = PlaybackBuffer(IMPATIENT)
    line.put("a1", bytes(PIECE_BYTES))
    async with aclosing(line.pieces()) as pieces:
        for _ in range(4):
            await anext(pieces)
    assert line.heard_s(line.ends_at() + 1.0) == pytest.approx(0.1)


async def test_end_when_player_ran_dry_then_later() -> None:
    """Sound that comes after a gap is heard from then on, not from the end of the sound before."""
    line = PlaybackBuffer()
    line.put("a1", bytes(PIECE_BYTES))
    loop = asyncio.get_running_loop()
    async with aclosing(line.pieces()) as pieces:
        await anext(pieces)
        waiting = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(0.25)
        line.put("a1", bytes(PIECE_BYTES))
        await waiting
        now = loop.time()
        assert line.ends_at() == pytest.approx(now + 0.1, abs=0.03)
        assert line.heard_s(now) == pytest.approx(0.1, abs=0.03)


async def test_line_when_closed_then_ends_and_takes_no_more() -> None:
    """A closed line gives what it has, and nothing that comes later."""
    line = PlaybackBuffer()
    line.put("a1", SOUND)
    line.close()
    line.put("a1", SOUND)
    assert line.is_closed
    assert await taken(line) == [SOUND]


async def test_line_when_cut_then_rest_is_dropped() -> None:
    """After a cut nothing more is heard."""
    line = PlaybackBuffer()
    line.put("a1", SOUND * 1000)
    async with aclosing(line.pieces()) as pieces:
        await anext(pieces)
        line.cut()
        assert [piece async for piece in pieces] == []


@pytest.mark.parametrize("is_waiting", [True, False])
async def test_line_when_cut_with_an_error_then_player_is_told(is_waiting: bool) -> None:  # noqa: FBT001
    """The player learns of it, whether it waits at that moment or comes later."""
    line = PlaybackBuffer()
    line.put("a1", SOUND)
    taking = asyncio.create_task(taken(line)) if is_waiting else None
    await asyncio.sleep(0)
    line.cut(GrokConnectionError("gone"))
    with pytest.raises(GrokConnectionError, match="gone"):
        await (taking or taken(line))


async def test_heard_when_played_then_time_but_never_more_than_given() -> None:
    """A listener has heard what there was time for."""
    line = PlaybackBuffer()
    now = asyncio.get_running_loop().time()
    assert (line.heard_s(now), line.ends_at()) == (0.0, 0.0)
    line.put("a1", bytes(BYTES_PER_S))
    line.close()
    assert not line.is_taken
    await taken(line)
    assert line.is_taken
    begun_at = line.ends_at() - 1.0
    assert line.heard_s(begun_at + 0.4) == pytest.approx(0.4)
    assert line.heard_s(begun_at + 60.0) == pytest.approx(1.0)


async def test_sound_when_without_end_then_limited() -> None:
    """An answer that never ends does not fill the memory."""
    assert USUAL.most_bytes == 600 * BYTES_PER_S
    line = PlaybackBuffer(PlaybackLimits(most_bytes=3 * len(SOUND)))
    for _ in range(10):
        line.put("a1", SOUND)
    line.close()
    assert b"".join(await taken(line)) == SOUND * 3


async def test_sound_when_samples_come_in_halves_then_silence_shifts_nothing() -> None:
    """Silence of ours may come between any two pieces, and must not come between two halves of a sample."""
    line = PlaybackBuffer()
    pieces = line.pieces()
    for pcm, given in ((b"\1", None), (b"\2\3", b"\1\2"), (b"\4\5\6", b"\3\4\5\6")):
        line.put("a1", pcm)
        assert given is None or await anext(pieces) == given
    assert line.put_bytes == 6
    await pieces.aclose()


async def test_position_when_items_follow_each_other_then_the_one_that_is_heard() -> None:
    """What was heard of an answer with several items is told by the item that plays; after a cut it stands still."""
    line = PlaybackBuffer()
    now = asyncio.get_running_loop().time()
    assert line.position(now) is None
    line.put("a1", bytes(BYTES_PER_S))
    line.put("a2", bytes(BYTES_PER_S))
    assert line.position(now) == Position("a1", 0)
    line.close()
    await taken(line)
    begun_at = line.ends_at() - 2.0
    for at_s, item_id, ms in ((0.5, "a1", 500), (1.25, "a2", 250), (60.0, "a2", 1_000)):
        position = line.position(begun_at + at_s)
        assert position is not None
        assert (position.item_id, position.ms) == (item_id, pytest.approx(ms))
    line.cut()
    cut = line.position(begun_at)
    assert line.position(begun_at + 60.0) == cut != Position("a2", 1_000)
