"""The proof that a customer can buy: one marked test purchase per shop, by a real browser."""

from verify.purchase.run import buy
from verify.purchase.visit import Terms

__all__ = ["Terms", "buy"]
