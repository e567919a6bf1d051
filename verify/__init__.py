"""The proof: checks of a live fleet, a real browser that buys from every shop, the score and the report."""
