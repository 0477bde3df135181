"""What a merchant writes into a mail, with placeholders in braces, and the few sentences the mail adds by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError

# What each stands for; shown beside the form.
PLACEHOLDERS = {
    "name": "their name; without one the blank before it goes, too",
    "shop": "the shop's name",
    "amount": "what the things in the cart come to",
    "pieces": "how many pieces are in the cart",
    "code": "the discount code (steps that give one)",
    "discount": "what the code gives, like 10 % or $5.00 (steps that give one)",
    "until": "the day the code ends (steps that give one)",
}
OF_A_CODE = ("code", "discount", "until")
_PLACE = re.compile(r"( ?)\{([^{}]*)\}")


def check(text: str, *, gives_a_code: bool) -> None:
    """Raises ValidationError for a placeholder nobody fills in."""
    for _, name in _PLACE.findall(text):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise ValidationError(f"{{{name}}} stands for nothing. There are {known}.")
        if name in OF_A_CODE and not gives_a_code:
            raise ValidationError(f"{{{name}}} is for a step that gives a code.")


def fill(text: str, values: Mapping[str, str]) -> str:
    """An empty value takes the blank before it along: "Hello {name}," without a name is "Hello,"."""

    def put(found: re.Match[str]) -> str:
        value = values.get(found[2], "")
        return found[1] + value if value else ""

    return _PLACE.sub(put, text)


def paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if part.strip()]


# --- the mail's own sentences, by language --------------------------------------------------------
_WORDS = {
    "en": {
        "back": "Back to my cart",
        "code": "Your code {code}: {discount} off until {until}. The button applies it.",
        "changes": "Prices and stock are those of this moment; the shop shows today's.",
        "why": "You get this mail because you left these things in your cart at {shop}.",
        "unsubscribe": "No more mails like this",
        "total": "Together",
    },
    "de": {
        "back": "Zurück zu meinem Warenkorb",
        "code": "Ihr Code {code}: {discount} Rabatt bis {until}. Der Knopf löst ihn ein.",
        "changes": "Preise und Bestand gelten für diesen Moment; der Shop zeigt die heutigen.",
        "why": "Sie bekommen diese E-Mail, weil Sie diese Dinge bei {shop} im Warenkorb gelassen haben.",
        "unsubscribe": "Keine solchen E-Mails mehr",
        "total": "Zusammen",
    },
    "da": {
        "back": "Tilbage til min kurv",
        "code": "Din kode {code}: {discount} rabat til og med {until}. Knappen indløser den.",
        "changes": "Priser og lager gælder lige nu; butikken viser dagens.",
        "why": "Du får denne mail, fordi du lod disse ting ligge i kurven hos {shop}.",
        "unsubscribe": "Ikke flere mails som denne",
        "total": "I alt",
    },
    "fr": {
        "back": "Revenir à mon panier",
        "code": "Votre code {code} : {discount} de remise jusqu'au {until}. Le bouton l'applique.",
        "changes": "Prix et stock sont ceux de cet instant ; la boutique affiche ceux du jour.",
        "why": "Vous recevez ce message car vous avez laissé ces articles dans votre panier chez {shop}.",
        "unsubscribe": "Ne plus recevoir ces messages",
        "total": "Total",
    },
    "es": {
        "back": "Volver a mi carrito",
        "code": "Su código {code}: {discount} de descuento hasta el {until}. El botón lo aplica.",
        "changes": "Los precios y las existencias son los de este momento; la tienda muestra los de hoy.",
        "why": "Recibe este correo porque dejó estos artículos en su carrito de {shop}.",
        "unsubscribe": "No recibir más correos así",
        "total": "Total",
    },
}
LANGUAGES = tuple(_WORDS)


def words(language: str) -> dict[str, str]:
    """The sentences in this language (`de-AT` is `de`), in English where we have none."""
    return _WORDS.get(language.replace("_", "-").partition("-")[0].lower(), _WORDS["en"])
