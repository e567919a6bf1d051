"""The templates of Traefik's syntax v2, ``{name:expression}`` in hosts, paths and queries, as mux reads them."""

from __future__ import annotations

from policies.patterns import PatternError, compile_pattern


def problem(template: str) -> str | None:
    """Say why mux refuses a template; None when it takes it (mux, regexp.go, newRouteRegexp)."""
    variables = _variables(template)
    if variables is None:
        return "has braces that do not pair"
    for variable in variables:
        name, colon, expression = variable.partition(":")
        if not name or (colon and not expression):
            return f"has no name or no expression in {{{variable}}}"
        try:
            compile_pattern(f"^{expression}$")
            compile_pattern(f"(?P<v>{expression})")
        except PatternError as error:
            return f"is no regular expression of Go in {{{variable}}}: {error}"
    return None


def _variables(template: str) -> list[str] | None:
    """Give what stands in the outer braces; None when they do not pair."""
    found: list[str] = []
    level = start = 0
    for position, char in enumerate(template):
        if char == "{":
            level += 1
            start = position + 1 if level == 1 else start
        elif char == "}":
            level -= 1
            if level == 0:
                found.append(template[start:position])
        if level < 0:
            return None
    return None if level else found
