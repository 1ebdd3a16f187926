"""What a request tells along with the user's words, and the items without it."""

from tests.simulator.jsontypes import JsonObject

NOTE = "Told by the home, not said by the user:"


def blocks(body: JsonObject) -> list[str]:
    """Return what the home tells in the user's messages, behind their words and what they show."""
    contents = [item["content"] for item in body["input"] if item.get("role") == "user"]
    return [content[-1]["text"] for content in contents if isinstance(content, list) and "It is " in str(content[-1])]


def without_blocks(items: list[JsonObject]) -> list[JsonObject]:
    """Return items as they are told in later turns: the words of the user alone."""
    return [_said(item) for item in items]


def _said(item: JsonObject) -> JsonObject:
    """Return the words of a message of the user."""
    if item.get("role") != "user" or isinstance(item["content"], str):
        return item
    return {**item, "content": item["content"][0]["text"]}
