"""What hassfest, HACS and our own promises ask of the files of the repository."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from string import Formatter
import sys
import tomllib
from typing import Any

from PIL import Image
import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "custom_components" / "grok_assist"
LANGUAGES = ("de", "es", "fr", "it", "nl")

MANIFEST_KEYS = {
    "domain", "name", "after_dependencies", "codeowners", "config_flow", "dependencies", "documentation",
    "integration_type", "iot_class", "issue_tracker", "loggers", "requirements", "version",
}  # fmt: skip
HACS_KEYS = {
    "name", "content_in_root", "country", "filename", "hacs", "hide_default_branch", "homeassistant",
    "persistent_directory", "render_readme", "zip_release",
}  # fmt: skip
SECTIONS = {
    "config", "config_subentries", "options", "entity", "exceptions", "issues", "selector", "services", "device",
    "system_health", "title",
}  # fmt: skip


PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RELEASES = ("2026.10", "2026.11")
COMES_WITH_HOME_ASSISTANT = {"PIL", "httpx", "orjson", "probatio", "text_unidecode", "yarl"}


def load(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds an object."""
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def leaves(node: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Walk the texts of a translation."""
    if isinstance(node, dict):
        for key, child in node.items():
            yield from leaves(child, f"{path}.{key}" if path else key)
    else:
        assert isinstance(node, str), path
        yield path, node


def placeholders(text: str) -> set[str]:
    """Return the names in braces of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


ENGLISH = dict(leaves(load(PACKAGE / "translations" / "en.json")))


def test_manifest_when_checked_then_as_hassfest_asks() -> None:
    """Only known keys, the required ones, in order; requirements are floors."""
    manifest = load(PACKAGE / "manifest.json")
    assert set(manifest) <= MANIFEST_KEYS
    assert list(manifest) == ["domain", "name", *sorted(set(manifest) - {"domain", "name"})]
    assert manifest["domain"] == PACKAGE.name == "grok_assist"
    assert (manifest["name"], manifest["integration_type"], manifest["iot_class"]) == (
        "Grok Assist",
        "service",
        "cloud_push",
    )
    assert manifest["documentation"].startswith("https://")
    assert "www.home-assistant.io/integrations" not in manifest["documentation"]
    assert all(owner.startswith("@") for owner in manifest["codeowners"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    for requirement in manifest["requirements"]:
        assert re.fullmatch(r"[a-z0-9-]+>=[0-9.]+", requirement), f"{requirement} is no floor"


def test_hacs_when_checked_then_known_keys_and_floor() -> None:
    """HACS takes no other key, and must know the oldest release that works."""
    hacs = load(ROOT / "hacs.json")
    assert set(hacs) <= HACS_KEYS
    assert hacs["homeassistant"] == "2026.10.0"


def test_brand_when_checked_then_square_pictures() -> None:
    """HACS looks for the icon first; each picture is a square PNG of its promised size."""
    for name, size in (("icon.png", 256), ("icon@2x.png", 512), ("dark_icon.png", 256), ("dark_icon@2x.png", 512)):
        with Image.open(PACKAGE / "brand" / name) as picture:
            assert (picture.format, picture.size) == ("PNG", (size, size))


def test_versions_when_compared_then_equal() -> None:
    """The version stands in two files."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{load(PACKAGE / "manifest.json")["version"]}"\n' in project


def test_english_when_checked_then_known_sections_and_plain_text() -> None:
    """Custom integrations have no build step: references between texts are not resolved."""
    assert set(load(PACKAGE / "translations" / "en.json")) <= SECTIONS
    for path, text in ENGLISH.items():
        assert text.strip() == text != "", path
        assert "[%key" not in text, path
        assert not text.startswith("http"), path


def test_english_when_fields_have_labels_then_descriptions_too() -> None:
    """Every field of every form is explained."""
    labels = {path for path in ENGLISH if ".data." in path}
    explained = {path.replace(".data_description.", ".data.") for path in ENGLISH if ".data_description." in path}
    assert labels == explained


@pytest.mark.parametrize("language", LANGUAGES)
def test_translation_when_compared_then_complete(language: str) -> None:
    """A language has every text of English, no other, with the same placeholders, and is not English."""
    texts = dict(leaves(load(PACKAGE / "translations" / f"{language}.json")))
    assert set(texts) == set(ENGLISH)
    for path, text in texts.items():
        assert placeholders(text) == placeholders(ENGLISH[path]), path
        assert text.strip() == text != "", path
    same = [path for path, text in texts.items() if text == ENGLISH[path] and len(text.split()) > 2]
    assert same == []


def test_exceptions_when_code_names_them_then_translated() -> None:
    """Each sentence that the code can ask for exists, and each that exists is asked for."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    for path in ENGLISH:
        if path.startswith("exceptions."):
            assert f'"{path.split(".")[1]}"' in code, path


def pinned(release: str) -> dict[str, str]:
    """Return the versions of a release's pinned set by the names of the packages."""
    lines = (ROOT / "requirements" / f"{release}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def version(text: str) -> tuple[int, ...]:
    """Read a version, so that two can be compared."""
    return tuple(int(part) for part in text.split("."))


def names(file: str) -> list[str]:
    """Return the packages of a list of requirements."""
    lines = (ROOT / "requirements" / file).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


def test_dependencies_when_compared_then_one_truth() -> None:
    """The project asks what the manifest and HACS ask; each floor is one that the oldest release has."""
    floors = dict(requirement.split(">=") for requirement in PROJECT["project"]["dependencies"])
    asked = dict(requirement.split(">=") for requirement in load(PACKAGE / "manifest.json")["requirements"])
    assert list(floors) == sorted(floors)
    assert asked.items() <= floors.items()
    assert floors["homeassistant"] == load(ROOT / "hacs.json")["homeassistant"]
    for name, floor in floors.items():
        oldest, newest = (version(pinned(release)[name]) for release in RELEASES)
        assert version(floor) <= oldest <= newest, name
        assert version(floor)[:2] == oldest[:2], f"no supported release has {name} {floor}"


def test_dependencies_when_code_is_read_then_whatever_it_imports_is_asked_or_home_assistants() -> None:
    """Nothing is imported that only happens to be there."""
    imported = {
        name.partition(".")[0]
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in imports(node)
    }
    asked = {requirement.split(">=")[0] for requirement in PROJECT["project"]["dependencies"]}
    assert imported - sys.stdlib_module_names - asked == COMES_WITH_HOME_ASSISTANT


def imports(node: ast.AST) -> list[str]:
    """Return the modules of others that a statement imports."""
    match node:
        case ast.Import(names=aliases):
            return [alias.name for alias in aliases]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
    return []


def test_groups_when_compared_then_as_the_requirements() -> None:
    """What a developer installs by the project is what the pinned sets are compiled from."""
    groups = PROJECT["dependency-groups"]
    (helper,) = (name for name in names(f"{RELEASES[0]}.in") if name.startswith("pytest-homeassistant"))
    assert groups["test"] == sorted([*names("test.in"), helper.partition("==")[0]])
    assert groups["lint"] == names("lint.in")


def test_requirements_when_searched_then_no_addresses() -> None:
    """Pinned sets carry names and versions only."""
    for path in (ROOT / "requirements").iterdir():
        for line in path.read_text(encoding="utf-8").splitlines():
            assert "://" not in line, f"{path.name}: {line}"
            if path.suffix == ".txt" and line and not line.startswith("#"):
                assert "==" in line, f"{path.name}: {line}"


def test_ci_when_read_then_runs_the_readmes_command() -> None:
    """CI does what the README says and nothing else."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith("#")]
    assert len(commands) == 1
    assert commands[0].endswith('/../script/test"')


def test_tests_when_searched_then_none_patches_a_name_of_ours() -> None:
    """What a test wants otherwise is handed in: a patched name hides that nobody can."""
    paths = sorted((ROOT / "tests").rglob("*.py"))
    assert [f"{path}:{line}" for path in paths for line in patches_of_ours(path.read_text(encoding="utf-8"))] == []


def test_patches_when_there_are_some_then_found() -> None:
    """The search finds what it is meant to find, and nothing of others."""
    text = """from custom_components.grok_assist import ask
import os
monkeypatch.setattr(ask, "LIMIT", 1)
monkeypatch.setattr(os, "environ", {})
patch("custom_components.grok_assist.ask.LIMIT", 1)
"""
    assert patches_of_ours(text) == [3, 5]


def patches_of_ours(text: str) -> list[int]:
    """Find the lines that set an attribute of something that is imported from the integration, or name it."""
    tree = ast.parse(text)
    ours = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("custom_components")
        for alias in node.names
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    patches = [call for call in calls if ast.unparse(call.func).endswith((".setattr", "patch", ".object"))]
    return sorted(call.lineno for call in patches if _is_of(call.args[0], ours))


def _is_of(target: ast.expr, ours: set[str]) -> bool:
    """Tell whether what is patched is one of these names, or named by its module."""
    if isinstance(target, ast.Name):
        return target.id in ours
    return isinstance(target, ast.Constant) and str(target.value).startswith("custom_components.")
