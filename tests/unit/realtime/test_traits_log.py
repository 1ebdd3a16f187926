"""What everybody who reads the log is told of a refused configuration."""

import logging

import pytest

from custom_components.grok_assist.realtime.traits import ServiceTraits

QUOTED = "instructions: 'You help Peter Smith, alarm code 4711'"


def test_refusal_when_it_quotes_the_settings_then_only_debugging_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    """Prompts, names of devices and codes are in what the service was told."""
    caplog.set_level(logging.DEBUG)
    ServiceTraits().reduce(QUOTED)
    warning, detail = caplog.records
    assert (warning.levelname, QUOTED in warning.getMessage()) == ("WARNING", False)
    assert (detail.levelname, QUOTED in detail.getMessage()) == ("DEBUG", True)
