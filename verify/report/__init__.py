"""Reports: a run in, text out; each format a pure function."""
