"""Whether an answer claims an order that was not carried out: lists held apart, and the parts of the judgement."""

from collections.abc import Sequence

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.grok_assist.core.claims.actions import Action, Order, Reach, fits, kin
from custom_components.grok_assist.core.claims.aims import aim
from custom_components.grok_assist.core.claims.detector import Detector, claims_of
from custom_components.grok_assist.core.claims.language import plain_words
from custom_components.grok_assist.core.claims.languages import language_of
from custom_components.grok_assist.core.claims.orders import Said, find_wish
from custom_components.grok_assist.core.claims.outcome import Seen, is_shown

from . import claim_sentences
from .truth_home import LANGUAGES, LISTS, Row, index, is_corrected, rows, seen

MOST_ALARMS = 1 / 1000  # of everyday answers
LEAST_CAUGHT = 0.8  # of false claims
LEAST_CAUGHT_IN_A_LANGUAGE = 0.7
HELD_OUT = sorted(path.name for path in LISTS.iterdir() if path.is_dir())


def _corrected(held_out: str, kind: str) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return the rows of a list, and those that are corrected."""
    found = rows(LISTS / held_out / f"{kind}.tsv")
    return found, [row for row in found if is_corrected(row)]


@pytest.mark.parametrize("held_out", HELD_OUT)
def test_everyday_answers_when_true_or_harmless_then_hardly_ever_corrected(held_out: str) -> None:
    """At most one of a thousand is denied."""
    answers, alarms = _corrected(held_out, "everyday")
    told = "\n".join(f"{row.language}: {row.said.now} | {row.answer}" for row in alarms)
    assert len(alarms) / len(answers) <= MOST_ALARMS, told


@pytest.mark.parametrize("held_out", HELD_OUT)
def test_false_claims_when_home_does_not_show_them_then_mostly_caught(held_out: str) -> None:
    """Four of five are caught, and nearly as many in each language."""
    claims, caught = _corrected(held_out, "false")
    assert len(caught) / len(claims) >= LEAST_CAUGHT
    for language in LANGUAGES:
        own = [row for row in claims if row.language == language]
        share = sum(row.language == language for row in caught) / len(own)
        assert share >= LEAST_CAUGHT_IN_A_LANGUAGE, language


@pytest.mark.parametrize("row", rows(LISTS / "tuning_everyday.tsv"), ids=lambda row: f"{row.said.now} {row.answer}")
def test_answer_when_true_or_harmless_then_believed(row: Row) -> None:
    """Each answer that the rules were made by is believed."""
    assert not is_corrected(row)


@pytest.mark.parametrize("row", rows(LISTS / "tuning_false.tsv"), ids=lambda row: f"{row.said.now} {row.answer}")
def test_answer_when_it_claims_what_is_not_then_corrected(row: Row) -> None:
    """Each false claim that the rules were made by is caught."""
    assert is_corrected(row)


@pytest.mark.parametrize("language", LANGUAGES)
def test_claim_when_anything_was_ordered_then_found(language: str) -> None:
    """The forms in which actions are claimed are known."""
    anything = Order(language=language, actions=frozenset(Action))
    sentences = claim_sentences.CLAIMS[language]
    missed = [sentence for sentence in sentences if not claims_of(anything, sentence)]
    assert len(missed) / len(sentences) <= 0.1, missed


FINDINGS = (
    ("en", "Is the front door locked?", "The front door is now locked"),
    ("en", "Is the bathroom window shut?", "The window was closed"),
    ("en", "When is my alarm?", "The alarm is set for seven"),
    ("en", "Why is it getting dark?", "The blinds are closing"),
    ("en", "Is the meeting still on?", "The meeting has been cancelled"),
    ("en", "Is the garage door shut?", "It's closed now"),
    ("en", "Is the garage door shut?", "The garage door was closed at noon. It is now locked."),
    ("en", "Search the web for my flight.", "Your flight has been cancelled."),
    ("en", "Is the kitchen light on?", "Yes, the kitchen light is on now."),
    ("de", "Ist die Haustür zu?", "Die Haustür ist jetzt abgeschlossen"),
    ("fr", "La porte est fermée ?", "La porte est maintenant fermée"),
)


@pytest.mark.parametrize(("language", "question", "answer"), FINDINGS)
def test_answer_when_a_question_was_asked_then_believed(language: str, question: str, answer: str) -> None:
    """A question orders nothing, so that no state in its answer is a claim."""
    assert find_wish(Said(now=question), language) is None
    assert claims_of(Order(language=language, actions=frozenset(Action)), answer)  # the sentence alone tells nothing


ORDERS = (
    ("en", "Turn the kitchen light on, please.", {Action.ON}),
    ("en", "Could you please lock the front door?", {Action.LOCK}),
    ("en", "Set the bathroom heating to 22 degrees.", {Action.SET}),
    ("en", "Kitchen light off", {Action.OFF}),
    ("de", "Mach bitte das Licht in der Küche aus", {Action.OFF}),
    ("de", "das Licht ausschalten", {Action.OFF}),
    ("de", "Schließ die Haustür auf", {Action.UNLOCK}),
    ("fr", "Peux-tu éteindre la lumière ?", {Action.OFF}),
    ("es", "Apágala", {Action.OFF}),
    ("es", "Para la música", {Action.STOP, Action.PAUSE}),
    ("it", "Spegnila", {Action.OFF}),
    ("nl", "Kun je de lamp uitschakelen?", {Action.OFF}),
    ("de-CH", "Mach es aus", {Action.OFF}),
)


@pytest.mark.parametrize(("tag", "sentence", "actions"), ORDERS)
def test_wish_when_ordered_then_its_actions(tag: str, sentence: str, actions: set[Action]) -> None:
    """Imperatives, polite requests, infinitives and orders without a verb are known as such."""
    wish = find_wish(Said(now=sentence), tag)
    assert wish is not None
    assert actions <= wish.actions


NO_ORDERS = (
    ("en", "Is the light on?"),
    ("en", "Can you tell me whether the door is locked?"),
    ("en", "I have turned off the light."),
    ("en", "Tell me how to open the garage."),
    ("en", "Turn on the light if it rains."),
    ("en", "Good morning"),
    ("en", ""),
    ("en", "on " * 100),
    ("de", "Warum ist das Licht an"),
    ("de", "Stell dir vor, das Tor ist offen."),
    ("xx", "Turn on the light"),
)


@pytest.mark.parametrize(("tag", "sentence"), NO_ORDERS)
def test_wish_when_nothing_is_ordered_then_none(tag: str, sentence: str) -> None:
    """Questions, statements, talk, conditions and unknown languages order nothing."""
    assert find_wish(Said(now=sentence), tag) is None


def test_wish_when_a_yes_answers_an_offer_then_what_was_offered() -> None:
    """A bare yes orders what the answer before asked for, and nothing else."""
    offered = Said(now="Yes, please.", before="It's dark.", answer="It is. Shall I turn on the kitchen light?")
    wish = find_wish(offered, "en")
    assert wish is not None
    assert wish.actions == {Action.ON}
    assert find_wish(Said(now="Yes, please.", before="Hm.", answer="Shall I tell you a story?"), "en") is None
    assert find_wish(Said(now="Yes, please.", before="Hm.", answer="It is dark."), "en") is None
    assert find_wish(Said(now="Yes."), "en") is None


def test_aim_when_a_pronoun_follows_then_what_was_spoken_of() -> None:
    """“It” is what the turn before named; without one there is no order."""
    said = Said(now="Turn it off.", before="Is the TV on?", answer="Yes, it is.")
    wish = find_wish(said, "en")
    assert wish is not None
    aimed = aim(wish, index("en"), room="", language="en")
    assert aimed is not None
    assert aimed.meant == ("media_player.tv",)
    alone = find_wish(Said(now="Turn it off."), "en")
    assert alone is not None
    assert aim(alone, index("en"), room="", language="en") is None


@pytest.mark.parametrize(
    ("sentence", "room", "meant", "reach"),
    [
        ("Turn on the kitchen light", "", {"light.kitchen"}, Reach.NAMED),
        ("Turn off the lights in the living room", "", {"light.living"}, Reach.PLACE),
        (
            "Turn off all the lights",
            "Kitchen",
            {"light.kitchen", "light.bedroom", "light.living", "light.desk"},
            Reach.PLACE,
        ),
        ("Turn off the lights", "Kitchen", {"light.kitchen"}, Reach.PLACE),
        (
            "Turn off the lights",
            "",
            {"light.kitchen", "light.bedroom", "light.living", "light.desk"},
            Reach.LOOSE,
        ),
        ("Set a timer for five minutes", "", set(), Reach.LOOSE),
        ("Pause", "Kitchen", {"media_player.speaker"}, Reach.LOOSE),
    ],
)
def test_aim_when_ordered_then_what_shows_it(sentence: str, room: str, meant: set[str], reach: Reach) -> None:
    """Names, areas, kinds, the speaker's room and what need not be named are found."""
    wish = find_wish(Said(now=sentence), "en")
    assert wish is not None
    aimed = aim(wish, index("en"), room=room, language="en")
    assert aimed is not None
    assert set(aimed.meant) == meant
    assert aimed.order.reach is reach


