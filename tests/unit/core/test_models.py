"""The model catalogue: live lists, aliases, retired names, efforts and prices."""

import pytest

from custom_components.grok_assist.core.models import (
    FALLBACK_CATALOGUE,
    FALLBACK_MODELS,
    RETIRED_MODELS,
    Catalogue,
    parse_models,
)

LIVE = {
    "models": [
        {
            "id": "grok-4.3",
            "aliases": ["grok-4.3-latest"],
            "prompt_text_token_price": 12_500,
            "cached_prompt_text_token_price": 2_000,
            "completion_text_token_price": 25_000,
            "input_modalities": ["text", "image"],
            "output_modalities": ["text"],
            "capabilities": {"reasoning_effort": ["none", "low"], "default_reasoning_effort": "low"},
        },
        {"id": "grok-9", "input_modalities": ["text"]},
        {"id": "grok-imagine-image", "output_modalities": ["image"]},
    ]
}


def live() -> Catalogue:
    """Return the catalogue of the list above."""
    return Catalogue(parse_models(LIVE), is_live=True)


def test_parse_when_language_models_then_fields_read() -> None:
    """Prices come as cents per 100 million tokens; other kinds of models are left out."""
    model, unknown = parse_models(LIVE)
    assert model.names() == ("grok-4.3", "grok-4.3-latest")
    assert model.efforts == ("none", "low")
    assert model.price is not None
    assert (model.price.input_usd, model.price.cached_usd, model.price.output_usd) == (1.25, 0.2, 2.5)
    assert (unknown.model_id, unknown.has_vision, unknown.price, unknown.efforts) == ("grok-9", False, None, ())


@pytest.mark.parametrize("price", [-1, 10**12, "12", True, None])
def test_parse_when_a_price_makes_no_sense_then_that_of_the_built_in_list(price: object) -> None:
    """No list makes answers cheap by a minus sign; what was read lately never costs more than what is new."""
    row = {"id": "grok-4.3", "prompt_text_token_price": price, "completion_text_token_price": 25_000}
    (model,) = parse_models({"models": [row]})
    assert model.price == FALLBACK_MODELS[3].price
    row |= {"prompt_text_token_price": 12_500, "cached_prompt_text_token_price": price}
    (model,) = parse_models({"models": [row]})
    assert model.price is not None
    assert model.price.cached_usd == 1.25


def test_parse_when_plain_models_then_built_in_facts_fill_in() -> None:
    """`/v1/models` says little; what is known of the model is used, and image models are left out by name."""
    models = parse_models({"data": [{"id": "grok-4.5"}, {"id": "grok-imagine-image-2.0"}]})
    assert [(model.model_id, model.efforts) for model in models] == [("grok-4.5", ("low", "medium", "high"))]


@pytest.mark.parametrize("reply", [{}, {"models": {}}, {"data": [{"id": ""}]}, {"data": [{"name": "x"}]}])
def test_parse_when_malformed_then_refuses(reply: dict[str, object]) -> None:
    """A list without models or ids is no list."""
    with pytest.raises(ValueError, match=r"list|id"):
        parse_models(reply)


@pytest.mark.parametrize("name", sorted(RETIRED_MODELS))
def test_resolve_when_retired_then_present_model(name: str) -> None:
    """Every retired name leads to a model that exists."""
    assert FALLBACK_CATALOGUE.find(FALLBACK_CATALOGUE.resolve(name)) is not None


def test_resolve_when_retired_name_is_listed_again_then_kept() -> None:
    """The service's own list has the last word."""
    catalogue = Catalogue(parse_models({"models": [{"id": "grok-3"}]}), is_live=True)
    assert catalogue.resolve("grok-3") == "grok-3"
    assert catalogue.resolve("my-model") == "my-model"


def test_has_lost_when_not_listed_then_true() -> None:
    """Only the service's own list can say that a model is gone."""
    assert live().has_lost("grok-4.7")
    assert not live().has_lost("grok-4.3-latest")
    assert not live().has_lost("grok-3")
    assert not FALLBACK_CATALOGUE.has_lost("grok-77")


@pytest.mark.parametrize(
    ("model", "wanted", "sent"),
    [
        ("grok-4.3", "none", "none"),
        ("grok-4.7", "none", "low"),
        ("grok-4.5", "xhigh", "high"),
        ("grok-4.20", "high", None),
        ("grok-4.3", None, None),
        ("grok-99", "xhigh", "xhigh"),
        ("grok-3", "low", "low"),
        ("grok-4.3", "extreme", None),
    ],
)
def test_effort_when_not_allowed_then_nearest(model: str, wanted: str | None, sent: str | None) -> None:
    """A model gets an effort it takes, an unknown model what was asked for."""
    assert FALLBACK_CATALOGUE.effort_for(model, wanted) == sent


def test_cost_when_partly_cached_then_each_at_its_price() -> None:
    """Cached tokens are part of the input and cheaper."""
    cost = live().cost_usd("grok-4.3", input_tokens=1_000_000, cached_tokens=400_000, output_tokens=100_000)
    assert cost == pytest.approx(0.6 * 1.25 + 0.4 * 0.2 + 0.1 * 2.5)
    assert live().cost_usd("grok-9", input_tokens=1, cached_tokens=0, output_tokens=1) is None
    assert live().cost_usd("unheard-of", input_tokens=1, cached_tokens=0, output_tokens=1) is None


def test_models_when_the_service_lists_none_then_they_see_and_use_tools() -> None:
    """Cameras and devices work by the built-in list, too."""
    model = FALLBACK_CATALOGUE.find("grok-4.3")
    assert model is not None
    assert (model.has_vision, model.has_tools) == (True, True)
