"""Fields exist, have their type, and hold what the API server takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from policies.conformity import issues
from policies.findings import Level, Rule, Scope, Violation
from policies.issues import Problem
from policies.resources import COMPLETED, Resource

_VALIDATION: Final = "https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation"
_CONVENTIONS: Final = (
    "https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md"
)
_LACKS: Final = (Problem.MISSING, Problem.FRAGMENT)


def _judge(*problems: Problem) -> Callable[[Resource], Iterator[Violation]]:
    def judge(resource: Resource) -> Iterator[Violation]:
        for issue in issues(resource):
            if issue.problem in problems and not (issue.problem in _LACKS and COMPLETED in resource.derived):
                yield Violation(resource, issue.path, issue.message)

    return judge


EXISTS = Rule(
    code="FLT-FIELD-001",
    name="field-exists",
    title="A field is one that its kind has, written where it has it",
    why="The API server drops a field that it does not know, or refuses the object: what was meant never happens.",
    source=_VALIDATION,
    remediation="Write the field as `kubectl explain` spells it, and at the place where it belongs.",
    scope=Scope.RESOURCE,
    judge=_judge(Problem.UNKNOWN),
)
TYPE = Rule(
    code="FLT-FIELD-002",
    name="value-has-the-type-of-its-field",
    title="A value has the type of its field: text in quotes, numbers and true or false without",
    why="The API server cannot read the object and refuses it whole.",
    source=_CONVENTIONS,
    remediation="Quote what is text, as in an environment variable, a label or an annotation; do not quote a number or "
    "true and false.",
    scope=Scope.RESOURCE,
    judge=_judge(Problem.TYPE),
    general=True,
)
MISSING = Rule(
    code="FLT-FIELD-003",
    name="required-field-is-there",
    title="A field that must be there is there",
    why="The API server refuses the object.",
    source=_CONVENTIONS,
    remediation="Add the field; `kubectl explain` says what it holds.",
    scope=Scope.RESOURCE,
    judge=_judge(Problem.MISSING),
    general=True,
)
WHOLE = Rule(
    code="FLT-FIELD-011",
    name="object-is-whole",
    title="An object has all its required fields, unless it is a patch of one that has",
    why="Alone the object is refused by the API server; laid over a whole one it may be right.",
    source=_CONVENTIONS,
    remediation="Add the fields, or check the patched object instead of the patch.",
    scope=Scope.RESOURCE,
    judge=_judge(Problem.FRAGMENT),
    level=Level.ADVISORY,
    general=True,
)
CHOICE = Rule(
    code="FLT-FIELD-004",
    name="choice-is-one-of-the-allowed",
    title="A field with a fixed choice holds one of it, in its own spelling",
    why="The API server refuses the object; capital letters count.",
    source=_CONVENTIONS,
    remediation="Write one of the values named, exactly so.",
    scope=Scope.RESOURCE,
    judge=_judge(Problem.CHOICE),
    general=True,
)
VALUE = Rule(
    code="FLT-FIELD-005",
    name="value-is-allowed",
    title="A value is within the bounds and the pattern of its field, and fits the fields beside it",
    why="The API server refuses the object.",
    source=_CONVENTIONS,
    remediation="Correct the value, or remove the field that may not stand beside another.",
    scope=Scope.RESOURCE,
    judge=_judge(Problem.VALUE),
    general=True,
)
REPEATED = Rule(
    code="FLT-FIELD-006",
    name="list-entry-is-written-once",
    title="Containers, volumes, mounts and the like have names and places of their own",
    why="The API server refuses two entries of one name, since it could not tell them apart.",
    source="https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy",
    remediation="Remove one of the two, or give it a name or path of its own.",
    scope=Scope.RESOURCE,
    judge=_judge(Problem.REPEATED),
    general=True,
)
SHADOWED = Rule(
    code="FLT-FIELD-007",
    name="variable-is-set-once",
    title="An environment variable is set once in a container",
    why="The last one counts and the first is ignored; server-side apply, which Pulumi uses, refuses both.",
    source="https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy",
    remediation="Remove the entry that is not meant.",
    scope=Scope.RESOURCE,
    judge=_judge(Problem.SHADOWED),
    level=Level.ADVISORY,
)
DEPRECATED = Rule(
    code="FLT-FIELD-010",
    name="field-is-not-deprecated",
    title="A custom resource has no field that its project has given up",
    why="The next major version no longer reads the field, and some are read no more today: what it says is lost.",
    source="https://doc.traefik.io/traefik/migrate/v2-to-v3-details/",
    remediation="Write what the project's migration guide names instead; `kubectl explain` of the field says it too.",
    scope=Scope.RESOURCE,
    judge=_judge(Problem.DEPRECATED),
    level=Level.ADVISORY,
)

RULES = (EXISTS, TYPE, MISSING, WHOLE, CHOICE, VALUE, REPEATED, SHADOWED, DEPRECATED)
