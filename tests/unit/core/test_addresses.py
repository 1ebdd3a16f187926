"""Addresses on whose way somebody could read along."""

import pytest

from custom_components.grok_assist.core.addresses import is_readable_on_the_way


@pytest.mark.parametrize(
    "address",
    [
        "http://api.x.ai/v1",
        "HTTP://Gateway.example.com:8080",
        "http://8.8.8.8/v1",
        "http://[2606:4700::1]/v1",
        "ws://x.io",
    ],
)
def test_address_when_open_then_told(address: str) -> None:
    """Without encryption to a host outside."""
    assert is_readable_on_the_way(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://api.x.ai/v1", "https://8.8.8.8/v1", "http://localhost:1/v1", "http://127.0.0.1", "http://[::1]:8080/v1",
        "http://192.168.1.5/v1", "http://10.0.0.1", "http://172.16.0.9", "http://100.101.1.1/v1", "http://[fd00::1]/v1",
        "http://[fe80::1%eth0]/v1", "http://gateway/v1", "http://Gateway.local:80", "http://nas.home.arpa./v1", "", "x",
        "http://box.tail1.ts.net", "http://[::1",
    ],
)  # fmt: skip
def test_address_when_encrypted_or_at_home_then_nothing_to_tell(address: str) -> None:
    """Nobody outside of the house can read along."""
    assert not is_readable_on_the_way(address)
