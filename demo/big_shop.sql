-- A year of a shop of any size, the newest rows last. Statements end with a semicolon at the end of a line.
INSERT INTO carts_cart (public_id, door, status, currency, email, phone, full_name, created_at, updated_at,
    last_activity_at, first_abandoned_at, abandoned_at, bought_at, is_followed_up, language, abandoned_amount,
    payment_link_salt)
SELECT gen_random_uuid(), 'shop', status, CASE WHEN n %% 20 = 0 THEN 'EUR' ELSE 'USD' END,
    'shopper' || n || '@example.com', '', 'Ada Andersen', at, at, at,
    CASE WHEN status <> 'converted' THEN at END, CASE WHEN status <> 'converted' THEN at END,
    CASE WHEN status IN ('converted', 'recovered') THEN at + interval '2 hours' END, true, 'en',
    CASE WHEN status <> 'converted' THEN 2000 + n %% 5000 ELSE 0 END, ''
FROM (
    SELECT n, now() - interval '1 hour' - (interval '365 days' * (%(carts)s - n)) / %(carts)s AS at,
        (ARRAY['converted', 'recovered', 'expired', 'converted', 'abandoned'])[1 + n %% 5] AS status
    FROM generate_series(1, %(carts)s) n
) numbered
ORDER BY n;

INSERT INTO carts_cartline (cart_id, variant_id, quantity, created_at, updated_at)
SELECT id, %(variant)s, 1 + id %% 3, created_at, created_at FROM carts_cart;

-- On one cart in fifty-one something was refused, and on one in three of the last thirty days, so that a page of them is
-- full in a small shop, too: numbers that meet carts of every status.
INSERT INTO carts_refusal (cart_id, kind, code, subject, reason, times, first_at, last_at)
SELECT id, kind, CASE kind WHEN 'discount' THEN 'discount_invalid' WHEN 'stock' THEN 'not_enough_stock'
    ELSE 'shipping_method_not_found' END,
    CASE kind WHEN 'discount' THEN 'SUMMER' WHEN 'stock' THEN 'MUG' ELSE 'NO' END,
    CASE kind WHEN 'discount' THEN 'unknown' ELSE '' END, 1 + id %% 3, created_at, created_at + interval '1 minute'
FROM (
    SELECT id, created_at, (ARRAY['discount', 'stock', 'discount', 'shipping'])[1 + id / 51 %% 4] AS kind
    FROM carts_cart WHERE id %% 51 = 0 OR (id %% 3 = 0 AND created_at > now() - interval '30 days')
) met
ORDER BY id;

-- One in each cart as long as there are carts: accepted where the cart was bought, else canceled unpaid.
INSERT INTO orders_order (public_id, source, number, status, cart_id, person, buyer, reference, takes_parts, email,
    phone, full_name, shipping_address, billing_address, shipping_method_name, discount_code, currency, items_amount,
    discount_amount, shipping_amount, tax_amount, total_amount, captured_amount, refunded_amount, surplus_amount,
    created_at, updated_at, expires_at, accepted_at, canceled_at, shipped_at, fulfilled_at, carrier, tracking_number,
    language)
SELECT gen_random_uuid(), 'big:' || n, CASE WHEN is_paid THEN 'ORD-1999-' || n END,
    CASE WHEN is_paid THEN 'accepted' ELSE 'canceled' END, cart_id, CASE WHEN is_paid THEN md5(email) ELSE '' END, '',
    '', false, email, '', 'Ada Andersen',
    '{"city": "Springfield", "country": "US"}', '{}', 'Standard', CASE WHEN off > 0 THEN %(code)s ELSE '' END,
    currency, amount, off, 599, 0, amount - off + 599, CASE WHEN is_paid THEN amount - off + 599 ELSE 0 END, 0, 0, at, at, at + interval '1 hour',
    CASE WHEN is_paid THEN at END, CASE WHEN NOT is_paid THEN at END, sent_at, sent_at, '', '', 'en'
FROM (
    SELECT n, c.id AS cart_id, COALESCE(c.currency, 'USD') AS currency, 2000 + n %% 5000 AS amount,
        CASE WHEN n %% 20 = 0 THEN 100 ELSE 0 END AS off, COALESCE(c.email, 'buyer' || n || '@example.com') AS email,
        COALESCE(c.status IN ('converted', 'recovered'), true) AS is_paid,
        now() - interval '1 hour' - (interval '365 days' * (%(orders)s - n)) / %(orders)s AS at
    FROM generate_series(1, %(orders)s) n
    LEFT JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place FROM carts_cart) c ON c.place = n
) numbered,
LATERAL (SELECT CASE WHEN is_paid AND n %% 50 > 0 AND at < now() - interval '1 day' THEN at + interval '1 day' END
    AS sent_at) sending
ORDER BY n;

INSERT INTO orders_orderline (order_id, product_id, variant_id, product_name, variant_name, sku, unit_amount, quantity,
    discount_amount, weight_grams, customization)
