"""Pictures that were made, from JSON."""

import base64

import pytest

from custom_components.grok_assist.core.errors import GrokAnswerError
from custom_components.grok_assist.grok.images import parse_image
from custom_components.grok_assist.grok.messages import Json

PICTURE = base64.b64encode(b"a picture").decode()


@pytest.mark.parametrize(
    ("row", "mime", "revised"),
    [
        ({"mime_type": "image/png", "revised_prompt": "A cat."}, "image/png", "A cat."),
        ({}, "image/jpeg", None),
        ({"mime_type": "text/html", "revised_prompt": ""}, "image/jpeg", None),
        ({"mime_type": 5, "revised_prompt": 5}, "image/jpeg", None),
    ],
)
def test_image_is_read_with_what_it_tells_of_itself(row: Json, mime: str, revised: str | None) -> None:
    """What is missing or makes no sense is what the service usually sends."""
    image = parse_image({"data": [{"b64_json": PICTURE, **row}]})
    assert (image.data, image.mime, image.revised_prompt) == (b"a picture", mime, revised)


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"data": []},
        {"data": "picture"},
        {"data": [PICTURE]},
        {"data": [{}]},
        {"data": [{"b64_json": ""}]},
        {"data": [{"b64_json": 5}]},
        {"data": [{"b64_json": PICTURE[:-3]}]},
        {"data": [{"b64_json": "no base64 at all: ä"}]},
    ],
)
def test_reply_without_a_picture_is_an_error(reply: Json) -> None:
    """Whatever the service sends, nothing but our own error comes of it."""
    with pytest.raises(GrokAnswerError):
        parse_image(reply)
