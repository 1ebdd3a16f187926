"""The tools that a request offers, as the brain may use them."""

import json

from jsonschema import Draft202012Validator

from ..jsontypes import Json, JsonObject
from ..responses.ask import Ask
from ..script import Call, call


class Toolbox:
    """The function tools of one request, found by the last part of their names."""

    def __init__(self, functions: list[JsonObject]) -> None:
        """Hold the offered tools."""
        self._functions = {tool["name"].rpartition("__")[2]: tool for tool in functions}

    def has(self, name: str) -> bool:
        """Whether a tool is offered, under whatever namespace."""
        return name in self._functions

    def call(self, name: str, arguments: JsonObject) -> Call | None:
        """Give a call with those of the arguments that the tool takes, or None where it cannot be made."""
        tool = self._functions.get(name)
        if tool is None:
            return None
        parameters: JsonObject = tool["parameters"]
        known = parameters.get("properties", {})
        fitting = {key: _fitted(value, known[key]) for key, value in arguments.items() if key in known}
        if not Draft202012Validator(parameters).is_valid(fitting):
            return None
        return call(tool["name"], fitting)


def toolbox_of(ask: Ask) -> Toolbox:
    """Give the tools that the request lets the model use."""
    return Toolbox([] if ask.body.get("tool_choice") == "none" else ask.functions)


def spoken_error(output: str) -> str | None:
    """Tell what a tool result says went wrong, or None where nothing did."""
    result = parsed(output)
    if not isinstance(result, dict):
        return None
    if result.get("response_type") == "error":
        return str(result.get("speech", {}).get("plain", {}).get("speech", "it did not work"))
    if "error" in result:
        return str(result.get("error_text") or result["error"])
    return None


def parsed(output: str) -> Json:
    """Give a tool result as JSON, or as it is."""
    try:
        return json.loads(output)
    except ValueError:
        return output


def _fitted(value: Json, schema: JsonObject) -> Json:
    """Give a value as a list where the tool wants one, and as a single value where it does not."""
    is_list = schema.get("type") == "array"
    if is_list and not isinstance(value, list):
        return [value]
    if isinstance(value, list) and not is_list and "anyOf" not in schema:
        return value[0]
    return value
