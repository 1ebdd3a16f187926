"""The packages `core`, `grok` and `realtime` live without Home Assistant."""

from pathlib import Path
import re
import subprocess
import sys
import textwrap

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "custom_components" / "grok_assist"

IMPORT_WITHOUT_HOME_ASSISTANT = """
import importlib, sys, types
from pathlib import Path

package = types.ModuleType("custom_components.grok_assist")
package.__path__ = [str(Path("custom_components/grok_assist").resolve())]
sys.modules["custom_components"] = types.ModuleType("custom_components")
sys.modules["custom_components"].__path__ = []
sys.modules["custom_components.grok_assist"] = package
sys.modules["homeassistant"] = None

for name in sys.argv[1:]:
    importlib.import_module(f"custom_components.grok_assist.{name}")
print("imported", len(sys.argv) - 1)
"""


def test_packages_when_home_assistant_is_missing_then_import() -> None:
    """Every module of the three packages imports in a fresh interpreter that has no Home Assistant."""
    names = [
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for folder in ("core", "grok", "realtime")
        for path in sorted((PACKAGE / folder).rglob("*.py"))
        if path.stem != "__init__"
    ]
    assert len(names) > 60
    result = subprocess.run(  # fixed arguments
        [sys.executable, "-c", textwrap.dedent(IMPORT_WITHOUT_HOME_ASSISTANT), *names],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    assert result.stdout.strip() == f"imported {len(names)}", result.stderr


def test_wire_words_when_searched_then_only_in_protocol_packages() -> None:
    """No protocol word is spoken outside the packages that know the protocol."""
    words = re.compile(r"\"response\.|input_text|function_call_output|output_text")
    outside = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.parent.name not in {"grok", "realtime"} and words.search(path.read_text(encoding="utf-8"))
    ]
    assert outside == []
