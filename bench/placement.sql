\set checkout random(1, 1000)
\set variant 1 + :checkout % 100
BEGIN;
SELECT id, status, total FROM p_checkout WHERE id = :checkout FOR NO KEY UPDATE;
SELECT l.id, l.quantity, s.price FROM p_line l JOIN p_stock s ON s.id = l.variant_id WHERE l.checkout_id = :checkout;
SELECT on_hand, reserved FROM p_stock WHERE id = :variant FOR NO KEY UPDATE;
UPDATE p_stock SET on_hand = on_hand - 1 WHERE id = :variant;
INSERT INTO p_order (source, email, status, address, total) VALUES (gen_random_uuid()::text, 'customer@example.com', 'accepted', '{"city": "Springfield", "country": "US"}', 2499) RETURNING id AS order_id \gset
INSERT INTO p_order_line (order_id, variant_id, name, amount, quantity) VALUES (:order_id, :variant, 'Organic Cotton T-Shirt', 2499, 1);
INSERT INTO p_payment (order_id, key, status, amount) VALUES (:order_id, gen_random_uuid(), 'captured', 2499);
INSERT INTO p_event (name, payload, key) VALUES ('order.accepted', '{"order": 1}', 'order.accepted:' || :order_id);
UPDATE p_checkout SET total = 2499 WHERE id = :checkout;
COMMIT;
