"""Whether a user's whole utterance wishes to end the conversation."""

from hypothesis import given, strategies as st
import pytest

from custom_components.grok_assist.core.speech.farewell import ends_conversation

FAREWELLS = """
Stop. | stop | Okay, stop. | Stop, please. | That's all. | That\u2019s all, thanks! | Thanks, that's it.
that is all for now | Never mind. | Nevermind | Goodbye! | Good bye, Grok. | Good night.
Good night, Grok, thank you very much. | Be quiet. | Cancel. | No thanks. | No, thank you, that's all. | Thank you.
Thanks a lot, bye! | Nothing else, thanks. | I'm done | Hey Grok, stop | Okay, thanks, good night | Bye bye
Forget it | No, that's all | Shut up | Alright, that's it then | Stopp! | Das war's. | Nein danke, das war's.
Danke, das wars. | Danke schön, tschüss! | Tschüss | Gute Nacht, Grok | Okay, danke, das ist alles. | Vergiss es.
Schon gut. | Abbrechen | Sei still! | Auf Wiedersehen | Nein, danke. | Nichts mehr, danke. | Hör bitte auf
Das reicht für heute | Ruhe jetzt! | Vielen Dank, das war alles | Arrête. | C'est tout, merci. | Non merci.
Laisse tomber. | Au revoir ! | Bonne nuit, Grok. | Tais-toi | Annule | Merci beaucoup, ce sera tout.
Arrête, s'il te plaît. | Ça suffit | Para. | Eso es todo, gracias. | No, gracias. | Olvídalo. | Adiós.
Buenas noches. | Cállate | Cancelar | Hasta luego, Grok | Vale, nada más, gracias. | Ja, das war's.
Yes, that's all, thanks. | Para, por favor | Basta. | È tutto, grazie. | No grazie. | Lascia perdere. | Arrivederci.
Buonanotte! | Zitto | Annulla | Ok grazie, ciao | Stop maar. | Dat is alles, bedankt. | Nee, bedankt. | Laat maar.
Tot ziens. | Welterusten! | Wees stil | Annuleren | Oké, dank je wel, dat was alles. | Hou op | Doei
"""
OTHERS = """
Stop the music. | Cancel the timer. | Turn everything off, that's all I want to know: is it off?
Thanks, and the kitchen? | Good night scene on. | Activate good night | Okay. | Yes, please. | No. | Yes | Please
Grok | Hey Grok | Stop the vacuum, please | Never mind the kitchen, turn on the hall. | Stop? | That's all?
What is that all about | Good night routine | Thanks to you | Cancel my alarm for tomorrow | Is that it
Be quiet in the bedroom at ten | Turn off the light, thanks. | Thanks, turn it off. | Bye the way, how warm is it
Say goodbye to the guests | Now | All | Nothing is on, right? | Everything off, good night. | Stopp die Musik.
Brich den Timer ab. | Danke, und die Küche? | Gute-Nacht-Szene an | Mach das Licht aus, das war's. | Ja bitte | Nein.
Egal | Ja, danke. | Yes, thank you. | Oui, merci | Ja, danke, mach das. | Das war alles an | Egal welche Lampe
Ruhemodus an | Wie sagt man gute Nacht auf Spanisch | Arrête la musique. | Annule le minuteur.
Merci, et la cuisine ? | Oui | Bonne nuit activée dans la chambre | Para la música. | Cancela el temporizador.
Gracias, ¿y la cocina? | Sí | Buenas noches en la cocina | Ferma la musica. | Annulla il timer. | Grazie, e la cucina?
Sì, grazie mille volte per la luce | Basta luce | Stop de muziek. | Annuleer de wekker. | Bedankt, en de keuken? | Nee
Ja | Welterusten scène aan
"""


def _rows(table: str) -> list[str]:
    """Return the sentences of a table."""
    return [line.strip() for row in table.strip().splitlines() for line in row.split("|")]


@pytest.mark.parametrize("sentence", _rows(FAREWELLS))
def test_ends_conversation_when_farewell_then_true(sentence: str) -> None:
    """Words of farewell end it, with fillers and thanks around them, in each language."""
    assert ends_conversation(sentence)


@pytest.mark.parametrize("sentence", _rows(OTHERS))
def test_ends_conversation_when_more_is_wanted_then_false(sentence: str) -> None:
    """Orders and questions that merely contain such words go on, and so does a yes or a no."""
    assert not ends_conversation(sentence)


@pytest.mark.parametrize("sentence", ["", "  ", "...", "stop " * 13])
def test_ends_conversation_when_empty_or_long_then_false(sentence: str) -> None:
    """Nothing said is no farewell, and a speech is none either."""
    assert not ends_conversation(sentence)


@given(st.text(max_size=80))
def test_ends_conversation_when_any_text_then_answers(sentence: str) -> None:
    """No text breaks it."""
    assert ends_conversation(sentence) in {True, False}
