"""The three ways by which actions are called for their response, and the published forms of ours."""

from enum import StrEnum
import json
from pathlib import Path
from typing import Any, Final
import uuid

from jsonschema import Draft202012Validator

from .errors import HarnessError
from .running import RunningHome
from .waiting import wait_until

SCHEMAS: Final = Path(__file__).parents[2] / "docs" / "schemas"

type Json = dict[str, Any]


class Way(StrEnum):
    """How a client calls an action."""

    SOCKET = "socket"
    REST = "rest"
    SCRIPT = "script"


async def call_action(home: RunningHome, way: Way, domain: str, service: str, data: Json) -> Json:
    """Call an action and return its response.

    Raises:
        CommandError: it was refused over the websocket.
        RestError: it was refused over REST, or to the script.
    """
    match way:
        case Way.SOCKET:
            return await _over_socket(home, domain, service, data)
        case Way.REST:
            return dict(await home.client.call_service(domain, service, response=True, **data))
        case Way.SCRIPT:
            return await _in_script(home, domain, service, data)


def validator(service: str) -> Draft202012Validator:
    """Read the published form of a response of the integration."""
    return Draft202012Validator(json.loads((SCHEMAS / f"{service}.json").read_text(encoding="utf-8")))


async def _over_socket(home: RunningHome, domain: str, service: str, data: Json) -> Json:
    """Call an action as the frontend does."""
    result = await home.socket.call(
        "call_service", domain=domain, service=service, service_data=data, return_response=True
    )
    return dict(result["response"])


async def _in_script(home: RunningHome, domain: str, service: str, data: Json) -> Json:
    """Have a script, made for the moment, call the action and give its response back."""
    name = f"action_{uuid.uuid4().hex}"
    sequence = [
        {"action": f"{domain}.{service}", "data": data, "response_variable": "answer"},
        {"stop": "The response is given back", "response_variable": "answer"},
    ]

    async def is_there() -> bool:
        return name in (await home.socket.call("get_services"))["script"]

    address = f"/api/config/script/config/{name}"
    await home.client.rest("POST", address, {"alias": name, "sequence": sequence})
    try:
        # The answer to the editor does not wait for the script.
        await wait_until(is_there, f"the script {name}")
        listed = await home.socket.call("homeassistant/expose_entity/list")
        if listed["exposed_entities"].get(f"script.{name}", {}).get("conversation"):
            message = f"Assist can see the script {name}"
            raise HarnessError(message)
        return dict(await home.client.call_service("script", name, response=True))
    finally:
        await home.client.rest("DELETE", address)
