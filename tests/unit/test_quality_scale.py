"""The ledger of Home Assistant's quality scale: complete, honest about what it names, and nothing left to do."""

import re
from typing import Any, Final

import pytest
import yaml

from tests.e2e.docs_pages import ROOT, Page

LEDGER: Final = ROOT / "custom_components" / "grok_assist" / "quality_scale.yaml"
# Home Assistant's own order: bronze, silver, gold, platinum (hassfest, `quality_scale.py`, read 2026-11-20).
RULES: Final = (
    "action-setup", "appropriate-polling", "brands", "common-modules", "config-flow", "config-flow-test-coverage",
    "dependency-transparency", "docs-actions", "docs-conditions", "docs-high-level-description",
    "docs-installation-instructions", "docs-removal-instructions", "docs-triggers", "entity-event-setup",
    "entity-unique-id", "has-entity-name", "runtime-data", "test-before-configure", "test-before-setup",
    "unique-config-entry",
    "action-exceptions", "config-entry-unloading", "docs-configuration-parameters", "docs-installation-parameters",
    "entity-unavailable", "integration-owner", "log-when-unavailable", "parallel-updates", "reauthentication-flow",
    "test-coverage",
    "devices", "diagnostics", "discovery", "discovery-update-info", "docs-data-update", "docs-examples",
    "docs-known-limitations", "docs-supported-devices", "docs-supported-functions", "docs-troubleshooting",
    "docs-use-cases", "dynamic-devices", "entity-category", "entity-device-class", "entity-disabled-by-default",
    "entity-translations", "exception-translations", "icon-translations", "reconfiguration-flow", "repair-issues",
    "stale-devices",
    "async-dependency", "inject-websession", "strict-typing",
)  # fmt: skip
PLACE: Final = re.compile(r"(?<![\w/])((?:[\w.-]+/)+[\w.-]*\w|README\.md|pyproject\.toml)(?:#([\w-]+))?(?: \((\w+))?")


def ledger() -> dict[str, Any]:
    """Read the rules."""
    rules: dict[str, Any] = yaml.safe_load(LEDGER.read_text(encoding="utf-8"))["rules"]
    return rules


def test_rules_when_listed_then_all_in_order() -> None:
    """All 54, none of ours."""
    assert len(RULES) == 54
    assert tuple(ledger()) == RULES


@pytest.mark.parametrize("rule", RULES)
def test_rule_when_done_then_shown_somewhere(rule: str) -> None:
    """A rule is done or does not apply; files, headings and names in its comment exist."""
    entry = ledger()[rule]
    assert set(entry) == {"status", "comment"}
    assert entry["status"] in ("done", "exempt")
    places = PLACE.findall(entry["comment"])
    assert places or entry["status"] == "exempt"
    for path, anchor, name in places:
        assert (ROOT / path).exists(), path
        assert not anchor or anchor in Page(path=ROOT / path).anchors, f"{path}#{anchor}"
        assert not name or name in (ROOT / path).read_text(encoding="utf-8"), f"{path} ({name})"