@pytest.mark.parametrize(
    ("language", "room", "sentence", "meant"),
    [
        ("en", "Living room", "Close the curtains.", {"cover.blinds", "cover.curtain"}),
        ("de", "Wohnzimmer", "Zieh den Vorhang zu.", {"cover.blinds", "cover.curtain"}),
        ("fr", "Salon", "Ferme le rideau.", {"cover.blinds", "cover.curtain"}),
        ("en", "Living room", "Turn off the speaker.", {"media_player.tv", "media_player.speaker"}),
        ("en", "Bedroom", "Close the curtain.", {"cover.curtain"}),
        ("en", "Kitchen", "Turn on the lamp.", {"light.kitchen"}),
    ],
)
def test_aim_when_another_room_has_what_is_so_called_then_it_may_be_meant(
    language: str, room: str, sentence: str, meant: set[str]
) -> None:
    """Blinds in the speaker's room are no curtain: either may show what was ordered."""
    wish = find_wish(Said(now=sentence), language)
    assert wish is not None
    aimed = aim(wish, index(language), room=room, language=language)
    assert aimed is not None
    assert set(aimed.meant) == meant


@pytest.mark.parametrize("sentence", ["Close the case, Sherlock.", "Switch my seat to the window.", "Add 17 and 25."])
def test_aim_when_not_of_this_home_then_none(sentence: str) -> None:
    """What sounds like an order and means nothing that can be switched is none."""
    wish = find_wish(Said(now=sentence), "en")
    assert wish is None or aim(wish, index("en"), room="", language="en") is None


