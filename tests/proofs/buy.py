"""Run inside a shop of its own: buys T-shirts and prints the Message-IDs that the confirmations must have."""

import json
import sys

from checkouts import services
from checkouts.completion import PaymentChoice, complete
from common.addresses import clean
from demo import catalog
from orders.mails import confirmation_id

ADDRESS = clean({"address_line1": "1 Mill Lane", "city": "Springfield", "postal_code": "62704", "country": "US"})


def buy(number: int) -> str:
    session = services.add_item(None, product_id=42, variant_id=7, quantity=1).checkout.session_key
    services.set_shipping_address(session, ADDRESS)
    services.set_customer(session, email=f"shopper{number}@example.com", phone="", full_name="A Shopper")
    services.set_shipping_method(session, 1)
    bought = complete(session, choice=PaymentChoice(provider="test", instrument="tok_visa"))
    return confirmation_id(bought.order)


def buy_many(count: int) -> None:
    catalog.load()
    sys.stdout.write(json.dumps([buy(number) for number in range(count)]))
