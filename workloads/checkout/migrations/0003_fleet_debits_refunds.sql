-- Whose order it is, where several fleets share one account of Stripe's: kept with the order, since a call that is
-- repeated by another version must be the same call. Whether the buyer has done all, for a bank debit is paid days
-- later. And the attempt that the key of its refund is made of.
ALTER TABLE orders
    ADD COLUMN fleet text,
    ADD COLUMN session_complete boolean NOT NULL DEFAULT false,
    ADD COLUMN refund_attempt integer NOT NULL DEFAULT 1;
