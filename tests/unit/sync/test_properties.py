"""What holds for every sync: its order is total and stable, everything happens once, and it ends."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from gitops_tui.model.annotations import HOOK_FINALIZER
from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.model.status import Health, OperationPhase, SyncPhase
from gitops_tui.sync.machine import Action, Answer, SyncState, Verb
from gitops_tui.sync.ordering import PHASE_ORDER, sort_tasks
from gitops_tui.sync.tasks import SyncTask, make_task
from tests.unit.sync.world import DEGRADED, HEALTHY, NAMESPACE, PROGRESSING, START, World, obj, resumed, settings

KINDS = {
    "ConfigMap": "v1",
    "Namespace": "v1",
    "Secret": "v1",
    "Deployment": "apps/v1",
    "Job": "batch/v1",
    "Widget": "example.com/v1",
}
SYNC_PHASES = (SyncPhase.PRE_SYNC, SyncPhase.SYNC, SyncPhase.POST_SYNC, SyncPhase.SYNC_FAIL)
HOOKS = ("", "", "", "PreSync", "PostSync", "PreSync,PostSync", "SyncFail")
POLICIES = ("", "HookSucceeded", "HookFailed", "BeforeHookCreation")


@st.composite
def objects(draw: st.DrawFn) -> list[Object]:
    """Objects with names of their own, some of them hooks."""
    drawn = draw(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.integers(-2, 2)), max_size=8))
    return [
        obj(
            f"o{number}",
            kind,
            api=KINDS[kind],
            wave=wave,
            namespace="" if kind == "Namespace" else NAMESPACE,
            hook=draw(st.sampled_from(HOOKS)),
            policy=draw(st.sampled_from(POLICIES)),
        )
        for number, (kind, wave) in enumerate(drawn)
    ]


@st.composite
def tasks(draw: st.DrawFn) -> list[SyncTask]:
    phases = st.sampled_from(SYNC_PHASES)
    return [make_task(draw(phases), one, None) for one in draw(objects())]


@given(tasks(), st.randoms(use_true_random=False))
def test_the_order_depends_on_the_tasks_alone(found: list[SyncTask], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert sort_tasks(shuffled) == sort_tasks(found)


@given(tasks())
def test_sorting_loses_nothing_and_sorting_again_changes_nothing(found: list[SyncTask]) -> None:
    once = sort_tasks(found)
    assert Counter(one.key for one in once) == Counter(one.key for one in found)
    assert sort_tasks(once) == once


@given(tasks())
def test_phases_come_before_waves(found: list[SyncTask]) -> None:
    places = [(PHASE_ORDER[one.phase], one.wave) for one in sort_tasks(found)]
    assert places == sorted(places)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6, unique=True))
def test_a_namespace_comes_before_what_lives_in_it_whatever_the_waves(waves: list[int]) -> None:
    inner = [make_task(SyncPhase.SYNC, obj(f"o{wave}", wave=wave), None) for wave in waves]
    home = make_task(SyncPhase.SYNC, obj(NAMESPACE, "Namespace", namespace="", wave=5), None)
    assert sort_tasks([*inner, home])[0].key.kind == "Namespace"


def _times(one: Object) -> int:
    hook = (metadata_of(one).get("annotations") or {}).get("argocd.argoproj.io/hook", "Sync")
    return sum(phase != "SyncFail" for phase in hook.split(","))


@effort(deadline=None, max_examples=150)
@given(objects(), st.lists(st.integers(0, 7), max_size=3), st.data())
def test_a_healthy_world_gets_everything_once_and_the_sync_ends(
    targets: list[Object], slow: list[int], data: st.DataObject
) -> None:
    earlier = [one for one in targets if data.draw(st.booleans())]
    extra = [obj(f"old{number}", wave=wave) for number, wave in enumerate(slow)]
    world = World(targets, [*earlier, *extra])
    for number in slow:
        world.health[f"o{number}"] = PROGRESSING

    def heal(_: object) -> None:
        if world.health:
            world.health.pop(next(iter(world.health)))

    state = world.sync(settings(prune=True), heal, limit=60)
    assert state.phase is OperationPhase.SUCCEEDED, state.message
    applied = Counter(one.removeprefix("apply ") for one in world.writes if one.startswith("apply "))
    assert applied == Counter({metadata_of(one)["name"]: _times(one) for one in targets if _times(one)})
    pruned = sorted(one for one in world.writes if one.startswith("prune "))
    assert pruned == sorted(f"prune {metadata_of(one)['name']}" for one in extra)
    assert not any("finalizers" in metadata_of(one) and metadata_of(one)["finalizers"] for one in world.live.values())


class Watched(World):
    """Looks at the rest of the world whenever something is applied: what came before must be well."""

    def answer(self, action: Action) -> Answer:
        task = action.task
        if action.verb is Verb.APPLY and not action.dry_run and task.phase is not SyncPhase.SYNC_FAIL:
            place = (PHASE_ORDER[task.phase], task.wave)
            unwell = [name for name, at in self.places.items() if at < place and self.judge_named(name) is not HEALTHY]
            assert not unwell, f"{task.key.name} of {place} is applied while {unwell} are not healthy"
            self.places[task.key.name] = place
        return super().answer(action)

    places: dict[str, tuple[int, int]]

    def judge_named(self, name: str) -> Health:
        one = next((obj for key, obj in self.live.items() if key.name == name), None)
        return HEALTHY if one is None else self.judge(one) or HEALTHY


@effort(deadline=None, max_examples=100)
@given(objects(), st.data())
def test_no_wave_begins_while_one_before_it_is_not_healthy(targets: list[Object], data: st.DataObject) -> None:
    """Whatever comes up late, breaks down or is refused, and wherever somebody else goes on from the results."""
    world = Watched(targets)
    world.places = {}
    names = [metadata_of(one)["name"] for one in targets]
    ends = {name: data.draw(st.sampled_from([HEALTHY, HEALTHY, HEALTHY, DEGRADED])) for name in names}
    late = {name: data.draw(st.integers(0, 3)) for name in names}
    world.health = {name: PROGRESSING if late[name] else ends[name] for name in names}
    world.refuses = {name: "no" for name in names if data.draw(st.integers(0, 9)) == 0}
    chosen, state = settings(prune=True), SyncState(START)
    for _ in range(80):
        state = world.step(chosen, resumed(state) if data.draw(st.booleans()) else state)
        if state.phase.is_completed:
            break
        for name in names:
            late[name] -= name in world.lives_named()
            world.health[name] = PROGRESSING if late[name] > 0 else ends[name]
    assert state.phase.is_completed, f"no end: {state.message}"
    assert state.phase in (OperationPhase.SUCCEEDED, OperationPhase.FAILED)
    if state.phase is OperationPhase.SUCCEEDED:
        assert not world.refuses.keys() & set(world.places)
    last = max(world.places.values(), default=None)
    bad = {name for name in world.places if ends[name] is DEGRADED or name in world.refuses}
    broken = [name for name in bad if world.places[name] != last]
    assert not broken, "something was applied after it"


@effort(deadline=None, max_examples=60)
@given(objects(), st.integers(0, 5))
def test_a_sync_that_is_terminated_ends_at_once(targets: list[Object], after: int) -> None:
    world = World(targets)
    world.health = {metadata_of(one)["name"]: PROGRESSING for one in targets}
    state = SyncState(START)
    for _ in range(after):
        state = world.step(settings(), state)
        if state.phase.is_completed:
            return
    ended = world.terminate(settings(), state)
    assert ended.phase is OperationPhase.FAILED
    assert not any(HOOK_FINALIZER in (metadata_of(one).get("finalizers") or ()) for one in world.live.values())
