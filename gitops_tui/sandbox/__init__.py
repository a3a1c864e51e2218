"""The embedded cluster: a Kubernetes API server in Python, on loopback, for the demo and for a newcomer's tests.

A request's path: `apiserver` (HTTP) -> `auth` -> `route` -> `reading` | `writing` | `deletion` -> `storage`.
Controllers and the demo's seed use the same verbs in-process, through `store.Store`. It is held to the real thing
by ``tests/contract``, whose assertions pass on a real kube-apiserver too.
"""