def _shown(action: Action, *states: str, numbers: tuple[float, ...] = (), reach: Reach = Reach.NAMED) -> bool:
    """Tell whether states show an order; each is written as "entity=state"."""
    order = Order(language="en", actions=frozenset({action}), numbers=numbers, reach=reach)
    return is_shown(order, [seen(*state.split("=")) for state in states])


@pytest.mark.parametrize(
    ("action", "state", "opposite"),
    [
        (Action.ON, "light.a=on", "light.a=off"),
        (Action.OFF, "switch.a=off", "switch.a=on"),
        (Action.OPEN, "cover.a=opening", "cover.a=closed"),
        (Action.CLOSE, "cover.a=closed", "cover.a=open"),
        (Action.LOCK, "lock.a=locked", "lock.a=unlocked"),
        (Action.UNLOCK, "lock.a=unlocked", "lock.a=locked"),
        (Action.PLAY, "media_player.a=playing", "media_player.a=paused"),
        (Action.PAUSE, "media_player.a=paused", "media_player.a=playing"),
        (Action.START, "vacuum.a=cleaning", "vacuum.a=docked"),
        (Action.SEND, "vacuum.a=returning", "vacuum.a=cleaning"),
    ],
)
def test_outcome_when_state_is_what_the_action_leads_to_then_shown(action: Action, state: str, opposite: str) -> None:
    """Each action is told by its state, and its opposite is not."""
    assert _shown(action, state)
    assert not _shown(action, opposite)
    assert not _shown(action, state.partition("=")[0] + "=unavailable")


def test_outcome_when_a_number_was_ordered_then_compared() -> None:
    """Degrees are equal to a quarter, brightness to a percent; a state that is a number is one."""
    assert _shown(Action.SET, "climate.a=heat:21", numbers=(21,))
    assert not _shown(Action.SET, "climate.a=heat:21", numbers=(22,))
    assert _shown(Action.SET, "light.a=on:40", numbers=(40,))
    assert not _shown(Action.SET, "light.a=on:44", numbers=(40,))
    assert _shown(Action.SET, "number.a=5", numbers=(5,))
    assert not _shown(Action.SET, "climate.a=heat:21")


