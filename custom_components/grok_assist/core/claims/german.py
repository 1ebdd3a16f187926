"""The words of German orders and claims."""

from typing import Final

from .actions import Action
from .language import Language

GERMAN: Final = Language(
    orders={
        Action.ON: "aktiviere aktivieren aktivier beleuchte illuminiere",
        Action.OFF: "deaktiviere deaktivieren deaktivier lösche lösch löschen",
        Action.OPEN: "öffne öffnen öffnet öffnest",
        Action.CLOSE: "schließe schließ schließen schließt",
        Action.LOCK: "verriegle verriegele verriegeln verriegelt versperre versperren sperre sperr sperren abschließen"
        " zuschließen schließe schließ absperren zusperren",
        Action.UNLOCK: "entriegle entriegeln entriegelt entsperre entsperren entsperrt aufschließen aufsperren entsperr"
        " entriegel aufschließe",
        Action.SET: "stelle stell stellen setze setz setzen dimme dimm dimmen regle regeln ändere ändern färbe"
        " einstellen mache mach reguliere verändere verändern",
        Action.RAISE: "erhöhe erhöhen hebe hochfahren hochziehen hochmachen heize steigere",
        Action.LOWER: "senke senken reduziere reduzieren verringere verringern absenken runterfahren herunterfahren"
        " runterlassen",
        Action.PLAY: "spiele spiel spielen abspielen fortsetzen weiterspielen",
        Action.PAUSE: "pausiere pausier pausieren pause anhalten halt halte",
        Action.NEXT: "überspringe überspringen nächstes nächster weiterschalten",
        Action.MUTE: "stummschalten stumm",
        Action.UNMUTE: "lautschalten",
        Action.START: "starte start starten startet beginne erstelle erstell erstellen sauge saugen wische wischen"
        " reinige reinigen putze losfahren",
        Action.STOP: "stoppe stopp stoppen beende beenden abbrechen brich breche halte anhalten unterbrich halt",
        Action.SEND: "schicke schick schicken zurückschicken zurückfahren sende",
        Action.ADD: "füge hinzufügen setze setz schreibe schreib ergänze ergänzen notiere pack packe tu",
        Action.REMOVE: "entferne entfernen lösche lösch löschen streiche streichen nimm",
    },
    done={
        Action.ON: "aktiviert aktiviere leuchtet brennt einschalten aktivieren aktivierung",
        Action.OFF: "deaktiviert deaktiviere gelöscht abgeschaltet ausschalten deaktivieren deaktivierung abschalten",
        Action.OPEN: "geöffnet öffne öffnet aufgemacht öffnen heben gehoben anheben hochfahren",
        Action.CLOSE: "geschlossen schließe schließt zugemacht schließen senkung senken gesenkt herunterfahren",
        Action.LOCK: "verriegelt verriegle verriegele abgeschlossen zugeschlossen abgesperrt zugesperrt versperrt"
        " sperren verriegeln sicherung gesichert gesperrt",
        Action.UNLOCK: "entriegelt entriegle entsperrt entsperre aufgeschlossen aufgesperrt entsperren entriegeln"
        " entsichert entriegele",
        Action.SET: "gestellt eingestellt gesetzt festgelegt geändert gedimmt dimme stelle regle ändere geregelt dimmen"
        " einstellen gedreht umgestellt verdunkelt aufgehellt angepasst gewechselt verändert setze",
        Action.RAISE: "erhöht erhöhe hochgefahren hochgezogen angehoben hochgedreht aufgedreht gestiegen",
        Action.LOWER: "gesenkt senke abgesenkt reduziert reduziere verringert verringere heruntergefahren"
        " runtergefahren heruntergelassen heruntergedreht runtergedreht",
        Action.PLAY: "fortgesetzt spiele spielt abgespielt läuft",
        Action.PAUSE: "pausiert pausiere angehalten unterbrochen pause",
        Action.NEXT: "übersprungen überspringe",
        Action.MUTE: "stummgeschaltet stumm",
        Action.START: "gestartet starte startet begonnen saugt wischt reinigt gereinigt läuft losgefahren beginnt"
        " starten",
        Action.STOP: "halte breche gestoppt stoppe beendet beende abgebrochen angehalten unterbrochen weg stoppen",
        Action.SEND: "schicke geschickt zurückgeschickt kehrt zurückgekehrt fährt rückkehr unterwegs",
        Action.ADD: "hinzugefügt gesetzt geschrieben notiert ergänzt eingetragen gepackt drauf füge hinzufügen steht",
        Action.REMOVE: "entfernt gelöscht gestrichen entferne lösche weg",
    },
    carriers="schalte schalt schaltet schalten mache mach macht machen machst drehe dreh drehen fahre fahr fahren halt"
    " stelle stell stellen ziehe zieh ziehen lasse lass lassen knipse knips setze bringe sperre sperr schließe"
    " schließ klappe halte leg",
    carried="gedreht gemacht gestellt geschaltet gefahren gezogen fahren schalte mache drehe fahre ziehe lasse knipse"
    " stelle schließe sperre halte fährt geht wird werden mach lass fahr dreh schalt gehen",
    particles={
        Action.ON: "an ein auf",
        Action.OFF: "aus ab",
        Action.OPEN: "auf hoch rauf oben",
        Action.CLOSE: "zu runter herunter unten",
        Action.SET: "ein",
        Action.RAISE: "hoch rauf auf wärmer höher lauter heller",
        Action.LOWER: "runter herunter kälter niedriger leiser dunkler",
        Action.LOCK: "ab",
        Action.UNLOCK: "auf",
        Action.PLAY: "weiter fort",
        Action.ADD: "hinzu",
        Action.SEND: "zurück",
        Action.MUTE: "stumm",
        Action.START: "los",
    },
    states={
        Action.ON: "aktiv unterwegs scharf",
        Action.OPEN: "offen oben",
        Action.CLOSE: "unten dicht zu",
        Action.SET: "rot grün blau weiß gelb orange lila rosa",
        Action.START: "unterwegs",
        Action.ADD: "liste einkaufsliste",
    },
    joined="schalten machen drehen knipsen fahren ziehen stellen lassen zumachen tun",
    joined_done="geschaltet gemacht gedreht geknipst gefahren gezogen gestellt gelassen getan gestoppt geschlossen"
    " gesperrt",
    copulas="ist sind steht stehen wurde wurden bin läuft",
    bare="erledigt fertig gemacht geschafft",
    around_bare="ok okay klar alles das ist wird ja so gut gerne gern sofort schon für dich habe hab ich wäre",
    denials="nicht nichts kein keine keinen nie noch bereits schon durch vom seit gestern vorhin war waren kann offline"
    " erreichbar anscheinend scheint scheinbar warten könnte sollte mittags abends morgens soll darf muss möchte"
    " immer erst bevor",
    refusals="nicht kein keine keinen leider konnte konnten fehlgeschlagen schiefgegangen entschuldigung geklappt",
    calming="problem thema sorge",
    conditions="wenn falls sobald ob solange warum bis",
    promises="werde",
    questions="was welche welcher welches wer wo wann warum wieso wie ist sind war hat haben hast gibt läuft steht kann"
    " darf soll sollte weißt weisst hab habt wieviel womit woher",
    requests="kannst-du könntest-du können-sie könnten-sie würdest-du würden-sie magst-du willst-du könnt-ihr",
    talk="dir erzähle erzähl erkläre erklär schreib schreibe übersetze übersetz such suche sag sage zeig zeige nenn"
    " nenne nachsehen nachschauen prüfen sagen schauen suchen erklären beschreibe beschreib rechne berechne zähle"
    " zähl lies sing finde find prüfe prüf schau sieh hilf vergleiche fasse merk vor vorstellen storniere buche"
    " reimen löse denk",
    statements="status stand ist sind war waren hat hatte haben ich wir bin habe hab wurde wurden steht stehen läuft",
    subjects={
        "timer": "timer wecker countdown erinnerung erinnerungen eieruhr",
        "todo": "liste einkaufsliste einkauf einkaufszettel todo",
        "media_player": "lautstärke ton laut wiedergabe sendung medien film video lied titel musik",
        "light": "helligkeit",
        "climate": "temperatur heizung klima solltemperatur",
        "scene": "szene",
        "script": "skript routine",
        "": "alles",
    },
    pronouns="es sie ihn das die den beide beides",
    too="und auch",
    glue="und bitte jetzt nun sofort gleich wieder für wie damit",
    yes="ja jo jep bitte gerne gern ok okay mach mache das tu es genau klar danke unbedingt sicher",
    has_compounds=True,
)
