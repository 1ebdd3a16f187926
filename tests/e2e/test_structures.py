"""Every selector of this release in a structure for generated data; a newer release has selectors of its own."""

from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SELECTORS

from tests.integration.tasks.structures import cases, covered, examine


async def test_structures_when_examined_then_nothing_is_wrong(tmp_path: Path) -> None:
    """As the integration tests do it on the older release; a selector that only looks up states needs no more."""
    HomeAssistant(str(tmp_path))  # selectors ask for the running instance
    corpus = cases()
    results = [examine(case) for case in corpus]
    assert [problem for _, problems in results for problem in problems] == []
    assert len(corpus) >= 300
    assert sum(count for count, _ in results) >= 8000
    assert set(SELECTORS) <= covered()
