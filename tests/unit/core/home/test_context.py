"""Who is meant by a sentence, and what else gets a line."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.grok_assist.core.home.context import HomeIndex, Meaning
from custom_components.grok_assist.core.home.vocabulary import EVERYDAY_WORDS, kinds_of
from custom_components.grok_assist.core.words import MEMORY, WordIndex, words_of

from .small_home import ENTITIES, NOW, STATES, entity, index, readings


def meant(sentence: str, *, language: str = "en", room: str = "", former: str = "") -> list[str]:
    """Return the ids of those that a sentence is about."""
    home = index(language)
    meaning = home.meaning(sentence).follow(home.meaning(former))
    choice = home.choose(meaning, readings(), room=room, now=NOW, limit=0)
    return [home.entities[position].entity_id for position in choice.meant]


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        ("Is the garage door shut?", "cover.garage"),
        ("turn off the kitchn ceiling light", "light.ceiling"),
        ("turn on the big lamp", "light.ceiling"),
        ("is the counter light on", "light.counter"),
        ("What's the bedroom temperature?", "sensor.bedroom"),
        ("is the fountain running", "switch.fountain"),
        ("Ist das Küchenlicht an?", "light.de"),
        ("ist das kuchenlicht an", "light.de"),
    ],
)
def test_sentence_when_it_names_a_device_then_that_comes_first(sentence: str, first: str) -> None:
    """Names are found in full, misspelt, by alias and without accents."""
    assert meant(sentence)[0] == first


def test_sentence_when_it_names_a_device_in_full_then_nobody_else() -> None:
    """Words that are spent on a name mean no area and no kind any more."""
    assert meant("Is the garage door shut?") == ["cover.garage"]


@pytest.mark.parametrize(
    ("sentence", "language", "expected"),
    [
        ("which lights are on", "en", {"light.ceiling", "light.counter", "light.bedroom", "light.de"}),
        ("is any window open", "en", {"binary_sensor.bath"}),
        ("lights in the bedroom", "en", {"light.bedroom"}),
        ("what is on in the galley", "en", {"light.ceiling", "light.counter"}),
        ("Sind die Fenster zu?", "de", {"binary_sensor.bath"}),
        ("wie warm ist es im Bedroom", "de", {"sensor.bedroom"}),
        ("Welche Lampen sind an?", "de", {"light.ceiling", "light.counter", "light.bedroom", "light.de"}),
        ("windows in the hall", "en", {"lock.front", "binary_sensor.bath"}),
        ("tell me a joke", "en", set()),
        ("12 34", "en", set()),
    ],
)
def test_sentence_when_it_means_kind_or_area_then_all_of_them(sentence: str, language: str, expected: set[str]) -> None:
    """A kind, an area, both, or neither; where both fit nobody, either."""
    assert set(meant(sentence, language=language)) == expected


def test_sentence_when_elliptic_then_the_one_before_fills_it() -> None:
    """“And in the bedroom?” keeps the kind, “and the temperature?” the area."""
    assert meant("and in the bedroom?", former="which lights are on in the kitchen") == ["light.bedroom"]
    assert meant("and the temperature?", former="which lights are on in the bedroom") == ["sensor.bedroom"]
    assert meant("thanks", former="which lights are on") == []


def test_kind_when_the_room_is_known_then_those_here_come_first() -> None:
    """“Turn on the lights” means those of the speaker's room before all others."""
    assert meant("turn on the lights", room="Bedroom")[0] == "light.bedroom"


def test_others_when_ranked_then_room_activity_and_recency_count() -> None:
    """What is near, on, or just changed comes first; what has no state never."""
    home = index()
    found = readings(changed="lock.front")
    found[0] = None
    choice = home.choose(Meaning(), found, room="Bedroom", now=NOW, limit=9)
    ids = [home.entities[position].entity_id for position in choice.other]
    assert ids[:4] == ["light.bedroom", "sensor.bedroom", "lock.front", "switch.fountain"]
    assert ids[-1] == "light.ceiling"
    assert home.choose(Meaning(), found, room="", now=NOW, limit=0).other == ()


