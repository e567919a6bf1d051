"""The checks, one file per concern. Each takes what it looks at and gives results; none changes anything."""
