"""Everything that can go wrong, as one tree.

::

    GitOpsError                   message, hint (one imperative sentence), resource
      ConfigError                 exit 2
      SourceError                 -> condition ComparisonError
        RepositoryError           url (redacted)
          AuthRequired
          NoSuchFile
          RevisionNotFound
          RevertConflict          files
          PushRejected            reason: non-fast-forward | protected | other
        RenderError               tool, exit status, last lines of stderr
        ManifestError             file, document index, line
      IgnoreRuleError             -> condition ComparisonError
      InvalidSpecError            file, document, path, expected -> condition InvalidSpecError
      ClusterError
        ClusterUnreachable        -> the cluster is Unknown; nothing becomes Missing
        ApiError                  verb, code, reason, causes
          Unauthorized 401  Forbidden 403  NotFound 404  Conflict 409  AlreadyExists 409
          Invalid 422  Gone 410  TooManyRequests 429  ServerError 5xx
      OperationError              -> condition SyncError
        ReadOnlyError             a write was asked for in read-only mode
        ActionError               a resource action cannot be found or does not work
        StalePlanError            the commit or a resourceVersion that a plan was pinned to has moved
        HeldError                 a hold is on the application
        InProgressError           another operation is in progress

An exception means "cannot go on"; a value means "this one failed". No foreign exception leaves its adapter,
and no secret enters a message: URLs and stderr are redacted when the error is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class GitOpsError(Exception):
    """The root. ``hint`` is one imperative sentence that names the way out, or empty."""

    def __init__(self, message: str, *, hint: str = "", resource: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.resource = resource

    def __str__(self) -> str:
        return self.message

    @property
    def with_hint(self) -> str:
        """What is wrong and the way out, as two sentences."""
        text = str(self)
        if not self.hint:
            return text
        return f"{text} {self.hint}" if text.endswith((".", "!", "?", ":")) else f"{text}. {self.hint}"


class ConfigError(GitOpsError):
    """The configuration, the command line or the environment cannot be used."""


class SourceError(GitOpsError):
    """Git or what was read from it cannot be used."""


class RepositoryError(SourceError):
    """A repository cannot be read or written. ``url`` carries no credentials."""

    def __init__(self, message: str, *, url: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.url = url


class AuthRequired(RepositoryError):
    """The remote wants credentials that nobody gave."""


class NoSuchFile(RepositoryError):
    """A path leads to nothing at all, or to what is no file."""


class RevisionNotFound(RepositoryError):
    """A ``targetRevision`` names no branch, tag or commit."""

    def __init__(self, message: str, *, url: str = "", revision: str = "", hint: str = "") -> None:
        super().__init__(message, url=url, hint=hint)
        self.revision = revision


class RevertConflict(RepositoryError):
    """``git revert`` stopped on conflicts. Nothing was left behind."""

    def __init__(self, message: str, *, url: str = "", files: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message, url=url, hint=hint)
        self.files = tuple(files)


class PushRejected(RepositoryError):
    """The remote refused a push: ``reason`` is ``non-fast-forward``, ``protected`` or ``other``."""

    def __init__(self, message: str, *, url: str = "", reason: str = "other", hint: str = "") -> None:
        super().__init__(message, url=url, hint=hint)
        self.reason = reason


class RenderError(SourceError):
    """A tool that renders manifests failed."""

    def __init__(
        self, message: str, *, tool: str = "", status: int | None = None, stderr: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.tool = tool
        self.status = status
        self.stderr = stderr


class ManifestError(SourceError):
    """A manifest cannot be read: ``file``, ``document`` (0-based) and ``line`` (1-based, 0 unknown) say where."""

    def __init__(self, message: str, *, file: str = "", document: int = 0, line: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.file = file
        self.document = document
        self.line = line

    def __str__(self) -> str:
        where = self.file + (f":{self.line}" if self.line else "")
        if self.document:
            where += f" (document {self.document + 1})"
        return f"{where}: {self.message}" if where else self.message


class IgnoreRuleError(GitOpsError):
    """An expression of ``ignoreDifferences`` cannot be read: nothing is compared (condition ComparisonError)."""


class InvalidSpecError(GitOpsError):
    """A field of an Application or AppProject is wrong. ``path`` is dotted; ``expected`` says what belongs there."""

    def __init__(
        self, message: str, *, file: str = "", document: int = 0, path: str = "", expected: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.file = file
        self.document = document
        self.path = path
        self.expected = expected

    def __str__(self) -> str:
        where = self.file + (f" (document {self.document + 1})" if self.document else "")
        text = f"{self.path}: {self.message}" if self.path else self.message
        if self.expected:
            text += f"; expected {self.expected}"
        return f"{where}: {text}" if where else text


class ClusterError(GitOpsError):
    """The cluster cannot be asked or said no."""


class ClusterUnreachable(ClusterError):
    """No answer: the cluster's state is Unknown, and nothing becomes Missing because of it."""


class ApiError(ClusterError):
    """The API server answered with a ``Status`` of failure."""

    def __init__(
        self,
        message: str,
        *,
        verb: str = "",
        code: int = 0,
        reason: str = "",
        causes: Sequence[tuple[str, str]] = (),
        details: Mapping[str, object] | None = None,
        retry_after_s: float | None = None,
        hint: str = "",
        resource: str = "",
    ) -> None:
        super().__init__(message, hint=hint, resource=resource)
        self.verb = verb
        self.code = code
        self.reason = reason
        self.causes = tuple(causes)
        """``(field, message)`` pairs from ``status.details.causes``."""
        self.details = dict(details or {})
        """``status.details`` as the server wrote it: name, group, kind, causes; empty where there is none."""
        self.retry_after_s = retry_after_s


class Unauthorized(ApiError):
    """401: the credentials are missing, wrong or expired."""


class Forbidden(ApiError):
    """403: the credentials may not do this."""


class NotFound(ApiError):
    """404: no such object, or no such kind."""


class Conflict(ApiError):
    """409: the object moved on, or a field belongs to another manager (``causes`` names them)."""


class AlreadyExists(ApiError):
    """409 with reason ``AlreadyExists``."""


class Invalid(ApiError):
    """422 (or 400): the object is not valid; ``causes`` names the fields."""


class Gone(ApiError):
    """410: the resourceVersion or the continue token is too old."""


class TooManyRequests(ApiError):
    """429: asked too often; ``retry_after_s`` says when to come back."""


class ServerError(ApiError):
    """5xx: the API server is in trouble."""


class OperationError(GitOpsError):
    """An operation cannot start or go on."""


class ReadOnlyError(OperationError):
    """A write was asked for, and there is no writing client."""


class ActionError(OperationError):
    """A resource action cannot be found, or its script or parameters do not work."""


class StalePlanError(OperationError):
    """What a plan was pinned to has moved; it must be made anew and never applied anyway."""


class HeldError(OperationError):
    """A hold is on the application."""


class InProgressError(OperationError):
    """Another operation is in progress."""
