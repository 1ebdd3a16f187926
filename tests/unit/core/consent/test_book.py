"""What counts as a yes, whose, and until when."""

from hypothesis import given, strategies as st
import pytest

from custom_components.grok_assist.core.consent.book import (
    ANSWER_S,
    KEPT,
    Asker,
    ConsentBook,
    Deed,
    HeldCall,
    Question,
    Said,
    Verdict,
    is_yes,
)
from custom_components.grok_assist.core.consent.yes_words import YES

GARAGE = "Shall I open Garage door?"
TOR = "Soll ich Garagentor öffnen?"


def question(asker: Asker | None = None, at: float = 0.0) -> Question:
    """Make an open question."""
    call = HeldCall(tool_name="open", arguments={}, deeds=((Deed.OPEN, "Garage door"),))
    return Question(calls=(call,), asker=asker or Asker(), text=GARAGE, asked_at=at)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        *((phrase, "") for phrases in YES.values() for phrase in phrases),
        ("Yes!", ""),
        ("YES, PLEASE.", ""),
        ("ok grok", ""),
        ("Yes, open the garage door", GARAGE),
        ("Yes open garage door please", GARAGE),
        ("Ja, bitte das Garagentor öffnen", TOR),
        ("Ja, öffne das Garagentor", TOR),
        ("Oui, vas-y", ""),
        ("Sí", ""),
        ("Sì, certo", ""),
        ("Ja graag", ""),
    ],
)
def test_yes_when_plain_then_so(answer: str, asked: str) -> None:
    """Every phrase of every language, with manners, and with the question's own words."""
    assert is_yes(answer, asked)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("", GARAGE),
        ("No", GARAGE),
        ("please", GARAGE),
        ("garage door", GARAGE),
        ("open the garage door", GARAGE),
        ("Yes?", GARAGE),
        ("Yes, but wait", GARAGE),
        ("yes and unlock the front door", GARAGE),
        ("don't open the garage door, ok", GARAGE),
        ("not ok", GARAGE),
        ("Ja, aber nicht jetzt", TOR),
        ("Nein, ja nicht", TOR),
        ("oui mais non", ""),
        ("The calendar says yes", GARAGE),
        ("yes " * 20, GARAGE),
        ("yes no", "Shall I run Yes no?"),
    ],
)
def test_yes_when_anything_else_then_not(answer: str, asked: str) -> None:
    """In doubt nothing is done."""
    assert not is_yes(answer, asked)


OPENS, UNLOCKS, DISARMS = (Deed.OPEN, "Garage door"), (Deed.UNLOCK, "Front door"), (Deed.DISARM, "Alarmanlage")
TOR_OPENS, TUER_UNLOCKS = (Deed.OPEN, "Garagentor"), (Deed.UNLOCK, "Haustür")
CLOSET, LOCK = (Deed.OPEN, "Closet door"), (Deed.UNLOCK, "Front door lock")
LIGHT_OFF = (Deed.TURN_OFF, "Light")


@pytest.mark.parametrize(
    ("answer", "asked", "deeds"),
    [
        ("yes go ahead and open it", GARAGE, [OPENS]),
        ("yes both", "", [OPENS, UNLOCKS]),
        ("yes open the garage door and unlock the front door", "", [OPENS, UNLOCKS]),
        ("yes open the doors", "", [OPENS, (Deed.OPEN, "Side door")]),
        ("yes unlock the front door lock", "", [LOCK]),
        ("yes turn it off", "", [LIGHT_OFF]),
        ("yes the ok button", "", [(Deed.RUN, "OK button")]),
        ("ok", "", [(Deed.RUN, "OK button")]),
        ("jo klar", TOR, [TOR_OPENS]),
        ("ja mach auf", TOR, [TOR_OPENS]),
        ("ja mach das Tor auf", TOR, [TOR_OPENS]),
        ("ja mach die Garage auf", TOR, [TOR_OPENS]),
        ("ja schließ auf", "", [TUER_UNLOCKS]),
        ("ja mach unscharf", "", [DISARMS]),
        ("oui vas-y ouvre", "", [(Deed.OPEN, "Porte du garage")]),
        ("sí, ábrelo", "", [(Deed.OPEN, "Puerta del garaje")]),
        ("sì dai", "", [(Deed.OPEN, "Porta del garage")]),
        ("sì, aprila pure", "", [(Deed.OPEN, "Porta del garage")]),
        ("ja hoor, doe maar open", "", [(Deed.OPEN, "Garagedeur")]),
    ],
)
def test_yes_when_the_deed_is_said_in_other_words_then_so(
    answer: str, asked: str, deeds: list[tuple[Deed, str]]
) -> None:
    """People say what is to be done as they always say it."""
    assert is_yes(answer, asked, deeds)


