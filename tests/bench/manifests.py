"""Manifests as teams write them: triples of a Deployment, its Service and its ConfigMap."""

from __future__ import annotations

from pathlib import Path

TRIPLE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
  labels: {{app.kubernetes.io/name: {name}, team: payments}}
data:
  LOG_FORMAT: json
  REGION: eu-west-1
  application.properties: |
    server.port=8080
    cache.ttl=60
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
  labels: {{app.kubernetes.io/name: {name}, team: payments}}
spec:
  selector: {{app.kubernetes.io/name: {name}}}
  ports:
  - {{name: http, port: 80, targetPort: http}}
  - {{name: metrics, port: 9090, targetPort: 9090}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels: {{app.kubernetes.io/name: {name}, team: payments}}
spec:
  replicas: {replicas}
  selector:
    matchLabels: {{app.kubernetes.io/name: {name}}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: {name}, team: payments}}
      annotations: {{prometheus.io/scrape: "true"}}
    spec:
      containers:
      - name: server
        image: registry.example.com/payments/{name}:1.4.2
        ports:
        - {{name: http, containerPort: 8080}}
        env:
        - {{name: LOG_LEVEL, value: info}}
        - {{name: TIMEOUT, value: 30s}}
        - name: POD_NAME
          valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}
        envFrom:
        - configMapRef: {{name: {name}}}
        resources:
          requests: {{cpu: 100m, memory: 128Mi}}
          limits: {{memory: 256Mi}}
        readinessProbe:
          httpGet: {{path: /ready, port: http}}
          periodSeconds: 5
        volumeMounts:
        - {{name: config, mountPath: /etc/app}}
      volumes:
      - name: config
        configMap: {{name: {name}}}
"""

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {name}
  namespace: {home}
spec:
  project: default
  source: {{repoURL: "{url}", targetRevision: HEAD, path: {path}}}
  destination: {{server: https://kubernetes.default.svc, namespace: {namespace}}}
  syncPolicy:
    {policy}
    syncOptions: [CreateNamespace=true]
"""
AUTOMATED = "automated: {prune: true, selfHeal: true}"


def write_triples(folder: Path, count: int, *, replicas: int = 1) -> None:
    """``3 * count`` objects, a file a triple; their Deployments are ``service-000`` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        name = f"service-{number:03}"
        (folder / f"{name}.yaml").write_text(TRIPLE.format(name=name, replicas=replicas))


def application(name: str, *, url: str, path: str, namespace: str, home: str, automated: bool = False) -> str:
    """An Application manifest; ``home`` is the namespace that it is in itself."""
    policy = AUTOMATED if automated else "{}"
    text = APPLICATION.format(name=name, home=home, url=url, path=path, namespace=namespace, policy=policy)
    return text if automated else text.replace("    {}\n", "")
