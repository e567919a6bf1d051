"""The rules: what must hold for every resource of a fleet, whatever the program that made it does."""
