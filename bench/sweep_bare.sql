UPDATE carts_cart SET status = 'abandoned', abandoned_at = last_activity_at + interval '1 second' * %(idle)s,
    first_abandoned_at = last_activity_at + interval '1 second' * %(idle)s, abandoned_amount = 4998, language = 'en',
    is_followed_up = false, updated_at = now()
WHERE status = 'active' AND email <> '' AND last_activity_at <= now() - interval '1 second' * %(idle)s;
