"""The question before a write: what it shows, what it ignores, and that a stale plan is never applied."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.widgets import Button, Input

from gitops_tui.errors import OperationError, StalePlanError
from gitops_tui.model.application import AppKey
from gitops_tui.model.plan import Approval, ItemAction, Outcome, Plan, PlanItem, PlanKind
from gitops_tui.model.status import SyncStatus
from gitops_tui.tui.screens.main import MainScreen
from gitops_tui.tui.screens.plan import PlanScreen
from gitops_tui.tui.screens.question import DEAF_S
from tests.tui import world
from tests.tui.conftest import Seated, Start
from tests.tui.fake import FakeCore, failed, heal_item

AUTH = AppKey("argocd", "auth-service")


def plan(**more: object) -> Plan:
    base = Plan(
        number=1,
        kind=PlanKind.SYNC,
        apps=(AUTH,),
        cluster="prod-eu",
        namespaces=("auth",),
        revisions={AUTH: (world.RAISE_TTL.sha,)},
        commits={AUTH: (world.RAISE_TTL,)},
        items=(heal_item(AUTH),),
        made_at=world.NOW,
    )
    return replace(base, **more)


def button(cockpit: Seated) -> Button:
    return cockpit.app.screen.query_one("#go", Button)


async def test_heal_names_everything_and_focuses_cancel(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("H")
        for word in (
            "cluster prod-eu, namespace auth",
            "Deployment/auth-service",
            "legacy → oidc",
            "1 → (removed)",
            "Restarts 3 pods",
            "Prunes nothing",
            "The API server accepts this (dry run, 18 ms)",
        ):
            assert word in cockpit.text()
        assert cockpit.app.focused is not None
        assert cockpit.app.focused.id == "cancel"
        await cockpit.press("enter")
        assert isinstance(cockpit.app.screen, MainScreen)
        assert not cockpit.core.asked("execute")


async def test_heal_goes_on_by_its_own_button(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("H", "tab", "enter")
        ((_, approval),) = cockpit.core.asked("execute")
        assert approval == Approval()
        assert isinstance(cockpit.app.screen, MainScreen)
        assert "Healing auth-service" in cockpit.toasts()


async def test_a_foreign_field_can_be_left_alone(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("H")
        screen = cockpit.app.screen
        assert isinstance(screen, PlanScreen)
        while not (isinstance(screen.listing.cursor_key, tuple)):
            await cockpit.press("j")
        await cockpit.press("space")
        line = next(line for line in cockpit.text().splitlines() if "[ ] env DEBUG" in line)
        assert "1 stays as it is" in line and "(removed)" not in cockpit.text()
        await cockpit.press("space")
        assert "[x] env DEBUG         1 → (removed)" in cockpit.text()
        await cockpit.press("space")
        await cockpit.press("tab", "enter")
        ((_, approval),) = cockpit.core.asked("execute")
        assert approval.unticked == {(world.AUTH_DEPLOYMENT, world.DEBUG.text)}


async def test_what_was_typed_before_it_appeared_is_not_an_answer(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("j", "k")
        await cockpit.pilot.press("H")
        await cockpit.settle()
        await cockpit.pilot.press("tab", "tab", "enter", "space")
        await cockpit.pilot.click("#go")
        await cockpit.settle()
        assert isinstance(cockpit.app.screen, PlanScreen)
        assert not cockpit.core.asked("execute")
        cockpit.ticks.pass_(0.6)
        await cockpit.until(lambda: not button(cockpit).has_class("-active"))
        button(cockpit).focus()
        await cockpit.pilot.press("enter")
        await cockpit.settle()
        assert len(cockpit.core.asked("execute")) == 1


async def test_what_a_heal_restarts_follows_what_is_ticked(seat: Start) -> None:
    """A variable that somebody added restarts nothing while it stays; a change of replicas never does."""
    replicas = replace(world.AUTH_MODE, path=("spec", "replicas"), text="spec.replicas", label="replicas")
    item = PlanItem(
        AUTH, world.AUTH_DEPLOYMENT, ItemAction.CONFIGURE, (replicas, replace(world.DEBUG, ticked=False)),
        restarts_pods=3,
    )  # fmt: skip
    async with seat(core=FakeCore(plan=plan(kind=PlanKind.HEAL, items=(item,)))) as cockpit:
        await cockpit.press("H")
        assert "Restarts nothing" in cockpit.text()
        screen = cockpit.app.screen
        assert isinstance(screen, PlanScreen)
        while not isinstance(screen.listing.cursor_key, tuple):
            await cockpit.press("j")
        await cockpit.press("space")
        assert "Restarts 3 pods, one after another" in cockpit.text()
        await cockpit.press("space")
        assert "Restarts nothing" in cockpit.text()


async def test_a_name_must_be_typed(seat: Start) -> None:
    pruned = PlanItem(AUTH, world.key("PersistentVolumeClaim", "data", "auth"), ItemAction.PRUNE)
    made = plan(items=(pruned,), prune=True, must_type="auth-service", must_type_reason="prunes a claim")
    async with seat(core=FakeCore(plan=made)) as cockpit:
        await cockpit.press("s")
        assert "Prunes PersistentVolumeClaim/data" in cockpit.text()
        assert str(button(cockpit).label) == "PRUNE 1 object"
        assert button(cockpit).disabled
        field = cockpit.app.screen.query_one("#typed", Input)
        await cockpit.until(lambda: cockpit.app.focused is field)
        await cockpit.press(*"auth", "minus", *"servic")
        assert button(cockpit).disabled
        await cockpit.press("e")
        assert not button(cockpit).disabled
        button(cockpit).focus()
        await cockpit.press("enter")
        ((_, approval),) = cockpit.core.asked("execute")
        assert approval.typed == "auth-service"


async def test_several_braked_applications_ask_for_one_phrase(seat: Start) -> None:
    pruned = [
        PlanItem(AppKey("argocd", name), world.key("Namespace", name, ""), ItemAction.PRUNE) for name in ("a", "b")
    ]
    reasons = ("a deletes Namespace/a", "b deletes Namespace/b")
    made = plan(
        items=tuple(pruned), prune=True, must_type="delete 2 objects", must_type_reason="; ".join(reasons),
        warnings=tuple(f"brake: {one}" for one in reasons),
    )  # fmt: skip
    async with seat(core=FakeCore(plan=made)) as cockpit:
        await cockpit.press("s")
        assert all(f"brake: {one}" in cockpit.text() for one in reasons)
        assert "To go on, type exactly: delete 2 objects" in cockpit.text(), "and nothing of ours behind it"
        cockpit.app.screen.query_one("#typed", Input).focus()
        await cockpit.press(*"a")
        assert button(cockpit).disabled, "the name of one of them is not enough"
        await cockpit.press("backspace", *"delete", "space", "2", "space", *"objects")
        assert not button(cockpit).disabled


async def test_blockers_keep_it_from_being_confirmed(seat: Start) -> None:
    async with seat(core=FakeCore(plan=plan(blockers=("A hold is on auth-service",)))) as cockpit:
        await cockpit.press("s")
        assert "A hold is on auth-service" in cockpit.text()
        assert button(cockpit).disabled


async def test_a_stale_plan_is_made_anew_and_asks_again(seat: Start) -> None:
    core = FakeCore(errors=[StalePlanError("moved")])
    async with seat(core=core) as cockpit:
        await cockpit.press("H")
        core.plan = plan(kind=PlanKind.HEAL, warnings=("somebody may be at work on this",))
        await cockpit.press("tab", "enter")
        assert "Nothing was done: moved. This is the plan as it is now." in cockpit.text()
        assert "somebody may be at work on this" in cockpit.text()
        assert cockpit.app.focused is not None
        assert cockpit.app.focused.id == "cancel"
        assert len(core.asked("plan_heal")) == 2
        await cockpit.press("tab", "enter")
        assert [made.number for made, _ in core.asked("execute")] == [1, 2]


async def test_the_plan_is_made_anew_when_an_object_moves_under_it(seat: Start) -> None:
    pinned = plan(kind=PlanKind.HEAL, resource_versions={(AUTH, world.AUTH_DEPLOYMENT): "100"})
    core = FakeCore(plan=pinned)
    async with seat(core=core) as cockpit:
        await cockpit.press("H")
        core.plan = replace(pinned, warnings=("new",), resource_versions={(AUTH, world.AUTH_DEPLOYMENT): "101"})
        view = world.auth_service()
        moved = tuple(replace(one, resource_version="101") for one in view.resources)
        cockpit.ticks.pass_(2)
        core.publish(world.snapshot(replace(view, resources=moved)))
        await cockpit.settle()
        assert "What this was made from has moved" in cockpit.text()
        assert len(core.asked("plan_heal")) == 2


async def test_a_stale_plan_that_comes_out_the_same_asks_again_and_says_so(seat: Start) -> None:
    core = FakeCore(errors=[StalePlanError("Deployment/auth-service changed in the cluster")], plan=plan())
    async with seat(core=core) as cockpit:
        await cockpit.press("s", "tab", "enter")
        assert "Nothing was done: Deployment/auth-service changed in the cluster." in cockpit.text()
        assert "What it does is the same: confirm it again." in cockpit.text()
        assert cockpit.app.focused is cockpit.app.screen.query_one("#cancel")
        assert not button(cockpit).disabled


async def test_a_plan_that_is_made_anew_says_what_is_different_and_forgets_what_was_typed(seat: Start) -> None:
    pins = {(AUTH, world.AUTH_DEPLOYMENT): "100"}
    first = plan(must_type="auth-service", must_type_reason="somebody may be at work", resource_versions=pins)
    core = FakeCore(plan=first)
    async with seat((120, 40), core=core) as cockpit:
        await cockpit.press("s")
        typed = cockpit.app.screen.query_one("#typed", Input)
        typed.value = "auth-service"
        await cockpit.settle()
        button(cockpit).focus()
        item = replace(heal_item(AUTH), restarts_pods=1)
        new = PlanItem(AUTH, world.key("ConfigMap", "flags", "auth"), ItemAction.CREATE)
        core.plan = replace(
            first, items=(item, new), revisions={AUTH: (world.BUMP.sha,)}, commits={AUTH: (world.BUMP,)},
            resource_versions={(AUTH, world.AUTH_DEPLOYMENT): "101"},
        )  # fmt: skip
        view = world.auth_service()
        moved = tuple(replace(one, resource_version="101") for one in view.resources)
        cockpit.ticks.pass_(2)
        core.publish(world.snapshot(replace(view, resources=moved)))
        await cockpit.settle()
        for told in (
            "What this was made from has moved. This is the plan as it is now.",
            f"Git is at {world.BUMP.short} now, not at {world.RAISE_TTL.short}.",
            "New here: ConfigMap/flags.",
            "Different: Deployment/auth-service.",
        ):
            assert told in cockpit.text()
        assert typed.value == "" and button(cockpit).disabled
        assert cockpit.app.focused is cockpit.app.screen.query_one("#cancel")


async def test_a_refused_plan_that_is_different_now_says_so_once(seat: Start) -> None:
    core = FakeCore(errors=[StalePlanError("Git moved from 1111111 to 2222222")], plan=plan())
    async with seat((120, 40), core=core) as cockpit:
        await cockpit.press("s")
        core.plan = plan(revisions={AUTH: (world.BUMP.sha,)}, commits={AUTH: (world.BUMP,)})
        await cockpit.press("tab", "enter")
        assert "Nothing was done. What this was made from has moved." in cockpit.text()
        assert f"Git is at {world.BUMP.short} now" in cockpit.text() and "2222222" not in cockpit.text()


async def test_a_commit_of_another_application_changes_nothing_on_the_screen(seat: Start) -> None:
    core = FakeCore(plan=plan())
    async with seat(core=core) as cockpit:
        await cockpit.press("s")
        screen = cockpit.app.screen
        assert isinstance(screen, PlanScreen)
        before = screen.listing.plain_text()
        core.plan = plan(revisions={AUTH: ("e" * 40,)})
        cockpit.ticks.pass_(2)
        view = world.auth_service()
        core.publish(world.snapshot(replace(view, revision="e" * 40, commits=("e" * 40,))))
        await cockpit.settle()
        assert len(core.asked("plan_sync")) == 2
        assert screen.listing.plain_text() == before


async def test_a_sync_is_planned_anew_when_it_would_write_more_than_it_says(seat: Start) -> None:
    same = PlanItem(AUTH, world.key("Service", "auth-service", "auth"), ItemAction.UNCHANGED)
    core = FakeCore(plan=plan(items=(heal_item(AUTH), same)))
    async with seat((120, 40), core=core) as cockpit:
        await cockpit.press("s")
        core.plan = plan(items=(heal_item(AUTH), replace(same, action=ItemAction.CONFIGURE)))
        view = world.auth_service()
        out = tuple(replace(one, sync=SyncStatus.OUT_OF_SYNC) if one.key == same.key else one for one in view.resources)
        cockpit.ticks.pass_(2)
        core.publish(world.snapshot(replace(view, resources=out)))
        await cockpit.settle()
        assert len(core.asked("plan_sync")) == 2
        assert "New here: Service/auth-service" in cockpit.text()
        cockpit.ticks.pass_(2)
        core.publish(world.snapshot(replace(view, resources=out)))
        await cockpit.settle()
        assert len(core.asked("plan_sync")) == 2, "what the plan knows makes no new one"


async def test_a_revert_is_planned_anew_when_its_branch_moves(seat: Start) -> None:
    async with seat((120, 40)) as cockpit:
        await cockpit.press("v")
        cockpit.ticks.pass_(2)
        view = world.auth_service()
        cockpit.core.publish(world.snapshot(replace(view, commits=(world.BUMP.sha,))))
        await cockpit.settle()
        assert len(cockpit.core.asked("plan_revert")) == 2


async def test_revert_asks_for_the_author_and_shows_the_link(seat: Start) -> None:
    link = "https://git.example.com/pull/7"
    core = FakeCore(outcome=Outcome(ok=True, text="Pushed to revert-3f2c1ab", link=link))
    async with seat((120, 40), core=core) as cockpit:
        await cockpit.press("v")
        assert 'value: "60"' in cockpit.text()
        assert "also read by gateway" in cockpit.text()
        assert button(cockpit).disabled
        field = cockpit.app.screen.query_one("#author", Input)
        field.focus()
        await cockpit.press(*"Ana", "space", "<", *"ana", "@", *"example", "full_stop", *"com", ">")
        button(cockpit).focus()
        await cockpit.press("enter")
        ((_, approval),) = core.asked("execute")
        assert approval.author == "Ana <ana@example.com>"
        assert link in cockpit.text()


async def test_an_error_stays_readable(seat: Start) -> None:
    core = FakeCore(outcome=Outcome(ok=False, text="the remote said no", hint="pull first"))
    async with seat(core=core) as cockpit:
        await cockpit.press("H", "tab", "enter")
        assert "the remote said no" in cockpit.text()
        assert "pull first" in cockpit.text()


async def test_without_a_plan_the_reason_and_the_way_out_are_two_sentences(
    seat: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = OperationError("auth-service is gone", hint="Refresh with r.")
    core = FakeCore()
    monkeypatch.setattr(core, "plan_heal", lambda _app: failed(error))
    async with seat(core=core) as cockpit:
        await cockpit.press("H")
        assert "auth-service is gone. Refresh with r." in cockpit.text()


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 20)])
async def test_why_a_name_must_be_typed_is_told_whole(seat: Start, size: tuple[int, int]) -> None:
    name = "a-rather-long-application-name-of-some-team"
    reason = "deletes PersistentVolumeClaim/data-0, PersistentVolumeClaim/data-1 and StatefulSet/the-database"
    pruned = PlanItem(AUTH, world.key("PersistentVolumeClaim", "data", "auth"), ItemAction.PRUNE)
    made = plan(items=(pruned,), prune=True, must_type=name, must_type_reason=reason)
    async with seat(size, core=FakeCore(plan=made)) as cockpit:
        await cockpit.press("s")
        screen = cockpit.app.screen
        assert isinstance(screen, PlanScreen)
        told = "".join(line.text.plain.strip() for line in screen.listing.lines).replace(" ", "")
        assert f"{reason}To go on, type exactly: {name}".replace(" ", "") in told
        assert all(line.text.cell_len <= screen.listing.text_width for line in screen.listing.lines)


async def test_the_button_has_its_label_in_the_terminals_own_colours(
    seat: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    pruned = PlanItem(AUTH, world.key("ConfigMap", "old", "auth"), ItemAction.PRUNE)
    for made in (plan(items=(pruned,), prune=True), plan(items=(pruned,), prune=True, must_type="auth-service")):
        async with seat(core=FakeCore(plan=made)) as cockpit:
            await cockpit.press("s")
            assert "Cancel" in cockpit.text() and "PRUNE 1 object" in cockpit.text()


async def test_where_there_are_fields_to_tick_nothing_takes_the_keys_for_it(seat: Start) -> None:
    made = plan(
        kind=PlanKind.HEAL, items=(heal_item(AUTH),), must_type="auth-service", must_type_reason="a fresh change"
    )
    async with seat(core=FakeCore(plan=made)) as cockpit:
        await cockpit.press("H")
        await cockpit.pilot.pause(DEAF_S + 0.2)
        assert cockpit.app.focused is cockpit.app.screen.query_one("#cancel")


async def test_a_plan_of_several_sources_says_whose_each_commit_is(seat: Start) -> None:
    commits, revisions = {AUTH: (world.RAISE_TTL, world.BUMP)}, {AUTH: (world.RAISE_TTL.sha, "a" * 40)}
    made = plan(commits=commits, revisions=revisions, sources={AUTH: ("manifests", "charts")})
    async with seat((120, 40), core=FakeCore(plan=made)) as cockpit:
        await cockpit.press("s")
        assert "at manifests 3f2c1ab “raise token ttl” Ana, charts 91be07d “chore: bump" in cockpit.text()


@pytest.mark.parametrize("repository", ["", "https://git.example.com/charts"])
async def test_a_revert_says_which_repository_where_there_are_several(seat: Start, repository: str) -> None:
    async with seat((120, 40)) as cockpit:
        made = cockpit.core.plan_revert(AUTH, ("3f2c1ab",)).result()
        assert made.revert is not None
        cockpit.core.plan = replace(made, revert=replace(made.revert, repository=repository))
        await cockpit.press("v")
        place = f" of {repository}" if repository else ""
        assert f"as a new commit on main{place}," in cockpit.text()
