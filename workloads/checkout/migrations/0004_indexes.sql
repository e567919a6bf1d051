-- Apart from the columns, whose lock would keep readers out for as long as an index is built.
CREATE INDEX orders_owed ON orders (updated_at) WHERE status IN ('paid', 'partially_refunded');
CREATE INDEX stripe_events_with_payload ON stripe_events (processed_at)
    WHERE payload <> '{}' AND outcome NOT IN ('unmatched', 'review');
