"""What the core's loop is made of; `engine.assembly` puts it together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from gitops_tui.config import Settings
from gitops_tui.engine.authority import Authority
from gitops_tui.engine.automation import Automation
from gitops_tui.engine.board import Board
from gitops_tui.engine.compare import Comparer
from gitops_tui.engine.deleting import Deleting
from gitops_tui.engine.feed import ApplicationFeed
from gitops_tui.engine.finalizers import HookFinalizers
from gitops_tui.engine.ignored_updates import IgnoredUpdates
from gitops_tui.engine.operations import Operations
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.projects import Projects
from gitops_tui.engine.requested import Requested
from gitops_tui.engine.schedule import Schedule
from gitops_tui.engine.session import Clusters
from gitops_tui.engine.sources import Sources
from gitops_tui.engine.status_writer import StatusWriter
from gitops_tui.engine.system import System
from gitops_tui.engine.witness import Witness


class Parts(Struct, frozen=True):
    """What the loop is made of."""

    settings: Settings
    clusters: Clusters
    sources: Sources
    comparer: Comparer
    system: System
    ignored_updates: IgnoredUpdates
    projects: Projects
    board: Board
    schedule: Schedule
    fetchers: Pool
    operations: Operations
    authority: Authority
    automation: Automation
    requested: Requested
    deleting: Deleting
    finalizers: HookFinalizers
    statuses: StatusWriter
    feed: ApplicationFeed
    witness: Witness
    namespace: str
    polls_files: bool
    clock: Callable[[], datetime]
