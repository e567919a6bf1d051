"""Cloudflare's resource types: their tokens, and the fields by which one names itself or another.

The tokens are those of pulumi-cloudflare 6.23.1, with the names that version 5 had and version 6 keeps as aliases.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policies.resources import Resource
from policies.values import UNKNOWN, scalar


def _token(name: str) -> str:
    return f"cloudflare:index/{name[0].lower()}{name[1:]}:{name}"


D1_DATABASE: Final = _token("D1Database")
R2_BUCKET: Final = _token("R2Bucket")
R2_BUCKET_CORS: Final = _token("R2BucketCors")
R2_BUCKET_EVENT_NOTIFICATION: Final = _token("R2BucketEventNotification")
R2_BUCKET_LIFECYCLE: Final = _token("R2BucketLifecycle")
R2_BUCKET_LOCK: Final = _token("R2BucketLock")
R2_BUCKET_SIPPY: Final = _token("R2BucketSippy")
R2_CUSTOM_DOMAIN: Final = _token("R2CustomDomain")
R2_MANAGED_DOMAIN: Final = _token("R2ManagedDomain")
KV_NAMESPACE: Final = _token("WorkersKvNamespace")
KV_PAIR: Final = _token("WorkersKv")
QUEUE: Final = _token("Queue")
QUEUE_CONSUMER: Final = _token("QueueConsumer")
HYPERDRIVE: Final = _token("HyperdriveConfig")
WORKER: Final = _token("Worker")
WORKER_VERSION: Final = _token("WorkerVersion")
WORKERS_SCRIPT: Final = _token("WorkersScript")
WORKERS_DEPLOYMENT: Final = _token("WorkersDeployment")
WORKERS_CRON_TRIGGER: Final = _token("WorkersCronTrigger")
WORKERS_CUSTOM_DOMAIN: Final = _token("WorkersCustomDomain")
WORKERS_ROUTE: Final = _token("WorkersRoute")
WORKERS_SCRIPT_SUBDOMAIN: Final = _token("WorkersScriptSubdomain")
WORKFLOW: Final = _token("Workflow")
PAGES_DOMAIN: Final = _token("PagesDomain")
DNS_RECORD: Final = _token("DnsRecord")
ZONE: Final = _token("Zone")

OLD_NAMES: Final = {
    _token("WorkerScript"): WORKERS_SCRIPT,
    _token("WorkerCronTrigger"): WORKERS_CRON_TRIGGER,
    _token("WorkerDomain"): WORKERS_CUSTOM_DOMAIN,
    _token("Record"): DNS_RECORD,
}
"""Types of version 5 that version 6 still takes, and what they are called now."""
GONE_NAMES: Final = {_token("WorkerRoute"): WORKERS_ROUTE}
"""Types of version 5 that version 6 has not."""

NO_KUBERNETES: Final = {"": frozenset({""})}
"""The ``kinds`` of a rule about whatever is no Kubernetes object."""
WORKERS: Final = (WORKER, WORKERS_SCRIPT)
"""The types that make a Worker of a name."""
CODE: Final = (WORKERS_SCRIPT, WORKER_VERSION)
"""The types that carry a Worker's code and bindings."""
STORES: Final = {D1_DATABASE: "D1 database", R2_BUCKET: "R2 bucket", KV_NAMESPACE: "KV namespace", QUEUE: "queue"}
"""The types that hold what nobody can make again, as people call them."""

BUCKET_PARTS: Final = (
    R2_BUCKET_CORS,
    R2_BUCKET_EVENT_NOTIFICATION,
    R2_BUCKET_LIFECYCLE,
    R2_BUCKET_LOCK,
    R2_BUCKET_SIPPY,
    R2_CUSTOM_DOMAIN,
    R2_MANAGED_DOMAIN,
)
"""The types that set something for a bucket that they name."""

NAME_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    D1_DATABASE: ("name",),
    R2_BUCKET: ("name",),
    KV_NAMESPACE: ("title",),
    QUEUE: ("queueName", "name"),
    HYPERDRIVE: ("name",),
    WORKER: ("name",),
    WORKERS_SCRIPT: ("scriptName", "name"),
    WORKFLOW: ("workflowName",),
    ZONE: ("name", "zone"),
}
"""Where a resource says its physical name; the second is version 5's."""


def type_of(resource: Resource) -> str:
    """Give the token of a resource as it is called now."""
    return OLD_NAMES.get(resource.type) or GONE_NAMES.get(resource.type) or resource.type


def field(resource: Resource, *names: str) -> tuple[str, object]:
    """Give the first of ``names`` that is set, and its single value; the first name and None where none is."""
    for name in names:
        value = scalar(resource.inputs, name)
        if value is not None:
            return name, value
    return names[0], None


def text(resource: Resource, *names: str) -> str | None:
    """Give the first of ``names`` that is set, as text; None when it is anything else, or unknown."""
    _, value = field(resource, *names)
    return value if isinstance(value, str) and value else None


def name_of(resource: Resource) -> tuple[str, object]:
    """Give the field that names a resource at Cloudflare, and the name, which may be unknown."""
    return field(resource, *NAME_FIELDS.get(type_of(resource), ("name",)))


def identifier_of(resource: Resource) -> str | None:
    """Give the id that Cloudflare gave a resource, where the input has it: a state, or the outputs of an update."""
    if resource.identifier:
        return resource.identifier
    return text(resource, "uuid", "id")


def account_of(resource: Resource) -> object:
    """Give the account; the provider's own where none is written, and UNKNOWN where nobody knows."""
    value = scalar(resource.inputs, "accountId")
    return value if value is UNKNOWN or isinstance(value, str) else None
