"""The checkout that all shops share: takes orders, has Stripe collect the money, and loses none of them."""
