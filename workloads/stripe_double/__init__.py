"""A double of Stripe for tests and the sandbox: the documented API for what the checkout uses, and faults on demand.

It keeps what it is told, speaks to the official SDK, shows a payment page that works without JavaScript, delivers
signed webhooks with retries, and is as strict as the real one: what Stripe refuses, it refuses. It never sees money.
"""