@pytest.mark.parametrize(
    ("answer", "asked", "deeds"),
    [
        ("Yes, the garage door", "Shall I open Garage door, Front gate?", [OPENS, (Deed.OPEN, "Front gate")]),
        ("yes open the garage door", "Shall I unlock Front door? Shall I open Garage door?", [UNLOCKS, OPENS]),
        ("yes lock the front door lock", "Shall I unlock Front door lock?", [LOCK]),
        ("yes close it", "Shall I open Closet door?", [CLOSET]),
        ("ja scharf schalten", "Soll ich Alarmanlage unscharf schalten?", [DISARMS]),
        ("ja schließ die Haustür", "Soll ich Haustür aufschließen?", [TUER_UNLOCKS]),
        ("ja schließ ab", "Soll ich Haustür aufschließen?", [TUER_UNLOCKS]),
        ("ja mach zu", TOR, [TOR_OPENS]),
        ("ja auf keinen Fall", TOR, [TOR_OPENS]),
        ("ja hör auf", TOR, [TOR_OPENS]),
        ("yes turn on the light", "Shall I turn off Light?", [LIGHT_OFF]),
        ("ja doe maar op slot", "Zal ik Voordeur ontgrendelen?", [(Deed.UNLOCK, "Voordeur")]),
        ("yes open the garage and lock the front door", "", [OPENS, UNLOCKS]),
        ("yes unlock the garage and lock the front door lock", "", [(Deed.UNLOCK, "Garage lock"), LOCK]),
        ("the OK button", "Shall I run OK button?", [(Deed.RUN, "OK button")]),
        ("seguro puerta", "", [(Deed.UNLOCK, "Seguro puerta")]),
        ("yes what time is it", GARAGE, [OPENS]),
        ("yes I'm coming", GARAGE, [OPENS]),
    ],
)
def test_yes_when_the_opposite_or_a_part_is_said_then_not(
    answer: str, asked: str, deeds: list[tuple[Deed, str]]
) -> None:
    """Nobody who says "lock" has agreed to unlock, nor who names one door to two."""
    assert not is_yes(answer, asked, deeds)


@pytest.mark.parametrize(("words", "is_agreed"), [(12, True), (13, False)])
def test_yes_when_long_then_no_plain_one(words: int, *, is_agreed: bool) -> None:
    """Who goes on and on has said more than yes."""
    assert is_yes(" ".join(["yes"] * words)) is is_agreed


@pytest.mark.parametrize(
    ("answer", "asked", "is_agreed"),
    [
        ("ja öffne es", "Soll ich es öffnen?", True),
        ("ja Öffnung", "Soll ich es öffnen?", True),
        ("ja Tor", "Soll ich Garagentor öffnen?", True),
        ("ja or", "Soll ich Garagentor öffnen?", False),
        ("ja Haus", "Soll ich Haustür öffnen?", True),
        ("ja Hau", "Soll ich Haustür öffnen?", False),
        ("ja Schaltung", "Soll ich Schaltplan öffnen?", False),
    ],
)
def test_yes_when_it_has_a_form_of_a_word_then_so(answer: str, asked: str, *, is_agreed: bool) -> None:
    """Forms and parts of the question's words are of it; what only begins or ends alike by chance is not."""
    assert is_yes(answer, asked) is is_agreed


@given(st.text(), st.text())
def test_yes_when_any_text_then_answers(answer: str, asked: str) -> None:
    """No text breaks it."""
    assert is_yes(answer, asked) in {True, False}


def test_answer_when_given_then_question_is_closed() -> None:
    """Whatever is said next, a question is answered once."""
    book = ConsentBook()
    book.ask("a", "c", question())
    answer = book.answer("a", "c", Asker(), Said("yes"), 1.0)
    assert answer is not None
    assert answer.verdict is Verdict.GRANTED
    assert book.answer("a", "c", Asker(), Said("yes"), 2.0) is None


