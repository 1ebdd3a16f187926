"""The key, the lists of models, and what is refused before any of it is read."""

import aiohttp
import pytest

from ..simulator.jsontypes import JsonObject
from ..simulator.schema import schema_errors
from ..simulator.server import Simulator
from .asking import KEY, Asker


async def test_key_facts_are_stable_and_redacted(asker: Asker) -> None:
    """The same key has the same id each time, and its secret is nowhere in the answer."""
    first, second = await asker.get("/api-key"), await asker.get("/api-key")
    assert first.body == second.body
    assert schema_errors("api_key", first.body) == []
    assert first.body["team_id"] == "team-main"
    assert first.body["redacted_api_key"] == "xai-...abcd"
    assert KEY not in str(first.body)
    assert "x-request-id" in first.headers


async def test_team_key_belongs_to_its_team(sim: Simulator) -> None:
    """A key names its team."""
    facts = await _facts(sim, "xai-team-blue-0001")
    assert facts["team_id"] == "team-blue"
    assert facts["api_key_id"] != (await _facts(sim, KEY))["api_key_id"]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        pytest.param(None, 401, id="none"),
        pytest.param("Basic abc", 401, id="not-bearer"),
        pytest.param("Bearer ", 401, id="empty"),
        pytest.param("Bearer xai-bad-key-0123456789", 400, id="wrong"),
        pytest.param("Bearer sk-of-somebody-else", 400, id="foreign"),
    ],
)
async def test_unusable_authorization(sim: Simulator, header: str | None, status: int) -> None:
    """A missing header is 401, a wrong key 400, and the key is never echoed."""
    headers = {} if header is None else {"Authorization": header}
    async with aiohttp.ClientSession() as session, session.get(f"{sim.url}/api-key", headers=headers) as response:
        body = await response.json()
        assert response.status == status
    assert schema_errors("rest.error", body) == []
    if status == 400:
        assert body["error"].startswith("Incorrect API key provided")
        assert str(header).removeprefix("Bearer ") not in str(body)
    assert str(header).removeprefix("Bearer ") not in str(sim.requests[-1].headers) or status == 401


async def test_revoked_key_comes_back(sim: Simulator, asker: Asker) -> None:
    """A key can be revoked and restored."""
    sim.revoke(KEY)
    assert (await asker.get("/api-key")).status == 400
    sim.restore(KEY)
    assert (await asker.get("/api-key")).status == 200


async def test_blocked_key_may_only_ask_about_itself(sim: Simulator, asker: Asker) -> None:
    """A blocked key reads its own facts and nothing else."""
    sim.set_key(KEY, blocked=True, name="Cellar")
    facts = await asker.get("/api-key")
    assert facts.body["api_key_blocked"] is True
    assert facts.body["name"] == "Cellar"
    assert (await asker.get("/models")).status == 403
    assert (await asker.ask()).status == 403


async def test_rights_of_a_key_are_honoured(sim: Simulator, asker: Asker) -> None:
    """A key for one model cannot use another."""
    sim.set_key(KEY, acls=["api-key:endpoint:*", "api-key:model:grok-4.7"])
    assert (await asker.ask()).status == 403
    assert (await asker.ask(model="grok-4.7")).status == 200
    sim.set_key(KEY, acls=["api-key:model:*"])
    assert (await asker.ask()).status == 403


async def test_lists_of_models(sim: Simulator, asker: Asker) -> None:
    """All lists fit the schema and agree, the plain one mixing kinds; prices are in the wire's unit."""
    plain, rich = await asker.get("/models"), await asker.get("/language-models")
    assert schema_errors("models.list", plain.body) == []
    assert schema_errors("language_models.list", rich.body) == []
    images = await asker.get("/image-generation-models")
    assert schema_errors("image_generation_models.list", images.body) == []
    apart = [*rich.body["models"], *images.body["models"]]
    assert [model["id"] for model in plain.body["data"]] == [model["id"] for model in apart]
    grok = (await asker.get("/language-models/grok-4.3-latest")).body
    assert grok["id"] == "grok-4.3"
    assert grok["prompt_text_token_price"] / 10_000 == 1.25
    assert grok["capabilities"] == {
        "reasoning_effort": ["none", "low", "medium", "high"],
        "default_reasoning_effort": "low",
    }
    assert (await asker.get("/models/grok-4.7")).body["context_length"] == 500_000
    assert sim.violations == []


async def test_models_come_and_go(sim: Simulator, asker: Asker) -> None:
    """The list changes at run time, and a retired model is refused with 404."""
    sim.remove_model("grok-4.3")
    refused = await asker.ask()
    assert refused.status == 404
    assert "grok-4.3" in refused.message
    sim.set_models(["grok-5"])
    assert [model["id"] for model in (await asker.get("/language-models")).body["models"]] == ["grok-5"]
    assert (await asker.ask(model="grok-5")).status == 200
    assert (await asker.get("/models/grok-4.3")).status == 404


async def test_unknown_path_and_wrong_method(sim: Simulator, asker: Asker) -> None:
    """Both are refused with a documented body and noted."""
    missing = await asker.get("/nothing")
    assert missing.status == 404
    async with asker.session.put(f"{sim.url}/models") as response:
        assert response.status == 405
        assert schema_errors("rest.error", await response.json()) == []
    assert schema_errors("rest.error", missing.body) == []
    assert len(sim.violations) == 2


async def _facts(sim: Simulator, key: str) -> JsonObject:
    """Read the facts of a key."""
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{sim.url}/api-key") as response:
        facts: JsonObject = await response.json()
        return facts
