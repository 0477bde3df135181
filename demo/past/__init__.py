"""The demo shop's ninety days: who came, what recovery mails they got, what became of their carts, and its rows."""
