"""Pictures and files: what a program of few lines sees in them."""

from collections.abc import Iterator
from typing import Final

from ..images.images import Picture, picture_of
from ..jsontypes import JsonObject
from ..responses.ask import file_parts
from .scene import Scene

_MAX_LABEL_CHARACTERS: Final = 60
_MAX_LINE_CHARACTERS: Final = 80


def describe_outputs(scene: Scene) -> str | None:
    """Tell what is to be seen in the pictures that the last functions have given."""
    return _told([seen for output in _last_outputs(scene) for seen in _pictures(output, has_labels=True)])


def describe_pictures(scene: Scene) -> str | None:
    """Tell what is to be seen in the pictures of the last message."""
    return _told(list(_pictures(_last_content(scene), has_labels=False)))


def has_pictures(scene: Scene) -> bool:
    """Whether the user shows pictures."""
    return any(True for _ in _pictures(_last_content(scene), has_labels=False))


def read_files(scene: Scene) -> str | None:
    """Tell how the files of the last message begin."""
    told: list[str] = []
    for part in file_parts([{"content": _last_content(scene)}]):
        file = scene.ask.attachments.get(part.get("file_id", ""))
        if file is None:
            told.append(f"I have read {part.get('file_url')}.")
        else:
            lines = file.text.strip().splitlines()
            told.append(f"{file.filename} begins with “{lines[0][:_MAX_LINE_CHARACTERS] if lines else ''}”.")
    return " ".join(told) or None


def _last_content(scene: Scene) -> list[JsonObject]:
    """Give the parts of the last message of the user."""
    last = next((item for item in reversed(scene.ask.items) if item.get("role") == "user"), {})
    content = last.get("content", "")
    return content if isinstance(content, list) else []


def _last_outputs(scene: Scene) -> list[list[JsonObject]]:
    """Give the parts of the outputs at the very end of the conversation, in their order."""
    outputs: list[list[JsonObject]] = []
    for item in reversed(scene.ask.items):
        if item.get("type") != "function_call_output":
            break
        output = item["output"]
        outputs.insert(0, output if isinstance(output, list) else [])
    return outputs


def _pictures(parts: list[JsonObject], *, has_labels: bool) -> Iterator[tuple[str, Picture]]:
    """Give the pictures among some parts, each with the short text that stands right before it."""
    label = ""
    for part in parts:
        if part.get("type") == "input_image" and "image_url" in part:
            yield label, picture_of(part["image_url"])
            label = ""
            continue
        text = str(part.get("text", "")).strip().rstrip(":")
        label = text if has_labels and len(text) <= _MAX_LABEL_CHARACTERS else ""


def _told(seen: list[tuple[str, Picture]]) -> str | None:
    """Give what is seen in words: one sentence, or one for each picture where they have labels."""
    if not seen:
        return None
    if any(label for label, _ in seen):
        return " ".join(
            f"{label}: {_sentence([picture])}" if label else _sentence([picture]) for label, picture in seen
        )
    return _sentence([picture for _, picture in seen])


def _sentence(pictures: list[Picture]) -> str:
    """Give one sentence about pictures."""
    first, *others = pictures
    seen = [f"a {_looks(first)}picture of {_size(first)}"]
    seen += [f"a {_looks(other)}one of {_size(other)}" if other.color else f"one of {_size(other)}" for other in others]
    return f"I see {' and '.join(seen)}."


def _looks(picture: Picture) -> str:
    """Give the colour of a picture as a word before it, if it is known."""
    return f"mostly {picture.color} " if picture.color else ""


def _size(picture: Picture) -> str:
    """Give the size of a picture in words."""
    return f"{picture.width} by {picture.height} pixels"
