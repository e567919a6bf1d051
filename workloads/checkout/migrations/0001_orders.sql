-- An order stands here before anything is asked of Stripe, with all that its calls are made of: a call that is
-- repeated after a crash must be the same call.
CREATE TABLE orders (
    id              uuid PRIMARY KEY,
    client_key      text NOT NULL UNIQUE,
    variant         text NOT NULL,
    sku             text NOT NULL,
    product         text NOT NULL,
    quantity        integer NOT NULL CHECK (quantity > 0),
    amount          bigint NOT NULL CHECK (amount >= 0),
    currency        text NOT NULL,
    origin          text NOT NULL,
    correlation_id  text NOT NULL,
    test            boolean NOT NULL,
    status          text NOT NULL DEFAULT 'created' CHECK (status IN (
                        'created', 'checkout_open', 'expired', 'failed', 'paid', 'fulfilled',
                        'partially_refunded', 'disputed', 'refunded')),
    attempt         integer NOT NULL DEFAULT 1,
    stripe_key      text NOT NULL UNIQUE,
    session_id      text UNIQUE,
    session_url     text,
    payment_intent  text UNIQUE,
    expires_at      timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX orders_unfinished ON orders (created_at) WHERE status IN ('created', 'checkout_open', 'paid');

-- What Stripe said, once each: the row and its effect are one transaction.
CREATE TABLE stripe_events (
    event_id      text PRIMARY KEY,
    type          text NOT NULL,
    created       timestamptz NOT NULL,
    payload       jsonb NOT NULL,
    order_id      uuid REFERENCES orders,
    outcome       text NOT NULL DEFAULT 'claimed',
    processed_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stripe_events_unmatched ON stripe_events (created) WHERE outcome = 'unmatched';

-- The goods are handed out once: the key says so, whoever asks.
CREATE TABLE fulfilments (
    order_id    uuid PRIMARY KEY REFERENCES orders,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- What a person must look at; nothing is ever deleted or guessed.
CREATE TABLE reviews (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL,
    object_id    text NOT NULL,
    order_id     uuid REFERENCES orders,
    detail       text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    resolved_at  timestamptz,
    UNIQUE (kind, object_id)
);
