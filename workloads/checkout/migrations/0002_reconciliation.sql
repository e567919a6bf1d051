-- Where the reconciliation stands in Stripe's events, and what each run found.
CREATE TABLE reconcile_cursor (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    event_id  text NOT NULL
);
CREATE TABLE reconcile_runs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at   timestamptz NOT NULL,
    finished_at  timestamptz NOT NULL DEFAULT now(),
    findings     jsonb NOT NULL
);
