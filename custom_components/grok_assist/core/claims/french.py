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
        Action.PAUSE: "pause mettre",
        Action.NEXT: "suivant suivante saute",
        Action.MUTE: "muet sourdine",
        Action.START: "démarre démarrez démarrer lance lancez lancer crée créer commence nettoie nettoyer aspire",
        Action.STOP: "arrête arrêtez arrêter annule annulez annuler stoppe stopper supprime",
        Action.SEND: "renvoie renvoyer envoie retourne retourner ramène rentre ranger range",
        Action.ADD: "ajoute ajoutez ajouter rajoute mets mettre",
        Action.REMOVE: "supprime supprimez supprimer enlève enlever retire retirer annule",
    },
    done={
        Action.ON: "allume active activer allumage activation allumer allum- activ- démarr- lanc- démarrage mise"
        " rallum- brille brillent",
        Action.OFF: "éteint éteinte éteints éteintes éteins désactive fermé fermée désactiv- coup- arrêt- extinction"
        " désactivation arrêt éteindre coupure débranch- arrête",
        Action.OPEN: "ouvert ouverte ouverts ouvertes ouvre ouverture lev- remont- soulev- soulève relev- ouvrir",
        Action.CLOSE: "ferme fermeture baisse descendu ferm- baiss- abaiss- abaisse abaissement fermer",
        Action.LOCK: "verrouille verrouill- sécuris- sécurise verrouillage",
        Action.UNLOCK: "déverrouille déverrouill- déverrouillage",
        Action.SET: "règle mis mise défini programme régl- chang- ajust- modifi- tamis- réglage changement ajustement"
        " éclaircis passe programmé programmée",
        Action.RAISE: "augmente monté montée monte augment- augmentation",
        Action.LOWER: "baisse réduit réduite diminue réduis baiss- diminu- réduction diminution abaissement",
        Action.PLAY: "repris reprise reprends lance joue reparti reprend relance démarr- lanc-",
        Action.PAUSE: "pause",
        Action.NEXT: "passé suivante suivant",
        Action.MUTE: "sourdine",
        Action.START: "démarre lance commencé programmé tourne parti démarr- démarrage lanc- lancement",
        Action.STOP: "arrête annule arrêt- annul- arrêt annulation stopp-",
        Action.SEND: "renvoie retourne retour rentre renvoy- retourn- rentr-",
        Action.ADD: "ajoute ajout- ajout not-",
        Action.REMOVE: "supprime annulé supprim- retir- enlev- suppression",
    },
    endings="é ée és ées",
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
    statements="état statut est sont était a ont ai j je nous suis as reste avons avez",
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
