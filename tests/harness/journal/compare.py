"""Two journals side by side."""

from difflib import unified_diff
from pathlib import Path


def differences(before: Path, after: Path) -> str:
    """Give what differs as one unified difference for each turn; empty where nothing does.

    Raises:
        ValueError: one of them has no turns at all, so that nothing was compared.
    """
    old, new = _turns(before), _turns(after)
    if not old or not new:
        raise ValueError("there is nothing to compare")
    return "".join(
        line
        for name in sorted({*old, *new})
        for line in unified_diff(old.get(name, []), new.get(name, []), f"{before}/{name}", f"{after}/{name}")
    )


def _turns(folder: Path) -> dict[str, list[str]]:
    """Read the lines of all turns in a folder."""
    return {file.name: file.read_text(encoding="utf-8").splitlines(keepends=True) for file in folder.glob("*.txt")}
