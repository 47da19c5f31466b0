"""The texts of problem documents: for every code a title and a detail that says what a person can do next (M15).

Texts are the same whatever the cause, because the cause is not for strangers (R-01).
"""

import re
from typing import Final

from shared.messages.words import LANGUAGES, Language

_Text = tuple[str, str]

_PROBLEMS: Final[dict[str, dict[Language, _Text]]] = {
    "bad_input": {
        "en": ("Something is missing or malformed", "Check what you entered and try again."),
        "fr": ("Il manque quelque chose ou la forme est incorrecte", "Vérifiez votre saisie et réessayez."),
    },
    "too_large": {
        "en": ("This is too much at once", "Send less in one request."),
        "fr": ("C'est trop à la fois", "Envoyez moins de données en une seule requête."),
    },
    "unsupported_content": {
        "en": ("This content is not supported", "Requests are JSON in UTF-8, sent as application/json."),
        "fr": ("Ce contenu n'est pas pris en charge", "Les requêtes sont en JSON et en UTF-8 (application/json)."),
    },
    "not_accepted": {
        "en": (
            "Wrong, or no longer accepted",
            "Check what you entered. If it is right, it may have expired or been used: start again.",
        ),
        "fr": (
            "Incorrect, ou plus accepté",
            "Vérifiez votre saisie. Si elle est juste, elle a peut-être expiré ou déjà servi : recommencez.",
        ),
    },
    "sign_in_again": {
        "en": (
            "Please sign in again",
            "You signed in a while ago. Changing how you prove who you are needs it afresh.",
        ),
        "fr": (
            "Veuillez vous reconnecter",
            "Votre connexion date. Il faut la renouveler pour modifier vos moyens de vous identifier.",
        ),
    },
    "not_allowed": {
        "en": ("You may not do this", "It needs a role that your account does not have. Ask an administrator."),
        "fr": ("Vous n'avez pas ce droit", "Il faut un rôle que votre compte n'a pas. Demandez à un administrateur."),
    },
    "origin_refused": {
        "en": ("This page may not use the service", "Open the service at the address your organisation gave you."),
        "fr": (
            "Cette page ne peut pas utiliser le service",
            "Ouvrez le service à l'adresse donnée par votre organisation.",
        ),
    },
    "not_found": {
        "en": ("There is nothing here", "Check the address, or go back to the start."),
        "fr": ("Il n'y a rien ici", "Vérifiez l'adresse ou revenez au début."),
    },
    "limited": {
        "en": ("Too often in a short time", "Wait a little, then try again."),
        "fr": ("Trop souvent en peu de temps", "Patientez un peu, puis réessayez."),
    },
    "password_refused": {
        "en": ("This password cannot be used", "Choose another one. The rules that it breaks are listed."),
        "fr": ("Ce mot de passe ne convient pas", "Choisissez-en un autre. Les règles enfreintes sont indiquées."),
    },
    "try_again": {
        "en": ("It did not work this time", "Nothing was changed and nothing is lost. Try again in a moment."),
        "fr": ("Cela n'a pas marché cette fois", "Rien n'a changé, rien n'est perdu. Réessayez dans un instant."),
    },
    "outcome_unknown": {
        "en": (
            "Your new password may or may not be set",
            "Try to sign in with the new password, then with the old one. If neither works, start again.",
        ),
        "fr": (
            "Votre nouveau mot de passe est peut-être enregistré, ou non",
            "Essayez de vous connecter avec le nouveau, puis avec l'ancien. Si aucun ne marche, recommencez.",
        ),
    },
    "internal": {
        "en": ("Something went wrong on our side", "Try again later. If it stays so, tell your helpdesk."),
        "fr": ("Une erreur s'est produite chez nous", "Réessayez plus tard. Si cela dure, prévenez votre assistance."),
    },
}

_LONGEST_HEADER: Final = 200  # characters; browsers send a few tens
_RANGE: Final = re.compile(r"([A-Za-z]{2})(?:-[A-Za-z0-9-]+)?(?:;q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?", re.ASCII)


def problem_text(code: str, language: Language) -> tuple[str, str]:
    """Return title and detail for a code; the texts of `internal` for one that has none."""
    return _PROBLEMS.get(code, _PROBLEMS["internal"])[language]


def language_from(accept_language: str | None) -> Language:
    """Return the language of ours that the header prefers (RFC 9110 section 12.5.4); else English."""
    best, best_weight = LANGUAGES[0], 0.0
    for part in (accept_language or "")[:_LONGEST_HEADER].split(","):
        read = _RANGE.fullmatch("".join(part.split()))
        language = next((ours for ours in LANGUAGES if read and read.group(1).lower() == ours), None)
        weight = float(read.group(2) or 1) if read else 0.0
        if language and weight > best_weight:
            best, best_weight = language, weight
    return best
