# ruff: noqa: RUF001  (the pages write typographic quotes, hyphens and spaces)
"""The words of the pages, as people read them: written here once more, so that a lost or changed one breaks a test."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Words:
    """Headings, labels, buttons and messages in one language. `{}` stands for what is filled in."""

    locale: str

    keep_going: str
    confirm: str
    start_again: str

    sign_in_title: str
    identifier: str
    password: str
    sign_in: str

    methods_title: str
    not_enough: str
    enough: str
    finish: str
    ready_title: str

    code_title: str
    code: str
    code_sent_maybe: str

    add_app: str
    add_another_app: str
    replace_app_title: str
    app_name: str
    suggested_name: str
    set_up_title: str
    qr_code: str
    cannot_scan: str
    enter_key_by_hand: str
    scan_elsewhere: str
    open_in_app: str
    copy_key: str
    key_copied: str
    digits_at_set_up: str
    app: str
    app_called: str
    app_confirmed: str
    replace: str
    remove: str
    remove_title: str
    yes_remove: str
    app_removed: str
    no_tries_at_set_up: str
    rests: str

    prove_title: str
    check: str
    email: str
    who_title: str
    first_gate: str
    second_gate: str
    email_me: str
    use_app: str
    digits_title: str
    digits: str
    digits_refused: str
    digits_malformed: str
    costs_no_try: str
    tries_left: str
    one_try_left: str
    no_tries_title: str
    use_another: str

    password_title: str
    new_password: str
    set_password: str
    choose_different: str
    meets_every_rule: str
    password_changed: str


ENGLISH = Words(
    locale="en-GB",
    keep_going="Continue",
    confirm="Confirm",
    start_again="Start again",
    sign_in_title="Sign in to see your methods",
    identifier="User name or work email",
    password="Password",
    sign_in="Sign in",
    methods_title="Your sign-in methods",
    not_enough="You cannot reset your password by yourself yet",
    enough="You can reset your password by yourself.",
    finish="I have finished",
    ready_title="Everything is ready",
    code_title="Enter the code",
    code="Code",
    code_sent_maybe="If this account exists and has this method, we have sent a code.",
    add_app="Add an authenticator app",
    add_another_app="Add another authenticator app",
    replace_app_title="Replace this authenticator app",
    app_name="Name for this app",
    suggested_name="My phone",
    set_up_title="Set up your authenticator app",
    qr_code="QR code for your authenticator app",
    cannot_scan="I cannot scan the QR code",
    enter_key_by_hand="Enter a key by hand",
    scan_elsewhere="Scan a QR code with another phone",
    open_in_app="Open in your app",
    copy_key="Copy the key",
    key_copied="The key is copied.",
    digits_at_set_up="Enter the 6 digits that the app shows",
    app="Authenticator app",
    app_called="Authenticator app “{}”",
    app_confirmed="Authenticator app “{}”: confirmed.",
    replace="Replace: {}",
    remove="Remove: {}",
    remove_title="Remove this method: {}?",
    yes_remove="Yes, remove it",
    app_removed="Authenticator app “{}”: removed.",
    no_tries_at_set_up="You have no tries left",
    rests="For security, you can use it to reset your password from",
    prove_title="First, confirm that it is you",
    check="Confirm again: {}",
    email="Email",
    who_title="What is your user name?",
    first_gate="How do you want to confirm that it is you?",
    second_gate="Confirm with a second method",
    email_me="Email me a code",
    use_app="Use my authenticator app",
    digits_title="Enter the 6 digits that your app shows",
    digits="6 digits",
    digits_refused="The digits are not right, or no longer accepted",
    digits_malformed="Check the digits",
    costs_no_try="This did not use up a try.",
    tries_left="You have {} tries left.",
    one_try_left="You have 1 try left.",
    no_tries_title="You have no tries left with this method",
    use_another="Use another method",
    password_title="Choose a new password",
    new_password="New password",
    set_password="Set the new password",
    choose_different="Choose a different password",
    meets_every_rule="This password meets every rule.",
    password_changed="Your password is changed",
)

FRENCH = Words(
    locale="fr-FR",
    keep_going="Continuer",
    confirm="Confirmer",
    start_again="Recommencer",
    sign_in_title="Connectez-vous pour voir vos moyens d’identification",
    identifier="Identifiant ou e‑mail professionnel",
    password="Mot de passe",
    sign_in="Se connecter",
    methods_title="Vos moyens d’identification",
    not_enough="Vous ne pouvez pas encore réinitialiser vous-même votre mot de passe",
    enough="Vous pouvez réinitialiser vous-même votre mot de passe.",
    finish="J’ai terminé",
    ready_title="Tout est prêt",
    code_title="Saisissez le code",
    code="Code",
    code_sent_maybe="Si ce compte existe et dispose de ce moyen, nous avons envoyé un code.",
    add_app="Ajouter une application d’authentification",
    add_another_app="Ajouter une autre application d’authentification",
    replace_app_title="Remplacer cette application d’authentification",
    app_name="Nom de cette application",
    suggested_name="Mon téléphone",
    set_up_title="Configurez votre application d’authentification",
    qr_code="Code QR pour votre application d’authentification",
    cannot_scan="Je ne peux pas scanner le code QR",
    enter_key_by_hand="Saisir une clé à la main",
    scan_elsewhere="Scanner un code QR avec un autre téléphone",
    open_in_app="Ouvrir dans votre application",
    copy_key="Copier la clé",
    key_copied="La clé est copiée.",
    digits_at_set_up="Saisissez les 6 chiffres affichés par l’application",
    app="Application d’authentification",
    app_called="Application d’authentification « {} »",
    app_confirmed="Confirmation enregistrée : Application d’authentification « {} ».",
    replace="Remplacer : {}",
    remove="Supprimer : {}",
    remove_title="Supprimer ce moyen : {} ?",
    yes_remove="Oui, supprimer",
    app_removed="Suppression effectuée : Application d’authentification « {} ».",
    no_tries_at_set_up="Il ne vous reste aucun essai",
    rests="Par sécurité, vous pourrez l’utiliser pour réinitialiser votre mot de passe à partir du",
    prove_title="Confirmez d’abord votre identité",
    check="Confirmer de nouveau : {}",
    email="E‑mail",
    who_title="Quel est votre identifiant ?",
    first_gate="Comment voulez-vous confirmer votre identité ?",
    second_gate="Confirmez votre identité par un deuxième moyen",
    email_me="Recevoir un code par e‑mail",
    use_app="Utiliser mon application d’authentification",
    digits_title="Saisissez les 6 chiffres affichés par votre application",
    digits="6 chiffres",
    digits_refused="Les chiffres sont faux ou ne sont plus acceptés",
    digits_malformed="Vérifiez les chiffres",
    costs_no_try="Cet envoi n’a pas compté comme un essai.",
    tries_left="Il vous reste {} essais.",
    one_try_left="Il vous reste 1 essai.",
    no_tries_title="Il ne vous reste aucun essai avec ce moyen",
    use_another="Utiliser un autre moyen",
    password_title="Choisissez un nouveau mot de passe",
    new_password="Nouveau mot de passe",
    set_password="Définir le mot de passe",
    choose_different="Choisissez un autre mot de passe",
    meets_every_rule="Ce mot de passe respecte toutes les règles.",
    password_changed="Votre mot de passe est changé",
)