@pytest.mark.parametrize(
    ("asker", "speaker", "verdict"),
    [
        (Asker(user_id="anna"), Asker(user_id="anna", device_id="phone"), Verdict.GRANTED),
        (Asker(user_id="anna"), Asker(user_id="bert"), Verdict.FOREIGN),
        (Asker(user_id="anna"), Asker(), Verdict.FOREIGN),
        (Asker(device_id="kitchen"), Asker(device_id="kitchen"), Verdict.GRANTED),
        (Asker(device_id="kitchen"), Asker(device_id="hall"), Verdict.FOREIGN),
        (Asker(device_id="kitchen"), Asker(), Verdict.FOREIGN),
        (Asker(device_id="kitchen"), Asker(user_id="anna", device_id="kitchen"), Verdict.FOREIGN),
        (Asker(), Asker(), Verdict.GRANTED),
    ],
)
def test_answer_when_somebody_speaks_then_only_who_was_asked(asker: Asker, speaker: Asker, verdict: Verdict) -> None:
    """The person, and where nobody is signed in, the device."""
    book = ConsentBook()
    book.ask("a", "c", question(asker))
    answer = book.answer("a", "c", speaker, Said("yes"), 1.0)
    assert answer is not None
    assert answer.verdict is verdict


def test_answer_when_late_then_not_granted() -> None:
    """To the second."""
    for wait_s, verdict in ((ANSWER_S, Verdict.GRANTED), (ANSWER_S + 0.1, Verdict.TOO_LATE)):
        book = ConsentBook()
        book.ask("a", "c", question(at=10.0))
        answer = book.answer("a", "c", Asker(), Said("yes"), 10.0 + wait_s)
        assert answer is not None
        assert answer.verdict is verdict


def test_answer_when_other_conversation_or_agent_then_none() -> None:
    """A yes answers its own conversation only."""
    book = ConsentBook()
    book.ask("a", "c", question())
    assert book.answer("a", "d", Asker(), Said("yes"), 1.0) is None
    assert book.answer("b", "c", Asker(), Said("yes"), 1.0) is None
    book.forget("a", "c")
    assert book.answer("a", "c", Asker(), Said("yes"), 1.0) is None


def test_questions_when_many_are_open_then_the_oldest_are_forgotten() -> None:
    """Conversations without an answer do not fill the memory."""
    book = ConsentBook()
    for number in range(KEPT + 1):
        book.ask("a", str(number), question())
    assert book.answer("a", "0", Asker(), Said("yes"), 1.0) is None
    assert book.answer("a", str(KEPT), Asker(), Said("yes"), 1.0) is not None


@pytest.mark.parametrize(
    ("answer", "names", "is_agreed"),
    [
        ("Yes, lock the front door", ("Front Door Lock",), False),
        ("Sure, lock it", ("Front Door Lock",), False),
        ("Yes, unlock the front door lock", ("Front Door Lock",), True),
        ("Yes, the front door lock please", ("Front Door Lock",), True),
        ("Vale, cerrar la puerta", ("Cerradura puerta",), False),
        ("Yes, the front door", ("Front door", "Back door"), False),
        ("Yes, unlock the back door", ("Front door", "Back door"), False),
        ("Yes, unlock the front door, the back door", ("Front door", "Back door"), True),
        ("Yes, unlock it", ("Front door", "Back door"), True),
        ("Yes, please", ("Front door", "Back door"), True),
    ],
)
def test_yes_when_it_picks_or_orders_the_contrary_then_no_plain_one(
    answer: str, names: tuple[str, ...], *, is_agreed: bool
) -> None:
    """Who says yes to one of two doors has not agreed to the other, and who orders to lock not to unlock."""
    calls = tuple(HeldCall(tool_name="x", arguments={}, deeds=((Deed.UNLOCK, name),)) for name in names)
    text = f"Shall I unlock {', '.join(names)}?"
    asked = Question(calls=calls, asker=Asker(), text=text, asked_at=0.0)
    assert asked.is_agreed_by(answer) is is_agreed


def test_yes_when_something_was_said_in_between_then_no_answer() -> None:
    """Another agent, or the home's own, may have taken a sentence of the conversation; the next one decides."""
    book = ConsentBook()
    book.ask("a", "c", question())
    answer = book.answer("a", "c", Asker(), Said("yes", sentences=2), 1.0)
    assert answer is not None
    assert answer.verdict is Verdict.NOT_AGREED
