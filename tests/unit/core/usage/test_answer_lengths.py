"""How long answers usually are."""

from custom_components.grok_assist.core.usage.answer_lengths import LEAST_REMEMBERED, REMEMBERED, Outputs


def test_usual_when_few_were_seen_then_unknown_else_twice_the_longest_of_late() -> None:
    """Ten answers say something, another agent's say nothing, and what is long past is forgotten."""
    outputs = Outputs()
    outputs.note("agent", 900)
    for _ in range(LEAST_REMEMBERED - 1):
        assert outputs.usual("agent") is None
        outputs.note("agent", 40)
    assert outputs.usual("agent") == 1800
    assert outputs.usual("other") is None
    for _ in range(REMEMBERED):
        outputs.note("agent", 50)
    assert outputs.usual("agent") == 100
