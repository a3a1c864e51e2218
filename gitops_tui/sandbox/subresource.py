"""``scale``, ``log`` and ``eviction``: what hangs on an object besides its status."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_tui.errors import NotFound
from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.sandbox import failure, patches
from gitops_tui.sandbox.http import Answer, Request, Stream
from gitops_tui.sandbox.options import DeleteOptions, WriteOptions, is_true, write_options
from gitops_tui.sandbox.patches import Patch, apply_patch
from gitops_tui.sandbox.pod_log import LogQuery
from gitops_tui.sandbox.route import Target
from gitops_tui.sandbox.scale import scale_of, scaled
from gitops_tui.sandbox.store import Store

Response = Answer | Stream
_TEXT = "text/plain"


class Subresources:
    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, target: Target, request: Request) -> Response:
        live = self._store.writer.live(target.kind, target.namespace, target.name)
        if target.subresource == "scale":
            return Answer.of(scale_of(target.kind, live))
        if target.subresource == "log":
            return self._log(live, target, request)
        raise failure.method_not_allowed()

    def post(self, target: Target, request: Request) -> Response:
        if target.subresource != "eviction":
            raise failure.method_not_allowed()
        body = request.json_body("Eviction")
        grace = (body.get("deleteOptions") or {}).get("gracePeriodSeconds")
        options = DeleteOptions(propagation="Background", grace_s=grace)
        self._store.deleter.delete(target.kind, target.namespace, target.name, options)
        return Answer.of({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)

    def put(self, target: Target, request: Request) -> Response:
        if target.subresource != "scale":
            raise failure.method_not_allowed()
        options = write_options(request.query, request.user_agent, "UpdateOptions")
        with self._store.storage.lock:
            live = self._store.writer.live(target.kind, target.namespace, target.name)
            return self._scale(target, live, request.json_body("Scale"), options)

    def patch(self, target: Target, patch: Patch, options: WriteOptions) -> Response:
        if target.subresource != "scale":
            raise failure.method_not_allowed()
        if patch.type not in (patches.JSON, patches.MERGE, patches.STRATEGIC):
            raise failure.unsupported_media_type()
        with self._store.storage.lock:
            live = self._store.writer.live(target.kind, target.namespace, target.name)
            # A Scale has no lists: a strategic merge patch of it is a merge patch.
            plain = Patch(patches.MERGE, patch.body) if patch.type == patches.STRATEGIC else patch
            wanted = apply_patch(plain, scale_of(target.kind, live), None, is_custom=True)
            return self._scale(target, live, wanted, options)

    def _scale(self, target: Target, live: Object, wanted: Object, options: WriteOptions) -> Answer:
        new = scaled(target.kind, live, wanted)
        updated = self._store.writer.update(target.kind, target.namespace, target.name, new, options, "scale")
        return Answer.of(scale_of(target.kind, updated))

    # --- logs
    def _log(self, pod: Object, target: Target, request: Request) -> Stream:
        container = _container(pod, request.query.get("container", ""))
        query = _log_query(request.query)
        key = (target.namespace, target.name, container)
        if query.previous and not self._store.logs.has_previous(*key):
            text = f'previous terminated container "{container}" in pod "{target.name}" not found'
            raise failure.bad_request(text)
        _require_started(pod, container)
        uid = metadata_of(pod)["uid"]
        lines = self._store.logs.read(key, query, lambda: self._is_alive(target, uid))
        return Stream(_encoded(lines), _TEXT)

    def _is_alive(self, target: Target, uid: str) -> bool:
        try:
            live = self._store.writer.live(target.kind, target.namespace, target.name)
        except NotFound:
            return False
        is_running = (live.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
        return metadata_of(live)["uid"] == uid and is_running


def _encoded(lines: Iterator[str]) -> Iterator[bytes]:
    return (line.encode("utf-8", "surrogatepass") for line in lines)


def _container(pod: Object, wanted: str) -> str:
    """The container that is meant; raises `Invalid` (400) where that is not clear or there is none."""
    spec, name = pod.get("spec") or {}, metadata_of(pod).get("name")
    names = [str(one.get("name")) for one in spec.get("containers") or ()]
    inits = [str(one.get("name")) for one in spec.get("initContainers") or ()]
    if not wanted and len(names) == 1:
        return names[0]
    if not wanted:
        text = f"a container name must be specified for pod {name}, choose one of: [{' '.join(names)}]"
        raise failure.bad_request(text)
    if wanted not in names + inits:
        raise failure.bad_request(f"container {wanted} is not valid for pod {name}")
    return wanted


def _require_started(pod: Object, container: str) -> None:
    status, name = pod.get("status") or {}, metadata_of(pod).get("name")
    found = [*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())]
    state = next(((one.get("state") or {}) for one in found if one.get("name") == container), {})
    waiting = state.get("waiting")
    if waiting is not None and waiting.get("reason") in ("ImagePullBackOff", "ErrImagePull", "ContainerCreating"):
        reason = waiting["reason"]
        why = "trying and failing to pull image" if "Image" in reason or "ErrImage" in reason else reason
        text = f'container "{container}" in pod "{name}" is waiting to start: {why}'
        raise failure.bad_request(text)


def _log_query(query: dict[str, str]) -> LogQuery:
    def number(name: str) -> int | None:
        return int(query[name]) if query.get(name, "").isdigit() else None

    return LogQuery(
        follow=is_true(query.get("follow", "")),
        previous=is_true(query.get("previous", "")),
        timestamps=is_true(query.get("timestamps", "")),
        tail=number("tailLines"),
        since_s=number("sinceSeconds"),
        limit_bytes=number("limitBytes"),
    )