def test_outcome_when_muted_then_the_attribute_tells() -> None:
    """Whether something is muted is no state."""
    order = Order(language="en", actions=frozenset({Action.MUTE}), reach=Reach.NAMED)
    assert is_shown(order, [Seen(domain="media_player", state="playing", attributes={"is_volume_muted": True})])
    assert not is_shown(order, [Seen(domain="media_player", state="playing", attributes={})])


def test_outcome_when_several_are_meant_then_the_order_s_reach_decides() -> None:
    """All in a place, one of a kind, and of equal names those of one domain."""
    mixed = ("light.a=off", "light.b=on")
    assert not _shown(Action.OFF, *mixed, reach=Reach.PLACE)
    assert not _shown(Action.OFF, *mixed, reach=Reach.NAMED)
    assert _shown(Action.OFF, *mixed, reach=Reach.LOOSE)
    assert _shown(Action.OFF, "light.a=off", "media_player.a=playing", reach=Reach.NAMED)
    assert not _shown(Action.OFF, "light.a=off", "media_player.a=playing", reach=Reach.PLACE)
    assert not _shown(Action.OFF, reach=Reach.PLACE)


def test_claim_when_about_another_thing_then_none() -> None:
    """What is said of other things of the home claims nothing of the order."""
    wish = find_wish(Said(now="Turn on the kitchen light."), "en")
    assert wish is not None
    aimed = aim(wish, index("en"), room="", language="en")
    assert aimed is not None
    assert aimed.claims("The bedroom lamp is on now.") == []
    assert len(aimed.claims("The kitchen light is on now.")) == 1
    assert len(aimed.claims("It is on now.")) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "I've turned on the light?",
        "The light is already on.",
        "I'll turn it on when you come home.",
        "It was turned on by Anna.",
        "The light would be on then.",
        "Okay.",
        "",
        "on " * 300,
    ],
)
def test_detector_when_no_claim_then_none(sentence: str) -> None:
    """Questions, former states, conditions, other actors and assent claim nothing."""
    assert not Detector(Order(language="en", actions=frozenset({Action.ON}))).claims(sentence)


def test_detector_when_language_is_unknown_then_nothing() -> None:
    """Where no words are known nothing is claimed and nothing refused."""
    detector = Detector(Order(language="xx", actions=frozenset({Action.ON})))
    assert not detector.claims("The light is on now.")
    assert not detector.refuses("I cannot do that.")


def test_detector_when_another_family_then_none() -> None:
    """An action of another kind is no answer to the order."""
    detector = Detector(Order(language="en", actions=frozenset({Action.LOCK})))
    assert not detector.claims("I've added milk to your list.")
    assert detector.claims("I've locked it.")


def test_actions_when_compared_then_each_is_its_own_kin_and_fits_something() -> None:
    """The tables are whole."""
    for action in Action:
        assert action in kin({action})
        assert any(fits(action, domain) for domain in ("light", "cover", "lock", "media_player", "vacuum", "todo"))


def test_words_when_split_then_without_accents_but_for_single_letters() -> None:
    """“È” is another word than “e”; marks between clauses become commas."""
    assert plain_words("È acceso, città!") == ["è", "acceso", ",", "citta", ","]


ANY_TEXT = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from(["turn", "on", "light", "é", "²", "٣", "?", ",", "Licht", "aus", "22"]), max_size=20).map(
        " ".join
    ),
)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, st.sampled_from(LANGUAGES))
def test_judgement_when_any_texts_then_one(now: str, before: str, answer: str, tag: str) -> None:
    """Whatever is said, there is a judgement."""
    wish = find_wish(Said(now=now, before=before, answer=answer), tag)
    aimed = None if wish is None else aim(wish, index(tag), room="", language=tag)
    assert aimed is None or aimed.claims(answer) is not None
    assert claims_of(Order(language=tag, actions=frozenset(Action), numbers=(2, 3)), answer) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_when_read_then_its_tables_are_words(language: str) -> None:
    """No table holds a word twice, and each particle stands for something."""
    found = language_of(language)
    assert found is not None
    assert all(found.particle_words.values())
    assert all(found.order_verbs.values())
    assert all(len(pair) == 2 for pair in found.request_pairs)
