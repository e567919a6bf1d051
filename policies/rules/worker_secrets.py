"""Workers get their credentials as secrets, which nobody can read back; plain variables and code can be read."""

from __future__ import annotations

from collections.abc import Iterator

from policies.credentials.places import Place
from policies.credentials.texts import in_file, in_value
from policies.findings import Rule, Scope, Violation
from policies.resources import Resource
from policies.worker_texts import WorkerText, plain_texts


def _judge(resource: Resource) -> Iterator[Violation]:
    for one in plain_texts(resource):
        found = in_file(_file(one), one.text) if one.is_code else tuple(in_value(one.name, one.text))[:1]
        where = f"in the code of {one.name}" if one.is_code else f"in variable {one.name}"
        for message in dict.fromkeys(_message(Place(one.path, where, credential)) for credential in found):
            yield Violation(resource, one.path, message)


def _file(one: WorkerText) -> str:
    return one.name if "." in one.name else "worker.js"


def _message(place: Place) -> str:
    return f"holds {place.found.noun} in plain text, {place.shown}"


IN_WORKERS = Rule(
    code="FLT-SECRET-004",
    name="no-credential-in-a-worker",
    title="A Worker's credentials are bindings of type secret_text",
    why="The dashboard and the API show plain variables and code, and state and repository keep them.",
    source="https://developers.cloudflare.com/workers/configuration/secrets/",
    remediation="Bind it as secret_text from a Pulumi secret, and change the credential: it is known now.",
    scope=Scope.RESOURCE,
    judge=_judge,
    kinds={"": frozenset({""})},
)

RULES = (IN_WORKERS,)
