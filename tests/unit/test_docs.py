"""The documentation says what the code has: fields, sentences, prices, services, and links that lead somewhere."""

from collections.abc import Iterator
from dataclasses import fields
import json
import re
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest
import yaml

from custom_components.grok_assist import ai_task, ask
from custom_components.grok_assist.account import usage_store
from custom_components.grok_assist.chat import follow_up
from custom_components.grok_assist.core import personality
from custom_components.grok_assist.core.home.live_block import DEFAULT_CONTEXT_TOKENS
from custom_components.grok_assist.core.media import pictures
from custom_components.grok_assist.core.models import FALLBACK_CATALOGUE
from custom_components.grok_assist.core.settings import DEFAULT_MAX_TOKENS, Deadlines, HistoryLimits
from custom_components.grok_assist.core.tokens import PICTURE_TOKENS
from custom_components.grok_assist.core.usage import ledger, prices
from custom_components.grok_assist.core.usage.budget import BudgetSettings
from custom_components.grok_assist.core.usage.limits import Limits
from custom_components.grok_assist.core.usage.voice_billing import VoiceBilling
from custom_components.grok_assist.core.voice_settings import DEFAULT_VOICE_SESSIONS, VoiceSettings
from custom_components.grok_assist.grok import client, documents, images
from custom_components.grok_assist.home import keyterms
from custom_components.grok_assist.vision import snapshots
from tests.e2e.docs_pages import DOCS, ROOT, Block, Page, blocks, page, pages

PACKAGE: Final = ROOT / "custom_components" / "grok_assist"
ENGLISH: Final[dict[str, Any]] = json.loads((PACKAGE / "translations" / "en.json").read_text(encoding="utf-8"))
SUCCESSES: Final = frozenset({"reauth_successful", "reconfigure_successful"})
TIMES: Final = "\u00d7"
ARITHMETIC: Final = re.compile(rf"[\d.,()+{TIMES}/ ]+=[\d. ]+")
CODE: Final = re.compile(r"`([^`]+)`")
IMPORT: Final = "https://my.home-assistant.io/redirect/blueprint_import/"


def by_name[Named: Page | Block](items: tuple[Named, ...] | list[Named]) -> list[Any]:
    """Name the cases of a test after what they are about."""
    return [pytest.param(item, id=item.name if isinstance(item, Page) else str(item)) for item in items]


# --- pages ---


@pytest.mark.parametrize("each", by_name(pages()))
def test_links_when_followed_then_lead_somewhere(each: Page) -> None:
    """Files and headings of this repository are there."""
    for link in each.links:
        if link.startswith(("http://", "https://")):
            continue
        target, _, anchor = link.partition("#")
        path = (each.path.parent / target).resolve() if target else each.path
        assert path.exists(), link
        assert not anchor or anchor in Page(path=path).anchors, link


def test_blueprints_when_imported_then_found() -> None:
    """Each blueprint has a link for its import, which names a file of this repository."""
    manifest = json.loads((PACKAGE / "manifest.json").read_text(encoding="utf-8"))
    home = f"{manifest['documentation']}/blob/main/"
    named = {
        parse_qs(urlsplit(link).query)["blueprint_url"][0].removeprefix(home)
        for link in page("docs/automations.md").links
        if link.startswith(IMPORT)
    }
    assert named == {path.relative_to(ROOT).as_posix() for path in (ROOT / "blueprints").rglob("*.yaml")}


@pytest.mark.parametrize("each", by_name(pages()[1:]))
def test_page_when_opened_then_says_what_it_is_about(each: Page) -> None:
    """One sentence, right below the title; and the README knows the page."""
    title, blank, sentence = each.text.splitlines()[:3]
    assert title.startswith("# ")
    assert blank == ""
    if each.name != "docs/architecture.md":
        assert re.match(r"This page (?:says|shows|lists) .+", sentence)
    assert each.name in page("README.md").links


def test_architecture_when_it_names_a_file_then_it_exists() -> None:
    """Whoever follows the page finds the place: files of the integration are named by their path in it."""
    named = {match for match in re.findall(r"`([\w./]+\.py)`", page("docs/architecture.md").text) if "*" not in match}
    assert len(named) > 50
    assert sorted(path for path in named if not ((PACKAGE / path).is_file() or (ROOT / path).is_file())) == []