SELECT id, 1, %(variant)s, 'Mug', 'One size', 'MUG', items_amount, 1, discount_amount, 300, '{}' FROM orders_order;

INSERT INTO checkouts_checkout (session_key, cart_id, status, shipping_address, billing_address, buyer,
    payment_provider, shown_total_amount, order_id, completed_by, created_at, updated_at, expires_at, completed_at)
SELECT gen_random_uuid(), cart_id, CASE WHEN accepted_at IS NULL THEN 'expired' ELSE 'completed' END, shipping_address,
    '{}', '', 'stripe', total_amount, id, '', created_at, created_at, expires_at, accepted_at
FROM orders_order WHERE cart_id IS NOT NULL ORDER BY id;

INSERT INTO payments_payment (public_id, order_id, provider, gateway, gateway_reference, idempotency_key, instrument,
    is_reported, status, currency, amount, captured_amount, refunded_amount, surplus_amount, decline_code, message,
    action_url, redirect_url, client_subject, card_subject, disowned_word, created_at, updated_at, asked_at,
    times_asked)
SELECT gen_random_uuid(), id, 'stripe', 'test', 'big_ref_' || id, 'big_key_' || id, '', false,
    CASE WHEN accepted_at IS NULL THEN 'declined' ELSE 'captured' END, currency, total_amount, captured_amount,
    CASE WHEN id %% 50 = 0 THEN captured_amount / 2 ELSE 0 END, 0, '', '', '', '', '', '', '', created_at, created_at,
    created_at, 1
FROM orders_order ORDER BY id;

-- The timeline: of five rows two are of the payment's trail, one an event, one a mail, one an act of staff.
INSERT INTO payments_paymententry (payment_id, at, heard_from, outcome, status_before, status_after, captured_amount,
    refunded_amount, note)
SELECT p.id, p.created_at, 'answer', p.status, 'created', p.status, p.captured_amount, 0, ''
FROM generate_series(1, %(timeline)s * 2 / 5) n
JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place FROM payments_payment) p
    ON p.place = 1 + (n - 1) %% %(orders)s;

INSERT INTO payments_gatewayevent (gateway, event_id, type, reference, payment_key, payment_id, status, outcome, raw,
    created_at, received_at, done_at)
SELECT 'stripe', 'big_evt_' || n, 'payment_intent.succeeded', p.gateway_reference, '', p.id, 'done',
    'The gateway was asked.', NULL, p.created_at, p.created_at, p.created_at
FROM generate_series(1, %(timeline)s / 5) n
JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place FROM payments_payment) p
    ON p.place = 1 + (n - 1) %% %(orders)s
ORDER BY n;

INSERT INTO recovery_enrolment (cart_id, sequence_id, person, spell_at, is_held_out, drawn_percent, compared_at,
    created_at, due_at, waits_for, decided_delay_seconds, origin_at, ended_at, ended_because)
SELECT id, %(sequence)s, md5(email), abandoned_at, id %% 10 = 0, 10, abandoned_at, abandoned_at, abandoned_at, '',
    86400, abandoned_at, abandoned_at + interval '1 day', ''
FROM carts_cart WHERE abandoned_at IS NOT NULL ORDER BY id;

INSERT INTO recovery_message (public_id, enrolment_id, step_id, person, outcome, reason, decided_at, finished_at,
    attempts, error, subject, language)
SELECT gen_random_uuid(), e.id, step.id, e.person, CASE WHEN is_held_out THEN 'skipped' ELSE 'sent' END,
    CASE WHEN is_held_out THEN 'holdout' ELSE '' END, e.spell_at + interval '1 second' * step.delay_seconds / 24,
    e.spell_at, 1, '', CASE WHEN is_held_out THEN '' ELSE 'Your cart' END, 'en'
FROM recovery_enrolment e JOIN recovery_step step ON step.sequence_id = e.sequence_id
WHERE e.spell_at < now() - interval '5 hours'
ORDER BY e.id, step.id LIMIT %(timeline)s / 5;

INSERT INTO recovery_recoverylink (token_hash, cart_id, message_id, told_amounts, created_at, expires_at)
SELECT 'big_' || m.id, e.cart_id, m.id, '{}', m.decided_at, m.decided_at + interval '30 days'
FROM recovery_message m JOIN recovery_enrolment e ON e.id = m.enrolment_id WHERE m.outcome = 'sent' AND m.id %% 8 = 0;

INSERT INTO recovery_click (link_id, at)
SELECT id, created_at + interval '10 minutes' FROM recovery_recoverylink;

INSERT INTO django_admin_log (action_time, user_id, content_type_id, object_id, object_repr, action_flag,
    change_message)
SELECT o.created_at, %(user)s, %(content_type)s, o.id, o.number, 2, 'Looked at.'
FROM generate_series(1, %(timeline)s / 5) n
JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place FROM orders_order) o ON o.place = 1 + (n - 1) %% %(orders)s
WHERE o.number IS NOT NULL;
