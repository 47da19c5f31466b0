"""The texts of error responses (problem documents): for each code, what happened and what to do next (M15).

A text depends on the code only. If it depended on the cause, a stranger could learn whether an account exists (R-01).
"""

import re
from typing import Final

from shared.messages.words import LANGUAGES, Language

_Text = tuple[str, str]

_PROBLEMS: Final[dict[str, dict[Language, _Text]]] = {
    "bad_input": {
        "en": ("Some information is missing or is in the wrong format", "Check what you entered and try again."),
        "fr": ("Une information manque ou son format est incorrect", "Vérifiez votre saisie, puis réessayez."),
    },
    "too_large": {
        "en": ("The request is too large", "Send less data in one request."),
        "fr": ("La requête est trop volumineuse", "Envoyez moins de données en une seule requête."),
    },
    "unsupported_content": {
        "en": (
            "This content type is not supported",
            "Send the request as JSON in UTF-8, with the content type application/json.",
        ),
        "fr": (
            "Ce type de contenu n'est pas pris en charge",
            "Envoyez la requête en JSON, en UTF-8, avec le type application/json.",
        ),
    },
    "not_accepted": {
        "en": (
            "What you entered is wrong or no longer accepted",
            "Check what you entered. If it is correct, it may have expired or already been used.",
        ),
        "fr": (
            "Votre saisie est incorrecte ou n'est plus acceptée",
            "Vérifiez votre saisie. Si elle est correcte, elle a peut-être expiré ou déjà été utilisée.",
        ),
    },
    "no_tries_left": {
        "en": (
            "You have used every try",
            "This method takes no more answers now. Use another method, or start again.",
        ),
        "fr": (
            "Vous avez utilisé tous vos essais",
            "Cette méthode n'accepte plus de réponse pour le moment. Utilisez-en une autre ou recommencez.",
        ),
    },
    "sign_in_again": {
        "en": (
            "Sign in again",
            "You signed in too long ago to change your sign-in methods. Sign in again, then make the change.",
        ),
        "fr": (
            "Reconnectez-vous",
            "Votre connexion est trop ancienne pour modifier vos moyens d'identification. Reconnectez-vous.",
        ),
    },
    "proof_required": {
        "en": (
            "Confirm that it is you",
            "Before you change your sign-in methods, prove who you are with one that you already use.",
        ),
        "fr": (
            "Confirmez votre identité",
            "Avant de modifier vos moyens d'identification, utilisez l'un de ceux que vous avez déjà.",
        ),
    },
    "frozen": {
        "en": (
            "Self-service is stopped for your account",
            "A change was reported as not made by you. Only an administrator can start it again.",
        ),
        "fr": (
            "Le libre-service est suspendu pour votre compte",
            "Un changement a été signalé comme n'étant pas de vous. Seul un administrateur peut le rétablir.",
        ),
    },
    "not_allowed": {
        "en": (
            "You do not have permission to do this",
            "Your account does not have the required role. Contact your administrator.",
        ),
        "fr": (
            "Vous n'avez pas l'autorisation d'effectuer cette action",
            "Votre compte n'a pas le rôle nécessaire. Contactez votre administrateur.",
        ),
    },
    "origin_refused": {
        "en": ("This page cannot use the service", "Open the service at the address that your organisation gave you."),
        "fr": (
            "Cette page ne peut pas utiliser le service",
            "Ouvrez le service à l'adresse indiquée par votre organisation.",
        ),
    },
    "not_found": {
        "en": ("This is not available", "Check the address, or go back to the start page."),
        "fr": ("Cette ressource n'est pas disponible", "Vérifiez l'adresse ou revenez à la page d'accueil."),
    },
    "bot_check_required": {
        "en": (
            "Solve the check to continue",
            "There were many attempts. Your device must do a short computation first; the page does it for you.",
        ),
        "fr": (
            "Une vérification est nécessaire pour continuer",
            "Les tentatives ont été nombreuses. Votre appareil doit effectuer un court calcul ; la page s'en charge.",
        ),
    },
    "limited": {
        "en": (
            "Too many attempts",
            "Wait until the limit ends, then try again. The response says how long, and what else helps.",
        ),
        "fr": (
            "Trop de tentatives",
            "Attendez la fin de la limite, puis réessayez. La réponse indique la durée et ce qui peut aider.",
        ),
    },
    "password_refused": {
        "en": ("You cannot use this password", "Choose another password. The rules that it does not meet are listed."),
        "fr": (
            "Ce mot de passe ne peut pas être utilisé",
            "Choisissez-en un autre. Les règles qu'il ne respecte pas sont indiquées.",
        ),
    },
    "try_again": {
        "en": ("The request could not be completed", "Nothing has changed. Try again in a few moments."),
        "fr": ("La demande n'a pas abouti", "Rien n'a été modifié. Réessayez dans quelques instants."),
    },
    "under_way": {
        "en": (
            "Your new password is being saved",
            "You have already sent it. Wait a few seconds, then send the same password again to see the result.",
        ),
        "fr": (
            "Votre nouveau mot de passe est en cours d'enregistrement",
            "Vous l'avez déjà envoyé. Patientez quelques secondes, puis renvoyez le même pour connaître le résultat.",
        ),
    },
    "outcome_unknown": {
        "en": (
            "We do not know whether your new password was saved",
            "Try to sign in with the new password, then with the old one. If neither works, start again.",
        ),
        "fr": (
            "Nous ne savons pas si votre nouveau mot de passe a été enregistré",
            "Connectez-vous avec le nouveau mot de passe ou avec l'ancien. Si aucun ne fonctionne, recommencez.",
        ),
    },
    "internal": {
        "en": (
            "There is a problem with the service",
            "Try again later. If the problem continues, contact your helpdesk.",
        ),
        "fr": (
            "Le service rencontre un problème",
            "Réessayez plus tard. Si le problème persiste, contactez votre service d'assistance.",
        ),
    },
}

_LONGEST_HEADER: Final = 200  # characters; the header of a browser has a few tens
_RANGE: Final = re.compile(r"([A-Za-z]{2})(?:-[A-Za-z0-9-]+)?(?:;q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?", re.ASCII)


def problem_text(code: str, language: Language) -> tuple[str, str]:
    """Return the title and the detail for a code; those of `internal` for an unknown code."""
    return _PROBLEMS.get(code, _PROBLEMS["internal"])[language]


def language_from(accept_language: str | None) -> Language:
    """Return the supported language that the header prefers (RFC 9110 section 12.5.4), otherwise English."""
    best, best_weight = LANGUAGES[0], 0.0
    for part in (accept_language or "")[:_LONGEST_HEADER].split(","):
        read = _RANGE.fullmatch("".join(part.split()))
        language = next((ours for ours in LANGUAGES if read and read.group(1).lower() == ours), None)
        weight = float(read.group(2) or 1) if read else 0.0
        if language and weight > best_weight:
            best, best_weight = language, weight
    return best