def test_architecture_when_it_lists_the_files_of_a_wing_then_all_are_there() -> None:
    """No wing and no file at the root is missing."""
    text = page("docs/architecture.md").text
    folders = [path.parent.name for path in PACKAGE.glob("*/__init__.py")]
    assert [name for name in folders if f"| `{name}/` |" not in text] == []
    files = [
        path.stem for name in ("account", "chat", "vision", "voice", "tasks") for path in (PACKAGE / name).glob("*.py")
    ]
    assert [stem for stem in files if stem != "__init__" and f"`{stem}`" not in text] == []


# --- blocks ---


@pytest.mark.parametrize("block", by_name(blocks("yaml")))
def test_yaml_when_read_then_valid(block: Block) -> None:
    """What is copied is YAML."""
    assert block.data


@pytest.mark.parametrize("block", by_name(blocks("json")))
def test_response_when_compared_then_as_its_schema_says(block: Block) -> None:
    """Examples of responses have the form that is promised."""
    schema = json.loads((DOCS / "schemas" / block.notes["schema"]).read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(block.text), schema)


def test_blocks_when_listed_then_of_known_languages() -> None:
    """Nothing is left out of the tests by the name of its language."""
    known = ("sh", "yaml", "json", "jinja", "mermaid")
    assert [str(block) for each in pages() for block in each.blocks if block.language not in known] == []


# --- configuration ---


def form_fields() -> Iterator[tuple[str, str]]:
    """Give key and label of each field of each form."""
    steps = [*ENGLISH["config"]["step"].values(), *ENGLISH["options"]["step"].values()]
    steps += [step for kind in ENGLISH["config_subentries"].values() for step in kind["step"].values()]
    fixes = [issue["fix_flow"] for issue in ENGLISH["issues"].values() if "fix_flow" in issue]
    steps += [step for fix in fixes for step in fix["step"].values()]
    for step in steps:
        yield from step.get("data", {}).items()


def documented_fields() -> dict[str, list[tuple[str, str]]]:
    """Give title and default of each documented field, by its key; several rows may share a key."""
    found: dict[str, list[tuple[str, str]]] = {}
    for title, key, _, default in page("docs/configuration.md").rows():
        found.setdefault(key.strip("`"), []).append((title, default))
    return found


def test_fields_when_compared_then_all_documented_and_no_other() -> None:
    """Each field of each form has a row with its label, and each row is of a field."""
    documented = documented_fields()
    assert set(documented) == {key for key, _ in form_fields()}
    for key, label in form_fields():
        assert any(label in title for title, _ in documented[key]), label


def test_choices_when_compared_then_documented() -> None:
    """What a field offers is named as in the form; the periods of usage are a service's."""
    text = page("docs/configuration.md").text
    for name, selector in ENGLISH["selector"].items():
        for label in selector["options"].values() if name != "usage_period" else ():
            assert label.lower() in text.lower(), label


def defaults() -> dict[str, float]:
    """Give the numbers that hold where nothing is chosen."""
    deadlines, limits, history, voice = Deadlines(), Limits(), HistoryLimits(), VoiceSettings()
    return {
        "connect_timeout_s": deadlines.connect_s,
        "first_delta_timeout_s": deadlines.first_delta_s,
        "silence_timeout_s": deadlines.silence_s,
        "turn_timeout_s": deadlines.turn_s,
        "max_voice_sessions": DEFAULT_VOICE_SESSIONS,
        "max_concurrent_requests": limits.concurrent_requests,
        "requests_per_minute": limits.requests_per_minute,
        "requests_per_hour": limits.requests_per_hour,
        "tokens_per_minute": limits.tokens_per_minute,
        "budget_warn_percent": BudgetSettings().warn_percent,
        "max_tokens": DEFAULT_MAX_TOKENS,
        "context_tokens": DEFAULT_CONTEXT_TOKENS,
        "history_turns": history.turns,
        "history_tokens": history.tokens,
        "history_hours": history.hours,
        "speed": voice.speed,
        "vad_threshold": voice.threshold,
        "silence_ms": voice.silence_ms,
        "prefix_padding_ms": voice.prefix_padding_ms,
        "keep_open_s": voice.keep_open_s,
        "live_idle_s": voice.live_idle_s,
        "live_max_minutes": voice.live_max_minutes,
    }


@pytest.mark.parametrize(("key", "number"), defaults().items())
def test_default_when_compared_then_as_in_the_code(key: str, number: float) -> None:
    """The column of defaults is true."""
    ((_, default),) = documented_fields()[key]
    assert float(default.replace(",", "")) == number


