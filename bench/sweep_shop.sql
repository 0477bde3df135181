-- Carts of every kind, numbered from 1 (whatever the sequence has given out before), of which one in `every` behind the first `before` is due; each holds two pieces; the bought ones have an order, paid.
INSERT INTO carts_cart (id, public_id, door, status, currency, email, phone, full_name, created_at, updated_at,
    last_activity_at, first_abandoned_at, abandoned_at, is_followed_up, language, abandoned_amount, payment_link_salt)
SELECT n, gen_random_uuid(), 'shop',
    CASE WHEN n %% %(every)s = 0 AND n > %(before)s OR n %% 10 < 2 THEN 'active' WHEN n %% 10 < 4 THEN 'converted'
         WHEN n %% 10 < 5 THEN 'recovered' WHEN n %% 10 < 6 THEN 'abandoned' ELSE 'expired' END,
    'USD', 'shopper' || n || '@example.com', '', '', at, at, now(),
    CASE WHEN (n %% %(every)s <> 0 OR n <= %(before)s) AND n %% 10 > 3 THEN at END,
    CASE WHEN (n %% %(every)s <> 0 OR n <= %(before)s) AND n %% 10 > 3 THEN at END, true, 'en', 4998, ''
FROM (SELECT n, now() - interval '1 day' * (n %% 300) AS at FROM generate_series(1, %(carts)s) n) numbers;

INSERT INTO carts_cartline (cart_id, variant_id, quantity, created_at, updated_at)
SELECT id, %(variant)s, 2, now(), now() FROM carts_cart;

INSERT INTO orders_order (public_id, source, number, status, cart_id, person, buyer, reference, takes_parts, email, phone,
    full_name, shipping_address, billing_address, shipping_method_name, discount_code, currency, items_amount,
    discount_amount, shipping_amount, tax_amount, total_amount, captured_amount, refunded_amount, surplus_amount,
    carrier, tracking_number, language, created_at, updated_at, expires_at)
SELECT gen_random_uuid(), 'cart:' || id, 'N-' || id, 'accepted', id, '', '', '', false, email, '', '', '{}', '{}', '', '',
    'USD', 4998, 0, 0, 0, 4998, 4998, 0, 0, '', '', 'en', created_at, created_at, created_at
FROM carts_cart WHERE status IN ('converted', 'recovered');

INSERT INTO payments_payment (public_id, order_id, provider, gateway, gateway_reference, idempotency_key, instrument,
    is_reported, status, currency, amount, captured_amount, refunded_amount, surplus_amount, decline_code, message,
    action_url, redirect_url, client_subject, card_subject, disowned_word, created_at, updated_at, asked_at, times_asked)
SELECT gen_random_uuid(), id, 'test', 'test', 'ref-' || id, 'key-' || id, '', false, 'captured', 'USD', 4998, 4998, 0,
    0, '', '', '', '', '', '', '', created_at, created_at, created_at, 0
FROM orders_order;
