"""What each request does: discovery, objects, subresources. Raises `ApiError`; `apiserver` turns it into a Status."""

from __future__ import annotations

from collections.abc import Callable

from gitops_tui.errors import Gone
from gitops_tui.model.resource import Object, metadata_of, namespace_of
from gitops_tui.sandbox import auth, discovery, failure, patches
from gitops_tui.sandbox.deletion import Deleter
from gitops_tui.sandbox.http import Answer, Request, Stream, wanted_form
from gitops_tui.sandbox.openapi import OpenApi
from gitops_tui.sandbox.options import (
    ListOptions,
    WriteOptions,
    delete_options,
    list_options,
    require_manager,
    write_options,
)
from gitops_tui.sandbox.patches import Patch, check_name
from gitops_tui.sandbox.present import Presenter, error_event
from gitops_tui.sandbox.registry import ResourceType
from gitops_tui.sandbox.route import Target, resolve
from gitops_tui.sandbox.storage import encode
from gitops_tui.sandbox.store import Store
from gitops_tui.sandbox.subresource import Subresources

Response = Answer | Stream
_HEALTH = ("/healthz", "/livez", "/readyz")


class Endpoint:
    """Thread-safe: the store is."""

    def __init__(self, store: Store, address: str) -> None:
        self._store = store
        self._address = address
        self._openapi = OpenApi(store.registry)
        self._subresources = Subresources(store)
        self._deleter: Deleter = store.deleter
        self._methods: dict[str, Callable[[Target, Request], Response]] = {
            "GET": self._get,
            "POST": self._post,
            "PUT": self._put,
            "PATCH": self._patch,
            "DELETE": self._delete,
        }

    def handle(self, request: Request) -> Response:
        found = self._about(request)
        if found is not None:
            return found
        if not request.path.startswith(("/api/", "/apis/")) or request.path.count("/") < 3:
            return Answer(b"404 page not found\n", 404, "text/plain; charset=utf-8")
        target = resolve(self._store.registry, request.path)
        is_watch = list_options(request.query).is_watch
        auth.require(request.user, target.attributes(request.method, is_watch=is_watch))
        if not target.kind.is_stored:
            return self._question(target.kind, request)
        method = self._methods.get(request.method)
        if method is None:
            raise failure.method_not_allowed()
        return method(target, request)

    # --- the server itself
    def _about(self, request: Request) -> Answer | None:
        path = request.path.rstrip("/")
        if request.method not in ("GET", "HEAD"):
            return None
        if path.startswith(_HEALTH):
            return Answer(b"ok", 200, "text/plain; charset=utf-8")
        if path == "/version":
            return Answer.of(discovery.VERSION)
        if request.user is auth.ANONYMOUS:
            auth_path = f'User "{request.user.name}" cannot get path "{path or "/"}"'
            raise failure.forbidden(path or "/", "", auth_path)
        if path.startswith("/openapi/v3"):
            return self._openapi_answer(path)
        return self._discovery(request, path)

    def _openapi_answer(self, path: str) -> Answer:
        name = path.removeprefix("/openapi/v3").strip("/")
        if not name:
            return Answer.of(self._openapi.index())
        document = self._openapi.document(name)
        if document is None:
            raise failure.no_such_resource()
        return Answer(document)

    def _discovery(self, request: Request, path: str) -> Answer | None:
        registry = self._store.registry
        parts = path.strip("/").split("/") if path else []
        if not parts:
            return Answer.of(discovery.root_paths(registry))
        if path in ("/api", "/apis") and wanted_form(request.accept) == "APIGroupDiscoveryList":
            body = encode(discovery.aggregated(registry, is_core=path == "/api"))
            return Answer(body, 200, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
        found: Object | None = None
        if path == "/api":
            found = discovery.core_versions(self._address)
        elif path == "/apis":
            found = discovery.group_list(registry)
        elif parts[0] == "api" and len(parts) == 2:
            found = discovery.resource_list(registry, "", parts[1])
        elif parts[0] == "apis" and len(parts) == 2:
            found = discovery.group(registry, parts[1])
        elif parts[0] == "apis" and len(parts) == 3:
            found = discovery.resource_list(registry, parts[1], parts[2])
        else:
            return None
        if found is None:
            raise failure.no_such_resource()
        return Answer.of(found)

    def _question(self, kind: ResourceType, request: Request) -> Answer:
        if request.method != "POST":
            raise failure.method_not_allowed()
        question = {"apiVersion": kind.api_version, **request.json_body(kind.kind)}
        return Answer.of(auth.answer_question(request.user, kind.kind, question), 201)

    # --- objects
    def _presenter(self, target: Target, request: Request) -> Presenter:
        form = wanted_form(request.accept)
        return Presenter(target.kind, form, request.query.get("includeObject", ""), self._store.now())

    def _get(self, target: Target, request: Request) -> Response:
        if target.subresource not in ("", "status"):
            return self._subresources.get(target, request)
        asked = list_options(request.query)
        present = self._presenter(target, request)
        if asked.is_watch:
            return self._watch(target, asked, present)
        if target.name:
            return present.object(self._store.writer.live(target.kind, target.namespace, target.name))
        return present.page(self._store.reader.page(target.kind, target.namespace, asked))

    def _watch(self, target: Target, asked: ListOptions, present: Presenter) -> Stream:
        if target.name:
            fields = f"metadata.name={target.name}"
            asked = ListOptions(fields=fields, version=asked.version, is_watch=True, timeout_s=asked.timeout_s)
        try:
            watch = self._store.reader.watch(target.kind, target.namespace, asked)
        except Gone as error:
            return Stream(iter([error_event(error)]))
        return Stream(present.events(iter(watch), self._store.now), close=watch.close)

    def _post(self, target: Target, request: Request) -> Response:
        if target.subresource:
            return self._subresources.post(target, request)
        if target.name:
            raise failure.method_not_allowed()
        options = write_options(request.query, request.user_agent, "CreateOptions")
        obj = _envelope(target, request)
        created = self._store.writer.create(target.kind, target.namespace, obj, options)
        return self._presenter(target, request).object(created, 201, tuple(options.warnings))

    def _put(self, target: Target, request: Request) -> Response:
        if not target.name:
            raise failure.method_not_allowed()
        if target.subresource not in ("", "status", "finalize"):
            return self._subresources.put(target, request)
        options = write_options(request.query, request.user_agent, "UpdateOptions")
        obj = _envelope(target, request)
        check_name(obj, "", target.name)
        updated = self._store.writer.update(
            target.kind, target.namespace, target.name, obj, options, target.subresource
        )
        return self._presenter(target, request).object(updated, 200, tuple(options.warnings))

    def _patch(self, target: Target, request: Request) -> Response:
        if not target.name:
            raise failure.method_not_allowed()
        patch = read_patch(request)
        options = patch_options(patch, request)
        if target.subresource not in ("", "status"):
            return self._subresources.patch(target, patch, options)
        patched, is_new = self._store.writer.patch(
            target.kind, target.namespace, target.name, patch, options, target.subresource
        )
        return self._presenter(target, request).object(patched, 201 if is_new else 200, tuple(options.warnings))

    def _delete(self, target: Target, request: Request) -> Response:
        body = request.json_body("DeleteOptions") if request.body else None
        options = delete_options(request.query, body)
        if target.name:
            answer, _ = self._deleter.delete(target.kind, target.namespace, target.name, options)
            return Answer.of(answer)
        asked = list_options(request.query)
        page = self._store.reader.page(target.kind, target.namespace, asked)
        for record in page.records:
            obj = record.obj
            self._deleter.delete(target.kind, namespace_of(obj), metadata_of(obj)["name"], options)
        return self._presenter(target, request).page(page)


def read_patch(request: Request) -> Patch:
    if request.content_type not in patches.TYPES:
        raise failure.unsupported_media_type()
    return Patch(request.content_type, request.body)


def patch_options(patch: Patch, request: Request) -> WriteOptions:
    if patch.is_apply:
        require_manager(request.query)
    return write_options(request.query, request.user_agent, "PatchOptions")


def _envelope(target: Target, request: Request) -> Object:
    """The body, checked against the URL. Raises `Invalid` (400)."""
    kind = target.kind
    obj = request.json_body(kind.kind)
    sent = obj.get("kind") or kind.kind
    version = obj.get("apiVersion") or kind.api_version
    if sent != kind.kind or version != kind.api_version:
        why = f"converting ({version}.{sent}) to ({kind.group or 'core'}.{kind.kind}): unknown conversion"
        sent_version = version.rpartition("/")[2]
        raise failure.bad_request(f'{sent} in version "{sent_version}" cannot be handled as a {kind.kind}: {why}')
    meta = obj.get("metadata")
    if meta is not None and not isinstance(meta, dict):
        raise failure.undecodable(kind.kind, kind.version, "json: cannot unmarshal metadata")
    namespace = metadata_of(obj).get("namespace")
    if namespace and namespace != target.namespace and kind.is_namespaced:
        raise failure.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    return {**obj, "kind": kind.kind, "apiVersion": kind.api_version}