NUMBERS: Final = (
    (
        "docs/functions.md",
        f"waits up to {ask.PATIENCE.queue_s:g} seconds for your limits, then {ask.ANSWER_S:g} seconds",
    ),
    ("docs/functions.md", f"at most {snapshots.MAX_PICTURES} |"),
    ("docs/functions.md", f"written at most {usage_store.SAVE_DELAY_S} seconds later"),
    ("docs/cameras.md", f"at most {pictures.LONGEST_SIDE:,} pixels on the long side"),
    ("docs/cameras.md", f"and {pictures.MAX_BYTES / 1e6:g} MB"),
    ("docs/cameras.md", f"up to {pictures.MAX_INPUT_BYTES / 1e6:g} MB"),
    ("docs/cameras.md", f"{pictures.MAX_INPUT_PIXELS / 1e6:g} megapixels, WebP {pictures.MAX_WEBP_PIXELS / 1e6:g}"),
    ("docs/cameras.md", f"progressive JPEG {pictures.MAX_WHOLE_PIXELS / 1e6:g}"),
    ("docs/cameras.md", f"within {snapshots.PictureQueue().snapshot_s} seconds"),
    ("docs/ai-tasks.md", f"At most {documents.MAX_BYTES / 1e6:g} MB each"),
    ("docs/ai-tasks.md", f"waits up to {ai_task.PATIENCE.queue_s:g} seconds for your limits"),
    (
        "docs/limitations.md",
        f"Pictures: at most {snapshots.MAX_PICTURES}, and at most {images.MAX_SOURCES} to make another",
    ),
    ("docs/privacy.md", f"up to {keyterms.TERM_LIMIT} names"),
    ("docs/privacy.md", f"days {ledger.DAYS_KEPT}, months {ledger.MONTHS_KEPT}"),
    ("docs/costs.md", f"up to {client.RATE_LIMIT_WITHIN_S:g} seconds"),
    ("docs/voice.md", f"After {follow_up.MAX_IN_A_ROW} answers in a row"),
)


@pytest.mark.parametrize(("name", "words"), NUMBERS)
def test_number_when_compared_then_as_in_the_code(name: str, words: str) -> None:
    """What a page counts is what the code counts."""
    assert words in " ".join(page(name).text.split())


# --- functions ---


def test_services_when_compared_then_every_field_documented_and_no_other() -> None:
    """The fields of a service stand in a table of their own, in any order."""
    services = yaml.safe_load((PACKAGE / "services.yaml").read_text(encoding="utf-8"))
    rows = page("docs/functions.md").rows("Services")
    named = [CODE.findall(row[0])[0] for row in rows]
    assert named[: len(services)] == [f"grok_assist.{service}" for service in services]
    assert named[len(services) :] == [field for service in services.values() for field in service["fields"]]


def test_entities_when_compared_then_each_documented() -> None:
    """The keys of the account's entities, and the types of the event."""
    rows = page("docs/functions.md").rows("Entities of the account")
    known = [key for platform in ENGLISH["entity"].values() for key in platform]
    assert [row[1].strip("`") for row in rows] == known
    types = ENGLISH["entity"]["event"]["limits"]["state_attributes"]["event_type"]["state"]
    assert [row[0].strip("`") for row in page("docs/functions.md").rows("Events")] == list(types)


# --- sentences ---


def told(text: str) -> str:
    """Write a text as the page does: an ellipsis for what is filled in."""
    return re.sub(r"\{\w+\}", "…", text).replace("https://console.x.ai", "")


def first_cells(heading: str) -> list[str]:
    """List the first cells of the tables below a heading and its subheadings."""
    text = page("docs/troubleshooting.md").prose
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [line.split("|")[1].strip() for line in section.splitlines() if re.match(r"\| (?!sentence|title)\S", line)]


def test_exceptions_when_compared_then_every_sentence_explained_and_no_other() -> None:
    """Whatever can be heard can be looked up in its own words."""
    sentences = {told(text["message"]) for text in ENGLISH["exceptions"].values()}
    rows = first_cells("Said by an agent, or the error of a service")
    assert sorted(_ended(row) for row in rows) == sorted(_ended(sentence) for sentence in sentences)


def test_issues_when_compared_then_every_title_explained_and_no_other() -> None:
    """Each repair can be looked up by its title, and what its form may say stands beside it."""
    assert sorted(first_cells("Repairs")) == sorted(told(issue["title"]) for issue in ENGLISH["issues"].values())
    text = page("docs/troubleshooting.md").text
    for issue in ENGLISH["issues"].values():
        flow = issue.get("fix_flow", {})
        for sentence in (*flow.get("error", {}).values(), *flow.get("abort", {}).values()):
            assert sentence in text, sentence


