"""Every decision of the core: its stable code, the sentence that its facts make, the rule it follows, the way out.

To add one: a line here, ``Decision(Code.X, {...})`` where it is decided, a line in docs/why.md, and a test. Facts are
named in braces (`gitops_tui.model.facts` says what each is); ``{objects}`` are the decision's objects. What stands in
square brackets is left out where one of its facts is absent or empty: such facts may be left out.
"""

from __future__ import annotations

from enum import StrEnum


class Section(StrEnum):
    """Where a decision is shown."""

    NOW = "now"
    """Why it is in this state."""
    WAITING = "waiting"
    """What a running operation waits for."""
    NEXT = "next"
    """What comes by itself, and when."""
    HIDDEN = "hidden"
    """What differs and does not count, and by which rule."""
    OBJECT = "object"
    """Of one object: shown where somebody asks about it."""
    LOG = "log"
    """What was done; it has no lasting state."""


class Code(StrEnum):
    """A line each: value, section, paragraph of the semantics (or ``ours``), sentence, way out, more facts."""

    section: Section
    rule: str
    sentence: str
    hint: str
    also: tuple[str, ...]
    """Facts that are only in documents."""

    def __new__(cls, value: str, section: Section, rule: str, sentence: str, hint: str = "", *also: str) -> Code:
        member = str.__new__(cls, value)
        member._value_ = value
        member.section, member.rule, member.sentence = section, rule, sentence
        member.hint, member.also = hint, also
        return member

    # fmt: off
    # --- who may act
    OBSERVING = ("observing", Section.NOW, "ours",
        "Not acting by itself: this instance only observes", "start it with --reconcile, or run the controller")
    NOT_ALONE = ("not-alone", Section.NOW, "ours",
        "Not acting by itself: {owner} reconciles this Application", "leave it to them, or stop them first")
    SKIPPED = ("skipped", Section.NOW, "1.1",
        "Not acting by itself: the Application says {annotation}", "take the annotation off")
    NOT_LEADING = ("not-leading", Section.NOW, "ours",
        "Not acting by itself: {owner} reconciles this cluster")
    HELD = ("held", Section.NOW, "ours",
        "On hold by {owner}[: {reason}]", "release it, or wait until the hold ends")
    NOT_RENDERED = ("not-rendered", Section.NOW, "1.4",
        "Shown as the status reports it: {tool} sources are not rendered here, and nothing is written")

    NOT_READ = ("not-read", Section.NOW, "ours",
        "Not acting by itself: nothing is known of {objects}: {message}", "see why the API server cannot list the kind")
    DRAINING = ("draining", Section.NOW, "ours",
        "Not acting by itself: this instance is about to end", "start it again")

    # --- automated sync and self-heal
    AUTOMATION_OFF = ("automation-off", Section.NOW, "1.9",
        "Not auto-syncing: the Application asks for no automated sync",
        "sync by hand, or set spec.syncPolicy.automated")
    IN_PROGRESS = ("in-progress", Section.NOW, "1.9",
        "Not auto-syncing: another operation is in progress")
    DELETING = ("deleting", Section.NOW, "1.9",
        "Not auto-syncing: the Application is being deleted")
    NOT_OUT_OF_SYNC = ("not-out-of-sync", Section.NOW, "1.9",
        "No automated sync is due: the application is {sync}")
    PRUNE_OFF = ("prune-off", Section.NOW, "1.9",
        "Not auto-syncing: only a prune is needed, of {objects}, and automated prune is off",
        "sync by hand with prune, or set automated.prune")
    NO_OBJECT_DIFFERS = ("no-object-differs", Section.NOW, "1.9",
        "Not auto-syncing: the application is OutOfSync, no object of it is, and automated prune is off",
        "sync by hand, or set automated.prune")
    FAILED_BEFORE = ("failed-before", Section.NOW, "1.9",
        "Not auto-syncing: revision {revision} failed[ at {failed_at}] and the same revision is not retried"
        "[: {message}]", "push a new commit, or sync by hand", "phase")
    SELF_HEAL_OFF = ("self-heal-off", Section.NOW, "1.9",
        "Not healing by itself: {revision} was synced already, and selfHeal is off",
        "heal or sync by hand, or set automated.selfHeal")
    BACKING_OFF = ("backing-off", Section.NEXT, "1.9",
        "The next self-heal waits: {attempts} so far on {revision}", "", "count")
    GOING = ("going", Section.NOW, "ours", "Not healing by itself: {objects} is being deleted already")
    WOULD_WIPE_OUT = ("would-wipe-out", Section.NOW, "1.9",
        "Not auto-syncing to {revision}: it would delete all objects, and allowEmpty is off",
        "bring the objects back in Git, or set automated.allowEmpty")
    PRUNE_NEEDS_APPROVAL = ("prune-needs-approval", Section.NOW, "ours",
        "Not auto-syncing to {revision}: the prune waits for approval, since {reason}",
        "sync it by hand with prune to approve")
    SYNC_WINDOW = ("sync-window", Section.NOW, "1.12",
        "Not auto-syncing: {reason}", "wait, sync by hand where it lets you, or change the project's syncWindows")
    STARTED = ("started", Section.LOG, "1.9", "Initiated automated sync to {revision}")
    HEALING = ("healing", Section.LOG, "1.9", "Initiated self-heal[ of {objects}] at {revision}", "", "attempts")
    HEALING_FOREIGN = ("healing-foreign", Section.LOG, "ours", "Removed by itself what a person added: {fields}")
    QUEUED = ("queued", Section.NEXT, "ours",
        "Waits until others have begun: only so many operations begin at once")
    FIGHT = ("fight", Section.NOW, "ours",
        "{objects} {fields}: {writer} sets it and we undo it, again and again",
        "hold the application, or let Git or an ignore rule say who is right")

    # --- operations that begin
    REQUESTED = ("requested", Section.LOG, "1.2", "The Application's .operation asked for a sync[ to {revision}]")
    NOT_STARTED = ("not-started", Section.LOG, "ours", "{item} was not started: {message}")
    RESUMED = ("resumed", Section.LOG, "ours", "Going on with the operation that {owner} left behind")
    NOT_RESUMED = ("not-resumed", Section.LOG, "ours", "The operation that was left behind cannot go on: {message}")

    # --- deletion
    DELETION_UNCONFIRMED = ("deletion-unconfirmed", Section.WAITING, "1.12",
        "The deletion of {objects} waits for a person's yes", "confirm the deletion")
    DELETING_OBJECTS = ("deleting-objects", Section.WAITING, "1.12",
        "Deleting {count} of {total} objects with the Application: {objects}")
    DELETION_WAITS = ("deletion-waits", Section.WAITING, "1.12", "The deletion waits for {objects} to be gone")
    DELETION_SOURCE = ("deletion-source", Section.WAITING, "1.12",
        "The deletion waits for the source, which may have {hook} hooks")
    DELETION_HOOKS = ("deletion-hooks", Section.WAITING, "1.12", "The deletion waits for {hook} hooks: {objects}")
    DELETION_HOOKS_BEGUN = ("deletion-hooks-begun", Section.LOG, "1.12", "Began {hook} hooks: {objects}")
    DELETION_HOOKS_DONE = ("deletion-hooks-done", Section.LOG, "1.12", "The {hook} hooks are done")
    DELETION_HOOKS_CLEARED = ("deletion-hooks-cleared", Section.LOG, "1.12", "Cleared {hook} hooks away[: {objects}]")
    DELETION_HOOKS_UNKNOWN = ("deletion-hooks-unknown", Section.WAITING, "1.12",
        "The deletion waits: {hook} hooks cannot be read: {message}")
    DELETION_HOOK_FAILED = ("deletion-hook-failed", Section.WAITING, "1.12",
        "The deletion waits: {hook} hooks failed and are made anew: {objects}")
    DELETION_FAILED = ("deletion-failed", Section.WAITING, "1.12", "The deletion does not go on: {message}")
    DELETION_UNKNOWN = ("deletion-unknown", Section.WAITING, "ours",
        "The deletion waits: {item} may not be read, and the finalizer stays", "let this account read them")
    DELETION_NO_CLUSTER = ("deletion-no-cluster", Section.LOG, "1.12",
        "Nothing is deleted, and the Application goes: {message}")
    DELETED = ("deleted", Section.LOG, "1.12", "Its objects are deleted")

    # --- state
    CONDITION = ("condition", Section.NOW, "1.13", "{condition}: {message}")
    OUT_OF_SYNC = ("out-of-sync", Section.NOW, "1.6", "OutOfSync because {count} of {total} objects differ from Git")
    NAMESPACE_METADATA = ("namespace-metadata", Section.NOW, "1.6",
        "OutOfSync because managedNamespaceMetadata is not what was synced last")
    DIFFERS = ("differs", Section.NOW, "1.6", "{objects} differs[ in {fields}][, written by {writer}]")
    TO_PRUNE = ("to-prune", Section.NOW, "1.6", "{objects} is in the cluster and not in Git any more")
    MISSING = ("missing", Section.NOW, "1.6", "{objects} is in Git and not in the cluster")
    DRIFTED = ("drifted", Section.NOW, "ours",
        "{objects}: {fields} is in the cluster and not in Git[, written by {writer}]",
        "heal it, or commit it to Git")
    RESTRICTED = ("restricted", Section.NOW, "ours",
        "{objects} may not be read: nothing of it is judged or pruned", "let this account read its kind")
    REFUSED = ("refused", Section.NOW, "1.6", "The API server refuses {objects}: {message}", "change it in Git")
    KEPT_BY_ANOTHER_OWNER = ("kept-by-another-owner", Section.NOW, "1.6",
        "{objects}: {fields} left Git and stays, since {writer} owns it; Argo CD's client-side default removes it",
        "undo it by hand with a heal, or commit it to Git")
    RULE_FAILED = ("rule-failed", Section.NOW, "1.6", "A rule about {objects} does not work: {message}",
        "correct the rule: what it should hide is shown")
    HEALTH = ("health", Section.NOW, "1.11", "{health} because of {objects}[: {message}]", "", "reason")

    # --- operations
    OPERATION_FAILED = ("operation-failed", Section.NOW, "1.7",
        "The last sync[ of {revision}] ended as {phase}[: {message}]")
    ORPHANED = ("orphaned", Section.NOW, "ours",
        "The operation that {owner} began is not run by anybody any more", "resume or terminate it")
    OPERATION_ENDED = ("operation-ended", Section.LOG, "1.7", "An operation[ of {owner}] ended as {phase}[: {message}]")
    DEPLOYED = ("deployed", Section.LOG, "1.10", "Deployed[ {revision}][, begun by {owner}]")
    WAVE_WAITS = ("wave-waits", Section.WAITING, "1.7", "Wave {wave} waits for {objects}[: {message}]")
    HOOK_WAITS = ("hook-waits", Section.WAITING, "1.7", "Wave {wave} waits for the {hook} hook {objects}[: {message}]")
    PRUNE_WAITS = ("prune-waits", Section.WAITING, "1.7", "Wave {wave} waits for {objects} to be gone")
    CONFIRMATION_WAITS = ("confirmation-waits", Section.WAITING, "1.8",
        "Wave {wave} waits for a person's yes to the deletion of {objects}", "confirm it, or terminate the operation")
    OPERATION_RUNS = ("operation-runs", Section.WAITING, "1.7", "An operation runs here[: {message}]")
    OPERATION_ELSEWHERE = ("operation-elsewhere", Section.WAITING, "ours",
        "An operation runs in another instance[, of {owner}][: {message}]")
    RETRY = ("retry", Section.NEXT, "1.9", "Retry {attempts}[ of at most {limit}][: {message}]")
    LEASE_ENDS = ("lease-ends", Section.NEXT, "ours",
        "The operation counts as left behind, unless {owner} renews its lease")
    HOLD_ENDS = ("hold-ends", Section.NEXT, "ours", "The hold of {owner} ends")
    SYNC_DUE = ("sync-due", Section.NEXT, "1.9", "An automated sync to {revision} is due")
    HEAL_DUE = ("heal-due", Section.NEXT, "1.9", "A self-heal[ of {objects}] at {revision} is due", "", "attempts")
    NEXT_POLL = ("next-poll", Section.NEXT, "1.1", "{repository} is asked for new commits")
    POLL_OFF = ("poll-off", Section.NEXT, "1.1",
        "Repositories are not polled: a new commit is seen by a webhook or a refresh")
    ROLLOUT_DEADLINE = ("rollout-deadline", Section.NEXT, "1.11",
        "{objects} counts as Degraded, unless its rollout gets on", "", "deadline")

    # --- one object
    FIELD = ("field", Section.OBJECT, "1.6",
        "Field {fields}: Git has {git}, the cluster {live}[, written by {writer}][; {reason}]")
    NOTED = ("noted", Section.OBJECT, "ours", "Field {fields} is noted and no drift[, written by {writer}][: {reason}]")
    IS_HOOK = ("is-hook", Section.OBJECT, "1.6", "{objects} is a hook: it has no sync status")
    IS_SKIPPED = ("is-skipped", Section.OBJECT, "1.7",
        "{objects} is to be skipped: it is neither applied nor pruned, and has no sync status")
    FOREIGN_MARK = ("foreign-mark", Section.OBJECT, "1.5",
        "{objects} carries the tracking id of another object: it has no sync status and is never pruned")
    IGNORED = ("ignored", Section.HIDDEN, "1.6",
        "{objects}: {fields} differs and does not count, by {rule} of {source}")
    NORMALISED = ("normalised", Section.HIDDEN, "1.6",
        "{objects}: {fields} is written in another way and means the same")
    BY_WEBHOOK = ("by-webhook", Section.HIDDEN, "1.6",
        "{objects}: {fields} would be set by a mutating webhook and does not count",
        "compare-options: IncludeMutationWebhook=true counts it")
    EXTRANEOUS = ("extraneous", Section.HIDDEN, "1.6", "{objects} is not in Git and does not count: it says {option}")
    PRUNE_DISABLED = ("prune-disabled", Section.NOW, "1.8", "{objects} is not pruned: {option}",
        "take the option off, or delete it by hand")
    PRUNE_CONFIRMED_ONLY = ("prune-confirmed-only", Section.NOW, "1.8",
        "{objects} is pruned only after a person's yes: {option}", "sync with prune, and confirm")
    PRUNE_BY_HAND = ("prune-by-hand", Section.NOW, "1.9", "{objects} is not pruned by itself: automated prune is off",
        "sync by hand with prune, or set automated.prune")
    NO_HEALTH = ("no-health", Section.OBJECT, "1.11", "{objects} has no health: there is no rule for a {item}")
    HEALTH_IGNORED = ("health-ignored", Section.HIDDEN, "1.11",
        "The health of {objects} does not count: it says {annotation}")
    # fmt: on
