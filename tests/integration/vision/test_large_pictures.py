"""Large files that are shown: one at a time is in memory, however many are asked for."""

import asyncio
from pathlib import Path
import tracemalloc

from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.vision.snapshots import async_view

from ..pictures import jpeg

SIZE = 12_000_000


async def test_files_when_many_are_large_then_read_one_by_one(hass: HomeAssistant, tmp_path: Path) -> None:
    """Two questions with four files each need the room of one file."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    paths = [tmp_path / f"{number}.jpg" for number in range(4)]
    for path in paths:
        path.write_bytes(jpeg(size=(64, 48)) + bytes(SIZE))  # what follows a picture's end is none of it
    sources = [str(path) for path in paths]
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        views = await asyncio.gather(*(async_view(hass, sources, None) for _ in range(2)))
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert [[picture.label for picture in view] for view in views] == [["0.jpg", "1.jpg", "2.jpg", "3.jpg"]] * 2
    assert peak < 2.5 * SIZE


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
async def test_files_when_one_is_not_there_then_named(hass: HomeAssistant, tmp_path: Path, order: list[int]) -> None:
    """Wherever it stands."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    (tmp_path / "there.jpg").write_bytes(jpeg(size=(64, 48)))
    sources = [str(tmp_path / "there.jpg"), str(tmp_path / "gone.jpg")]
    with pytest.raises(Exception, match=r"gone\.jpg|file_not_found"):
        await async_view(hass, [sources[place] for place in order], None)
