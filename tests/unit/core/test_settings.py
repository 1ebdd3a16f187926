"""Options become dataclasses once; nonsense in storage never reaches a request."""

import pytest

from custom_components.grok_assist.core.settings import AgentSettings, Deadlines, FollowUp, HistoryLimits


def test_agent_when_recommended_then_only_prompt_tools_and_key() -> None:
    """With recommended settings the stored advanced values wait unused."""
    settings = AgentSettings.from_data(
        {"recommended": True, "prompt": "Be kind.", "llm_hass_api": "assist", "api_key": "k", "web_search": True}
    )
    assert settings == AgentSettings(prompt="Be kind.", llm_apis=("assist",), api_key="k")


def test_agent_when_advanced_then_all_read() -> None:
    """Every field of the form has its effect."""
    settings = AgentSettings.from_data(
        {
            "recommended": False,
            "llm_hass_api": ["assist", "calendar"],
            "chat_model": "grok-4.7",
            "reasoning_effort": "high",
            "max_tokens": 500.0,
            "temperature": 0.5,
            "web_search": True,
            "x_search": True,
            "follow_up": "always",
        }
    )
    assert settings == AgentSettings(
        llm_apis=("assist", "calendar"),
        model="grok-4.7",
        effort="high",
        max_tokens=500,
        temperature=0.5,
        web_search=True,
        x_search=True,
        follow_up=FollowUp.ALWAYS,
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, AgentSettings()),
        ({"recommended": False}, AgentSettings()),
        ({"recommended": False, "max_tokens": True, "follow_up": 7, "chat_model": "  "}, AgentSettings()),
        ({"recommended": False, "temperature": 99, "max_tokens": 0}, AgentSettings(temperature=2.0, max_tokens=1)),
        ({"recommended": False, "web_search": "yes"}, AgentSettings()),
        (
            {"recommended": False, "max_tokens": 1e9, "temperature": -1, "context_tokens": 1e9},
            AgentSettings(max_tokens=128_000, temperature=0, context_tokens=20_000),
        ),
        (
            {"recommended": False, "history_turns": 1e9, "history_tokens": 1e9, "history_hours": 1e9},
            AgentSettings(history=HistoryLimits(turns=200, tokens=100_000, hours=24 * 365)),
        ),
        (
            {
                "recommended": False,
                "context_tokens": 0,
                "history_turns": 0,
                "history_tokens": 0,
                "history_hours": -1,
            },
            AgentSettings(context_tokens=100, history=HistoryLimits(turns=1, tokens=200, hours=0)),
        ),
        ({"llm_hass_api": []}, AgentSettings(llm_apis=())),
        ({"llm_hass_api": None}, AgentSettings(llm_apis=())),
        ({"prompt": "", "api_key": ""}, AgentSettings()),
    ],
)
def test_agent_when_odd_then_default_or_bound(data: dict[str, object], expected: AgentSettings) -> None:
    """Absent, ill-typed and out-of-range values fall back."""
    assert AgentSettings.from_data(data) == expected


def test_deadlines_when_absent_then_contract() -> None:
    """Without options the promised waits hold; with them they can only shorten what bounds a user's wait."""
    assert Deadlines.from_options({}) == Deadlines(connect_s=10, first_delta_s=30, silence_s=30, turn_s=120)
    assert Deadlines.from_options(
        {"connect_timeout_s": 2, "first_delta_timeout_s": 300, "silence_timeout_s": 0, "turn_timeout_s": 60}
    ) == Deadlines(connect_s=2, first_delta_s=30, silence_s=1, turn_s=60)
    assert Deadlines.from_options(
        {"connect_timeout_s": 11, "first_delta_timeout_s": 0, "silence_timeout_s": 31, "turn_timeout_s": 601}
    ) == Deadlines(connect_s=10, first_delta_s=1, silence_s=30, turn_s=600)
    assert Deadlines.from_options({"connect_timeout_s": 0, "turn_timeout_s": 4}) == Deadlines(connect_s=1, turn_s=5)
