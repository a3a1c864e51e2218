"""Jobs and CronJobs."""

from __future__ import annotations

import pytest

from gitops_tui.sandbox.controllers import DURATION
from tests.unit.sandbox.controllers_world import JOBS, World, condition, job


@pytest.fixture
def world() -> World:
    return World()


def test_a_job_completes(world: World) -> None:
    world.create(JOBS, job(completions=3, parallelism=2))
    world.run_for(1.5)
    assert world.get(JOBS, "task")["status"]["active"] == 2
    world.run_for(20)
    status = world.get(JOBS, "task")["status"]
    assert status["succeeded"] == 3
    assert [(one["type"], one["reason"]) for one in status["conditions"]] == [
        ("SuccessCriteriaMet", "CompletionsReached"),
        ("Complete", "CompletionsReached"),
    ]
    assert status["completionTime"] > status["startTime"]
    assert ("Completed", "Job completed") in world.events("Job")


def test_a_job_fails_after_its_limit(world: World) -> None:
    world.create(JOBS, job(command="exit 1", backoffLimit=1))
    world.run_for(5)
    assert len(world.names("pods")) == 1
    world.run_for(30)
    status = world.get(JOBS, "task")["status"]
    assert [one["type"] for one in status["conditions"]] == ["FailureTarget", "Failed"]
    assert status["conditions"][1]["reason"] == "BackoffLimitExceeded"
    assert status["failed"] == 2


def test_a_job_restarts_in_place_until_its_limit(world: World) -> None:
    failing = job(command="exit 1", backoffLimit=1)
    failing["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure"
    world.create(JOBS, failing)
    world.run_for(60)
    status = world.get(JOBS, "task")["status"]
    assert status["conditions"][-1]["reason"] == "BackoffLimitExceeded"
    assert status["failed"] == 1
    assert world.names("pods") == []


def test_a_job_takes_as_long_as_its_annotation_says(world: World) -> None:
    slow = job()
    slow["spec"]["template"]["metadata"] = {"annotations": {DURATION: "1m30s"}}
    world.create(JOBS, slow)
    world.run_for(80)
    assert world.get(JOBS, "task")["status"]["active"] == 1
    world.run_for(20)
    assert world.get(JOBS, "task")["status"]["succeeded"] == 1


def test_a_job_has_a_deadline(world: World) -> None:
    slow = job(activeDeadlineSeconds=5)
    slow["spec"]["template"]["metadata"] = {"annotations": {DURATION: "1h"}}
    world.create(JOBS, slow)
    world.run_for(10)
    assert condition(world.get(JOBS, "task"), "Failed")["reason"] == "DeadlineExceeded"


def test_a_finished_job_expires(world: World) -> None:
    world.create(JOBS, job(ttlSecondsAfterFinished=10))
    world.run_for(8)
    assert world.names(JOBS) == ["task"]
    world.run_for(10)
    assert world.names(JOBS) == []


def test_a_suspended_job_waits(world: World) -> None:
    world.create(JOBS, job(suspend=True))
    world.run_for(5)
    assert world.names("pods") == []
    assert condition(world.get(JOBS, "task"), "Suspended")["status"] == "True"
    world.patch(JOBS, "task", {"spec": {"suspend": False}})
    world.run_for(10)
    assert condition(world.get(JOBS, "task"), "Suspended")["reason"] == "JobResumed"
    assert condition(world.get(JOBS, "task"), "Complete")["status"] == "True"


def test_an_indexed_job(world: World) -> None:
    world.create(JOBS, job(completions=3, parallelism=3, completionMode="Indexed"))
    world.run_for(10)
    assert world.get(JOBS, "task")["status"]["completedIndexes"] == "0-2"


def test_a_cron_job_knows_its_jobs(world: World) -> None:
    schedule = {"schedule": "0 0 * * *", "jobTemplate": {"spec": job()["spec"]}}
    owner = world.create("cronjobs.batch", {"metadata": {"name": "cron"}, "spec": schedule})
    made = job("manual")
    made["metadata"]["ownerReferences"] = [
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "name": "cron",
            "uid": owner["metadata"]["uid"],
            "controller": True,
        }
    ]
    world.create(JOBS, made)
    world.run_for(1)
    assert [one["name"] for one in world.get("cronjobs.batch", "cron")["status"]["active"]] == ["manual"]
    world.run_for(10)
    status = world.get("cronjobs.batch", "cron")["status"]
    assert "active" not in status
    assert status["lastSuccessfulTime"] == world.get(JOBS, "manual")["status"]["completionTime"]
    assert ("SawCompletedJob", "Saw completed job: manual, condition: Complete") in world.events("CronJob")
