"""Kubernetes' structured merge, server-side apply and patches as pure functions.

What kube-apiserver does between a request and storage: which fields an object has (`typed`), who owns them
(`fieldset`, `managed`), what an apply makes of them (`apply`), and the two merge patches (`strategic`, `mergepatch`).
All of it is steered by a `schema.SchemaNode`, compiled from the OpenAPI v3 that a server publishes. Held to the real
kube-apiserver 1.37 by ``tests/contract/structured``. Source of the rules: KEP-555 and structured-merge-diff v6.
"""
