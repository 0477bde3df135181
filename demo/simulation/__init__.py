"""A shop that never was, to see whether recovery mails keep their four rules: `manage.py simulate_recovery`.

plan, people, script   who does what when: drawn from a seed
clock, turns           hour by hour, shoppers and senders at the same moment; two days without senders in between
acts                   what shoppers do, by the shop's own services
mail_server            takes, refuses and breaks; keeps its own log
ledger                 the database's own log, by triggers: purchases, suppressions, claims
checks                 the four rules, from the two logs alone
controls               the engine with one eye shut: then the checks must find something
house                  a database of its own, thrown away afterwards
"""
