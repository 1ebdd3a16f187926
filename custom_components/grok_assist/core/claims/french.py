"""The words of French orders and claims."""

from typing import Final

from .actions import Action
from .language import Language

FRENCH: Final = Language(
    orders={
        Action.ON: "allume allumez allumer active activez activer éclaire rallume branche ouvre ouvrez ouvrir illumine"
        " illuminer",
        Action.OFF: "éteins éteignez éteindre désactive désactivez désactiver coupe coupez couper ferme fermez éteint"
        " fermer arrête arrêtez arrêter",
        Action.OPEN: "ouvre ouvrez ouvrir lève levez lever remonte remontez relève monte montez monter",
        Action.CLOSE: "ferme fermez fermer baisse baissez baisser descends descendez descendre abaisse",
        Action.LOCK: "verrouille verrouillez verrouiller barre barrer",
        Action.UNLOCK: "déverrouille déverrouillez déverrouiller débarre débarrer",
        Action.SET: "règle réglez régler mets mettez mettre change changez changer ajuste ajuster tamise tamiser"
        " définis définir modifie modifier passe passer programme programmer",
        Action.RAISE: "augmente augmentez augmenter monte montez monter hausse remonte",
        Action.LOWER: "baisse baissez baisser diminue diminuez diminuer réduis réduire descends",
        Action.PLAY: "joue jouez jouer reprends reprendre continue relance relancer remets remettre",
        Action.PAUSE: "pause",
        Action.NEXT: "suivant suivante saute",
        Action.MUTE: "muet sourdine",
        Action.START: "démarre démarrez démarrer lance lancez lancer crée créer commence nettoie nettoyer aspire",
        Action.STOP: "arrête arrêtez arrêter annule annulez annuler stoppe stopper supprime",
        Action.SEND: "renvoie renvoyer envoie retourne retourner ramène rentre ranger range",
        Action.ADD: "ajoute ajoutez ajouter rajoute mets mettre",
        Action.REMOVE: "supprime supprimez supprimer enlève enlever retire retirer annule",
    },
    done={
        Action.ON: "allumé allumée allumés allumées allume activé activée active activer allumage activation allumer"
        " brille brillent",
        Action.OFF: "éteint éteinte éteints éteintes éteins désactivé désactivée coupé coupée désactive fermé fermée"
        " arrêté arrêtée arrête",
        Action.OPEN: "ouvert ouverte ouverts ouvertes ouvre ouverture levé levée levés remonté remontée",
        Action.CLOSE: "fermé fermée fermés fermées ferme fermeture baissé baissés abaissé baisse descendu",
        Action.LOCK: "verrouillé verrouillée verrouillés verrouille",
        Action.UNLOCK: "déverrouillé déverrouillée déverrouille",
        Action.SET: "réglé réglée réglés réglées règle mis mise changé changée ajusté ajustée tamisé défini programme"
        " passe programmé programmée modifié réglage",
        Action.RAISE: "augmenté augmentée augmente monté montée monte",
        Action.LOWER: "baissé baissée baisse diminué diminuée réduit réduite diminue réduis",
        Action.PLAY: "repris reprise reprends lance joue lancé lancée reparti reprend",
        Action.PAUSE: "pause",
        Action.NEXT: "passé suivante suivant",
        Action.MUTE: "sourdine",
        Action.START: "démarré démarrée démarre lancé lancée lance commencé programmé tourne parti",
        Action.STOP: "arrêté arrêtée arrête annulé annulée annule stoppé",
        Action.SEND: "renvoie renvoyé renvoyée retourne retour retourné rentre",
        Action.ADD: "ajouté ajoutée ajoutés ajoutées ajoute noté",
        Action.REMOVE: "supprimé supprimée retiré retirée enlevé supprime annulé",
    },
    carriers="mets mettez mettre",
    carried="mis mets",
    particles={
        Action.ON: "marche route",
        Action.PAUSE: "pause",
    },
    states={
        Action.ON: "marche actif active",
        Action.SET: "rouge verte vert bleue bleu",
    },
    copulas="est sont reste",
    bare="fait voilà",
    around_bare="c est ok d accord bien sûr qui tout voilà parfait très",
    denials="pas jamais rien aucun aucune déjà encore par depuis hier était étaient peux peut pourrais peuvent toujours"
    " indisponible hors semble sans",
    refusals="pas désolé désolée impossible pu",
    calming="souci problème",
    conditions="si quand lorsque dès",
    promises="vais viens",
    questions="est quel quelle quels quelles qui où quand pourquoi comment combien que qu sont as avez a ont tu il peut"
    " dois",
    requests="peux-tu pouvez-vous pourrais-tu pourriez-vous tu-peux vous-pouvez veux-tu",
    talk="raconte explique écris traduis cherche dis montre décris imagine calcule aide lis chante trouve donne"
    " vérifier dire expliquer raconter montrer chercher trouver vérifie regarde nomme résous résume cite additionne"
    " pense réserve",
    statements="état statut est sont était a ont ai j je il elle nous suis as reste",
    subjects={
        "timer": "minuteur minuterie minuteurs réveil rappel alarme rebours décompte",
        "todo": "liste listes courses",
        "media_player": "volume son lecture film musique vidéo épisode émission chanson",
        "light": "luminosité",
        "climate": "température chauffage",
        "scene": "scène",
        "script": "routine script",
        "": "tout",
    },
    pronouns="le la les l ça cela",
    too="et aussi également",
    glue="maintenant et pour",
    yes="oui ouais s il te vous plaît merci d accord ok vas y fais le bien sûr volontiers",
)