def test_word_when_only_room_or_kind_is_said_then_nobody_is_named() -> None:
    """A word that area or kind imply names no device by itself."""
    assert index().meaning("kitchen").named == {}
    assert HomeIndex([entity("light.light", "Light")], kinds_of("en", {})).meaning("light").named == {0: 1.0}


def test_room_when_said_then_names_of_nothing_but_room_and_kind_are_not_meant() -> None:
    """“Laundry Room Fan” is not named by “laundry room”, else the room's light would not be found."""
    rooms = [
        entity("fan.laundry", "Laundry Room Fan", area="Laundry Room"),
        entity("light.laundry", "Laundry Room Ceiling Light", area="Laundry Room"),
        entity("light.night", "Night light", area="Nursery"),
    ]
    home = HomeIndex(rooms, kinds_of("en", {}))
    meaning = home.meaning("Is the light on in the laundry room?")
    choice = home.choose(meaning, [("on", 0.0)] * 3, room="", now=NOW, limit=0)
    assert [rooms[position].entity_id for position in choice.meant] == ["light.laundry"]


def test_value_when_asked_for_without_a_place_then_of_the_room_unless_all_are_meant() -> None:
    """“How warm is it?” means here; “how warm is it in each room?” does not."""
    more = [*ENTITIES, entity("sensor.kitchen", "Kitchen temperature", area="Kitchen", device_class="temperature")]
    home = HomeIndex(more, kinds_of("en", {}))

    def told(sentence: str) -> set[str]:
        """Return who is meant by somebody in the kitchen."""
        found = home.choose(home.meaning(sentence), [("1", 0.0)] * len(more), room="Kitchen", now=NOW, limit=0)
        return {more[position].entity_id for position in found.meant}

    assert told("How warm is it?") == {"sensor.kitchen"}
    assert told("How warm is it in each room?") == {"sensor.kitchen", "sensor.bedroom"}
    assert told("Where is it the warmest?") == {"sensor.kitchen", "sensor.bedroom"}


def test_meaning_when_empty_then_says_so() -> None:
    """A sentence about nothing of the home is known as such."""
    assert index().meaning("tell me a joke").is_empty
    assert not index().meaning("is the fountain on").is_empty


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("window", "windows", 0.9, 0.9),
        ("tur", "turen", 0, 0.89),
        ("wohnzimmerlampe", "lampe", 0.85, 0.85),
        ("wohnzimmerlampe", "wohnzimmer", 0.75, 0.75),
        ("kitchn", "kitchen", 0.6, 0.99),
        ("12", "123", 0, 0),
        ("ab", "abc", 0, 0),
        ("abc", "ab", 0, 0),
        ("light", "lock", 0, 0),
        ("light", "night", 0, 0),
        ("room", "bathroom", 0, 0),
        ("shut", "shutter", 0, 0.74),
    ],
)
def test_words_when_compared_then_as_sure_as_they_are_alike(one: str, other: str, least: float, most: float) -> None:
    """Inflections, compounds and typing errors, and what is none of them."""
    assert least <= WordIndex([other]).find(one).get(other, 0.0) <= most


def test_words_when_many_were_looked_up_then_memory_stays_small() -> None:
    """What was found is remembered within bounds."""
    known = WordIndex(["light"])
    for number in range(MEMORY + 2):
        known.find(f"word{number}")
    assert len(known._found) <= MEMORY


@given(st.text(max_size=60))
def test_meaning_when_anything_is_said_then_no_failure(sentence: str) -> None:
    """No sentence makes it fail."""
    index().meaning(sentence)


def test_everyday_words_when_read_then_plain_and_of_known_form() -> None:
    """The table holds words as sentences are split into, so that they can be found."""
    for language, kinds in EVERYDAY_WORDS.items():
        for kind, text in kinds.items():
            assert list(words_of(text)) == text.split(), (language, kind)


def test_home_when_built_then_states_and_entities_match() -> None:
    """The tests' home is whole."""
    assert len(ENTITIES) == len(STATES)
    assert replace(ENTITIES[0], area="").name == "Kitchen ceiling light"
