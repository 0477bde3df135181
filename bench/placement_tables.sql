-- A yardstick that stays the same while the shop's own tables grow.
CREATE TABLE p_stock (id int PRIMARY KEY, on_hand int NOT NULL, reserved int NOT NULL, price bigint NOT NULL,
    CHECK (reserved BETWEEN 0 AND on_hand));
CREATE TABLE p_checkout (id bigserial PRIMARY KEY, session uuid NOT NULL, status text NOT NULL, total bigint NOT NULL);
CREATE INDEX ON p_checkout (session);
CREATE TABLE p_line (id bigserial PRIMARY KEY, checkout_id bigint NOT NULL REFERENCES p_checkout,
    variant_id int NOT NULL REFERENCES p_stock, quantity int NOT NULL);
CREATE INDEX ON p_line (checkout_id);
CREATE TABLE p_order (id bigserial PRIMARY KEY, source text NOT NULL UNIQUE, email text NOT NULL, status text NOT NULL,
    address jsonb NOT NULL, total bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE p_order_line (id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES p_order,
    variant_id int NOT NULL, name text NOT NULL, amount bigint NOT NULL, quantity int NOT NULL);
CREATE INDEX ON p_order_line (order_id);
CREATE TABLE p_payment (id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES p_order,
    key uuid NOT NULL UNIQUE, status text NOT NULL, amount bigint NOT NULL);
CREATE INDEX ON p_payment (order_id);
CREATE TABLE p_event (id bigserial PRIMARY KEY, name text NOT NULL, payload jsonb NOT NULL, key text NOT NULL UNIQUE);
INSERT INTO p_stock SELECT n, 100000000, 0, 2499 FROM generate_series(1, 100) n;
INSERT INTO p_checkout (session, status, total) SELECT gen_random_uuid(), 'active', 2499 FROM generate_series(1, 1000);
INSERT INTO p_line (checkout_id, variant_id, quantity) SELECT n, 1 + n % 100, 1 FROM generate_series(1, 1000) n;
ANALYZE;
