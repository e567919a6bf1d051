"""Credentials in plain sight: known by their shape, by the name they stand under, or by the form around them.

Pure text in, ``Credential`` out; nothing here knows a resource. A message never contains ``Credential.value``.
"""
