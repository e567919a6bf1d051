"""The operator: the ``flotilla`` command, one verb a file."""
