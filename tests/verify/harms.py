"""What can go wrong in a living fleet: each does one harm to it."""

from __future__ import annotations

import copy
from typing import Any

from tests.verify.living import Living

Raw = dict[str, Any]


def crash(living: Living) -> None:
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}
    living.pods("hero")[0]["status"]["containerStatuses"][0] |= {"ready": False, "state": {"waiting": waiting}}


def not_ready(living: Living) -> None:
    living.pods("hero")[0]["status"]["containerStatuses"][0]["ready"] = False


def pending(living: Living) -> None:
    condition = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}
    living.pods("hero")[0]["status"] = {"phase": "Pending", "conditions": [condition]}


def out_of_memory(living: Living) -> None:
    living.pods("hero")[0]["status"]["containerStatuses"][0]["lastState"] = {"terminated": {"reason": "OOMKilled"}}


def killed_again_and_again(living: Living) -> None:
    status = living.pods("hero")[0]["status"]["containerStatuses"][0]
    status |= {
        "restartCount": 5,
        "lastState": {"terminated": {"reason": "Error", "finishedAt": "2026-11-26T06:50:00Z"}},
    }


def too_few(living: Living) -> None:
    living.find("Deployment", "checkout")["spec"]["replicas"] = 5


def scaled_to_nothing(living: Living) -> None:
    living.find("Deployment", "checkout-canary")["spec"]["replicas"] = 0
    living.find("Deployment", "checkout-canary")["status"] = {}
    living.objects = [one for one in living.objects if one["metadata"]["name"] != "checkout-canary-0"]


def no_deployment(living: Living) -> None:
    living.remove("Deployment", "checkout-canary")


def gone(living: Living) -> None:
    living.objects = [one for one in living.objects if one not in living.pods("hero")]


def other_selector(living: Living) -> None:
    living.find("Service", "storefront-hero")["spec"]["selector"] = {"app": "heroes"}


def other_port(living: Living) -> None:
    living.find("Service", "storefront-hero")["spec"]["ports"][0]["targetPort"] = 3004


def slice_without_ports(living: Living) -> None:
    living.find("EndpointSlice", "storefront-hero-x")["ports"] = []


def no_service(living: Living) -> None:
    living.remove("Service", "storefront-hero")


def dead_group(living: Living) -> None:
    living.find("IngressRoute", "storefront-hero")["apiVersion"] = "traefik.containo.us/v1alpha1"


def two_routes(living: Living) -> None:
    second = copy.deepcopy(living.find("IngressRoute", "storefront-hero"))
    second["metadata"]["name"] = "left-over"
    living.objects.append(second)


def two_routes_the_other_way_round(living: Living) -> None:
    two_routes(living)
    living.objects.insert(0, living.objects.pop())


def other_route_port(living: Living) -> None:
    living.find("IngressRoute", "storefront-hero")["spec"]["routes"][0]["services"][0]["port"] = 3000


def other_probe(living: Living) -> None:
    crash(living)
    (pod,) = living.pods("hero")
    pod["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "storefront-hero-5d9c"}]
    pod["spec"]["containers"][0]["livenessProbe"]["httpGet"]["port"] = 3006


def no_route(living: Living) -> None:
    living.remove("IngressRoute", "storefront-hero")


def no_middleware(living: Living) -> None:
    route = living.find("IngressRoute", "storefront-hero")
    route["spec"]["routes"][0]["middlewares"].append({"name": "compress"})


def stale(living: Living) -> None:
    living.pods("checkout")[0]["status"]["containerStatuses"][0]["imageID"] = "checkout@sha256:" + "b" * 64


def other_image(living: Living) -> None:
    living.pods("hero")[0]["spec"]["containers"][0]["image"] = "storefront:2.2.9"


def other_split(living: Living) -> None:
    living.find("TraefikService", "checkout")["spec"]["weighted"]["services"][0]["weight"] = 100


def node_down(living: Living) -> None:
    living.find("Node", "one")["status"]["conditions"][0]["status"] = "Unknown"


def node_full(living: Living) -> None:
    living.find("Node", "one")["status"]["conditions"][1]["status"] = "True"


def near_the_limit(living: Living) -> None:
    pod = living.pods("checkout")[0]
    limit = pod["spec"]["containers"][0]["resources"]["limits"]["memory"]
    living.usage = {pod["metadata"]["name"]: {"checkout": limit}}


def unbound(living: Living) -> None:
    living.all("PersistentVolumeClaim")[0]["status"]["phase"] = "Pending"


def failed_backup(living: Living) -> None:
    living.find("CronJob", "database-backup")["status"]["lastSuccessfulTime"] = "2026-11-25T07:00:00Z"


def suspended(living: Living) -> None:
    living.find("CronJob", "checkout-reconcile")["spec"]["suspend"] = True


def never_started(living: Living) -> None:
    living.find("CronJob", "checkout-reconcile")["status"] = {}


def last_year(living: Living) -> None:
    status = {"lastScheduleTime": "2025-11-26T02:17:00Z", "lastSuccessfulTime": "2025-11-26T02:18:00Z"}
    living.find("CronJob", "database-backup")["status"] = status
    living.find("CronJob", "database-backup")["metadata"]["creationTimestamp"] = "2025-01-01T00:00:00Z"


def running_for_ever(living: Living) -> None:
    status = living.find("CronJob", "checkout-reconcile")["status"]
    status |= {"lastScheduleTime": "2026-11-26T05:00:00Z", "lastSuccessfulTime": "2026-11-26T04:55:09Z"}
    status["active"] = [{"name": "checkout-reconcile-1"}]


def no_node(living: Living) -> None:
    living.remove("Node", "one")


def no_claim(living: Living) -> None:
    living.remove("PersistentVolumeClaim", "database-backups")


def no_policy(living: Living) -> None:
    living.objects = [one for one in living.objects if one["kind"] != "NetworkPolicy"]