def test_forms_when_compared_then_every_error_explained_and_no_other() -> None:
    """What a form answers can be looked up, but for its successes."""
    flows = [ENGLISH["config"], *ENGLISH["config_subentries"].values()]
    answers = [(key, text) for flow in flows for part in ("error", "abort") for key, text in flow.get(part, {}).items()]
    sentences = {_ended(told(text)) for key, text in answers if key not in SUCCESSES}
    assert {_ended(row) for row in first_cells("In the forms")} == sentences


def _ended(sentence: str) -> str:
    """Leave the full stop behind an ellipsis to taste."""
    return sentence.removesuffix(".").removesuffix("…").strip()


# --- personality and prices ---


def test_personality_when_compared_then_told_word_for_word() -> None:
    """Each sentence stands in the row of the values that choose it."""
    sentences = page("docs/personality.md").rows("What the model is told")
    for position, trait in enumerate(fields(personality.Personality)):
        for step in range(11):
            value = step / 10
            text = personality.Personality(**{trait.name: value}).text()
            span, sentence = next(row for row in sentences[5 * position :] if row[1] in text)
            low, high = (float(end) for end in span.split(" to "))
            assert low <= value <= high, sentence
    assert personality.FLOOR in " ".join(page("docs/personality.md").text.split())


def test_prices_when_compared_then_as_in_the_code() -> None:
    """The page and the list by which costs are estimated agree."""
    listed = {row[0]: row[1] for row in page("docs/costs.md").rows("Prices")}
    voice, old = prices.VOICE_PRICES["grok-voice-latest"], prices.VOICE_PRICES["grok-voice-think-fast-1.0"]
    assert f"${voice.minute_usd:.2f} a minute" == listed["voice session (`grok-voice-latest`)"]
    assert f"${voice.text_item_usd:.3f}" == listed["a text put into a voice session"]
    assert f"${old.minute_usd:.2f} a minute" == listed["voice session (`grok-voice-think-fast-1.0`)"]
    assert f"${prices.STT_STREAMED_USD_PER_HOUR:.2f} an hour" == listed["plain transcription, streamed"]
    assert f"${prices.TTS_USD_PER_MILLION_CHARACTERS:.2f} a million characters" == listed["plain speech"]
    for model, price in prices.IMAGE_USD.items():
        assert listed[f"a picture of `{model}`"] == f"${price:.2f}"
    for names, text in listed.items():
        for name in CODE.findall(names):
            known = FALLBACK_CATALOGUE.find(name)
            if known is not None and known.price is not None:
                amounts = [float(amount) for amount in re.findall(r"\$([\d.]+)", text)]
                assert amounts == [known.price.input_usd, known.price.cached_usd, known.price.output_usd]
    assert f"{PICTURE_TOKENS:,} tokens" in " ".join(page("docs/costs.md").text.split())


def test_evening_when_calculated_then_as_each_statement_has_it() -> None:
    """The three statements of xAI, by our own rules and prices."""
    people, sent_s, received_s, made_s = 10, 4, 6, 3
    open_s = sent_s + received_s + VoiceSettings().keep_open_s
    by_sound, by_time = VoiceBilling.SENT_AND_RECEIVED, VoiceBilling.CONNECTION
    seconds = (
        by_sound.seconds(told_s=0, sound_s=sent_s + received_s, open_s=open_s),
        by_time.seconds(told_s=0, sound_s=sent_s + received_s, open_s=open_s),
        by_sound.seconds(told_s=sent_s + made_s, sound_s=0, open_s=open_s),
    )
    rows = page("docs/costs.md").rows("What a minute of voice is")
    for (_, told, cost), each_s in zip(rows, seconds, strict=True):
        assert float(told.rpartition("= ")[2]) == people * each_s
        cost_usd = prices.voice_cost_usd("grok-voice-latest", people * each_s, 0)
        assert cost == f"${cost_usd:.4f}"


def test_examples_when_calculated_then_right() -> None:
    """Each line of arithmetic holds, to the digits that it shows, and so does the amount beside it."""
    rows = page("docs/costs.md").rows("Worked examples")
    assert len(rows) > 20
    for what, arithmetic, amount in rows:
        assert ARITHMETIC.fullmatch(arithmetic), what
        left, right = (part.strip() for part in arithmetic.replace(TIMES, "*").replace(",", "").split("="))
        digits = len(right.partition(".")[2])
        # Nothing but numbers and signs: the pattern above.
        assert round(eval(left), digits) == float(right), what
        shown = amount.removeprefix("$")
        assert not shown or round(float(right), len(shown.partition(".")[2])) == float(shown), what
