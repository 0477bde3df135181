"""The demo shop's ninety days: who came, what reminders they got, what became of their carts, and its rows."""
