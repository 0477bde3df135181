-- What the sweep and the bare statement did is undone: the same carts are due again.
UPDATE carts_cart SET status = 'active', abandoned_at = NULL, first_abandoned_at = NULL, abandoned_amount = 0,
    last_activity_at = now() - interval '1 second' * (%(idle)s + 60) - id * interval '1 microsecond'
WHERE id %% %(every)s = 0 AND id > %(before)s;
