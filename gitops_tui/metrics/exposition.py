"""Families as Prometheus reads them, over ``GET /metrics``; and ``/healthz``.

``prometheus_client`` writes the format (escaping, OpenMetrics by the request's ``Accept``); what it would collect of
this process by itself is not wanted, so the registry is our own, made anew for each request: it holds no state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from gitops_tui.listener.route import Answer, Request, Route
from gitops_tui.model.measure import Family, Labels, MeasureKind, Spread

METRICS = "/metrics"
HEALTH = "/healthz"


def routes(families: Callable[[], Iterable[Family]], is_alive: Callable[[], bool]) -> dict[str, Route]:
    """``is_alive``: whether the core still works; said by /healthz."""

    def metrics(request: Request) -> Answer:
        encode, content_type = choose_encoder(request.header("accept"))
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(families))
        return Answer(200, encode(registry), content_type)

    def health(_: Request) -> Answer:
        return Answer.text(200, "ok") if is_alive() else Answer.text(503, "not working")

    methods = ("GET", "HEAD")
    return {METRICS: Route(methods, metrics, 0), HEALTH: Route(methods, health, 0)}


class _Collector:
    def __init__(self, families: Callable[[], Iterable[Family]]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        for family in self._families():
            yield _metric(family)

    def describe(self) -> list[Metric]:
        """Nothing beforehand: `collect` is asked once, when it is wanted."""
        return []


def _metric(family: Family) -> Metric:
    if family.kind is MeasureKind.HISTOGRAM:
        return _histogram(family)
    name = family.name.removesuffix("_total") if family.kind is MeasureKind.COUNTER else family.name
    kind = CounterMetricFamily if family.kind is MeasureKind.COUNTER else GaugeMetricFamily
    found = kind(name, family.help, labels=family.labels)
    for labels, value in family.samples:
        assert not isinstance(value, Spread)
        found.add_metric(_clean(labels), value)
    return found


def _histogram(family: Family) -> Metric:
    """Prometheus' buckets each hold what the smaller ones hold."""
    found = HistogramMetricFamily(family.name, family.help, labels=family.labels)
    for labels, value in family.samples:
        assert isinstance(value, Spread)
        buckets, total = [], 0
        for bound, number in zip(value.bounds, value.counts, strict=True):
            total += number
            buckets.append((str(bound), float(total)))
        buckets.append(("+Inf", float(value.count)))
        found.add_metric(_clean(labels), buckets=buckets, sum_value=value.total_s)
    return found


def _clean(labels: Labels) -> list[str]:
    """What no UTF-8 can say (half of a surrogate pair) would end the whole answer."""
    return [one.encode("utf-8", "replace").decode() for one in labels]
