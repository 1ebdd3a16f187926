"""Words with which a user hangs up: stop, that's all, good night."""

from typing import Final

from ..words import words_of

# Words that say nothing on their own, wherever they stand; the rest has to be a farewell from end to end.
_FILLERS: Final = frozenset(
    [
        "ok",
        "okay",
        "oke",
        "oki",
        "alright",
        "right",
        "well",
        "so",
        "now",
        "then",
        "please",
        "grok",
        "hey",
        "hi",
        "just",
        "for",
        "today",
        "very",
        "much",
        "oh",
        "ah",
        "um",
        "uh",
        "hm",
        "also",
        "gut",
        "na",
        "dann",
        "jetzt",
        "bitte",
        "mal",
        "einfach",
        "doch",
        "fur",
        "heute",
        "vorerst",
        "erst",
        "schon",
        "sehr",
        "ach",
        "bon",
        "alors",
        "maintenant",
        "s",
        "il",
        "te",
        "vous",
        "plait",
        "pour",
        "aujourd",
        "hui",
        "voila",
        "donc",
        "vale",
        "bueno",
        "pues",
        "entonces",
        "ahora",
        "por",
        "favor",
        "hoy",
        "allora",
        "adesso",
        "per",
        "favore",
        "oggi",
        "bene",
        "dunque",
        "ora",
        "goed",
        "nou",
        "dan",
        "even",
        "maar",
        "alsjeblieft",
        "voor",
        "vandaag",
        "hoor",
    ]
)
_YES: Final = frozenset(["yes", "yeah", "yep", "ja", "jo", "oui", "si", "jawohl"])
"""Fillers before a farewell ("yes, that's all"); before mere thanks they accept an offer ("yes, thank you")."""
_THANKS: Final = (
    "thanks|thank you|many thanks|thanks a lot|thanks a bunch|thank you so|cheers"
    "|danke|danke dir|danke schon|dankeschon|vielen dank|besten dank"
    "|merci|merci beaucoup|merci bien|gracias|muchas gracias|grazie|grazie mille"
    "|bedankt|dank je|dank je wel|dankjewel|dank u"
)
_FAREWELLS: Final = (
    "no thanks|no thank you|nope thanks|nein danke|danke nein|ne danke|non merci|no gracias|no grazie|nee bedankt"
    "|nee dank je|nee dankjewel|stop|stop it|stop talking|stop listening|stop that|enough|that s enough|that is enough"
    "|that s all|that is all|that ll be all|that will be all|that would be all|that was all|that s it|that is it"
    "|that was it|nothing|nothing else|nothing more|no nothing|no nothing else|no that s all|no that s it"
    "|no that is all|i m done|i am done|we re done|we are done|i m good|no i m good|no i m fine|all good|never mind"
    "|nevermind|forget it|forget about it|goodbye|good bye|bye|bye bye|good night|goodnight|night night|see you"
    "|see you later|talk to you later|be quiet|quiet|shut up|silence|hush|cancel|cancel that|abort|hang up"
    "|end conversation|end the conversation|go to sleep|no more questions|that s all i need|that s all i needed"
    "|that s all i wanted|stopp|halt|aufhoren|hor auf|hor bitte auf|hor auf zu reden|das war s|das war alles"
    "|das ist alles|das wars|das reicht|es reicht|genug|nichts|nichts mehr|nichts weiter|sonst nichts|nein das war s"
    "|nein das war alles|nein nichts|nein nichts mehr|nein das wars|ich bin fertig|schon gut|vergiss es|lass gut sein"
    "|lass es|macht nichts|auf wiedersehen|wiedersehen|auf wiederhoren|tschuss|tschuss grok|ciao|bis bald|bis dann"
    "|bis spater|bis morgen|gute nacht|schlaf gut|ruhe|sei still|sei ruhig|still|halt den mund|schweig|abbrechen"
    "|abbruch|brich ab|auflegen|leg auf|gesprach beenden|beende das gesprach|keine fragen mehr"
    "|das war alles was ich wissen wollte|arrete|arretez|arrete toi|arrete de parler|c est tout|ce sera tout|c est bon"
    "|ca suffit|ca ira|assez|rien|rien d autre|non rien|non c est tout|laisse tomber|laissez tomber|oublie|oublie ca"
    "|au revoir|bonne nuit|bonne soiree|a bientot|a plus tard|tais toi|taisez vous|silence|chut|annule|annuler|annulez"
    "|raccroche|j ai fini|fin de la conversation|para|detente|basta|callate|calla|silencio|eso es todo|es todo"
    "|esto es todo|nada mas|nada|no nada|no nada mas|no eso es todo|olvidalo|dejalo|adios|hasta luego|hasta manana"
    "|hasta pronto|buenas noches|chao|cancela|cancelar|cuelga|he terminado|suficiente|ya esta|ya basta"
    "|termina la conversacion|fermati|smettila|smetti|e tutto|questo e tutto|nient altro|niente altro|niente|no niente"
    "|no e tutto|lascia stare|lascia perdere|fa niente|arrivederci|addio|buonanotte|buona notte|buona serata|a dopo"
    "|a domani|a presto|zitto|stai zitto|stai zitta|zitta|silenzio|annulla|ho finito|riattacca|chiudi la conversazione"
    "|va bene cosi|hou op|hou je mond|ophouden|dat is alles|dat was alles|dat was het|dat is het|dat was t|verder niets"
    "|niets|niks|niets meer|nee niets|nee dat was alles|nee dat was het|nee dat is alles|laat maar|laat maar zitten"
    "|vergeet het|tot ziens|doei|doeg|welterusten|goedenacht|goede nacht|slaap lekker|wees stil|stil|annuleer|annuleren"
    "|afbreken|ik ben klaar|genoeg|zo is het genoeg|tot straks|tot morgen|hang op|einde gesprek"
)
_LONGEST: Final = 12
"""Words of an utterance beyond which nobody is only saying goodbye."""


def ends_conversation(sentence: str) -> bool:
    """Tell whether a user's utterance as a whole, fillers and thanks aside, wishes to hang up.

    "Thanks" alone does: nothing is asked any more. "Okay", "yes" and "yes, thanks" do not, they answer a question.
    """
    if "?" in sentence:
        return False
    words = words_of(sentence)
    least = 1 if _YES.isdisjoint(words) else 2
    return 0 < len(words) <= _LONGEST and _weight(words) >= least


def _weight(words: tuple[str, ...]) -> int:
    """Return 2 if words are phrases with a farewell among them and else only fillers, 1 with mere thanks, 0 if not."""
    # The weight of the first n words, for each n at which a row of whole phrases may end.
    reached = {0: 0}
    for end in range(1, len(words) + 1):
        weights = [
            max(weight, _PHRASES.get(words[start:end], 0))
            for start, weight in reached.items()
            if words[start:end] in _PHRASES
        ]
        if weights:
            reached[end] = max(weights)
    return reached.get(len(words), 0)


_PHRASES: Final = (
    {(word,): 0 for word in _FILLERS | _YES}
    | {tuple(phrase.split()): 1 for phrase in _THANKS.split("|")}
    | {tuple(phrase.split()): 2 for phrase in _FAREWELLS.split("|")}
)
