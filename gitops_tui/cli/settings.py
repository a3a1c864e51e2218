"""The settings file: YAML, strict; a wrong key names the file, the key and what is known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import fields, replace

from gitops_tui.config import ReconcileSettings, Settings, WebhookSettings, config_dir
from gitops_tui.errors import ConfigError, ManifestError

TEXTS = {"fieldManager": "field_manager", "instanceLabel": "instance_label", "trackingMethod": "tracking_method",
         "installationId": "installation_id", "theme": "theme"}  # fmt: skip
LISTS = {"persons": "persons", "deployers": "deployers", "autoscalers": "autoscalers",
         "ignoredVariables": "ignored_variables", "production": "production"}  # fmt: skip
MAPPINGS = {"repositories": "repositories", "clusters": "clusters", "keys": "keys"}
FOLDERS = {"customizations": "customizations"}
OF_ARGOCD_CM = {
    "trackingMethod": "application.resourceTrackingMethod",
    "instanceLabel": "application.instanceLabelKey",
    "installationId": "installationID",
    "pollSeconds": "timeout.reconciliation",
    "pollJitterSeconds": "timeout.reconciliation.jitter",
}
RECONCILE = {
    "pollSeconds": "poll_s",
    "pollJitterSeconds": "poll_jitter_s",
    "repoErrorGraceSeconds": "repo_error_grace_s",
    "selfHealBackoffSeconds": "self_heal_backoff_s",
    "selfHealBackoffFactor": "self_heal_backoff_factor",
    "selfHealBackoffCapSeconds": "self_heal_backoff_cap_s",
    "waveDelaySeconds": "wave_delay_s",
    "syncTimeoutSeconds": "sync_timeout_s",
    "operationLeaseSeconds": "operation_lease_s",
    "applyParallelism": "apply_parallelism",
    "operationProcessors": "operation_processors",
    "guardAutomaticPrune": "guard_automatic_prune",
}
WEBHOOK = ("requireSecret", "maxPayloadMB", "secrets")
MAX_PAYLOAD_MB = 1024
ARGOCD_CM = ("argocd-cm", "argocdCm")
TRACKING_METHODS = ("annotation", "label", "annotation+label")


def load_settings(path: str) -> Settings:
    """Read ``path``, or the default file where there is one; raises `ConfigError`."""
    file = Path(path).expanduser() if path else config_dir() / "config.yaml"
    if not file.exists():
        if path:
            raise ConfigError(f"{file}: no such settings file", hint="Correct --config.")
        return Settings()
    return parse_settings(file.read_bytes(), str(file))


def parse_settings(content: bytes, file: str) -> Settings:
    """Settings from the bytes of a file; relative repository paths are taken from the file's folder."""
    found = _document(content, file)
    changes: dict[str, Any] = {}
    for key, value in found.items():
        if key in TEXTS:
            changes[TEXTS[key]] = _typed(file, key, value, str, "a string")
        elif key in LISTS:
            changes[LISTS[key]] = tuple(_texts(file, key, value))
        elif key in MAPPINGS:
            changes[MAPPINGS[key]] = _mapping(file, key, value)
        elif key in FOLDERS:
            changes[FOLDERS[key]] = _folder(file, key, _typed(file, key, value, str, "a path"))
        elif key in ARGOCD_CM:
            changes["argocd_cm"] = _argocd_cm(file, key, _typed(file, key, value, dict, "a mapping"))
        elif key == "reconcile":
            changes["reconcile"] = _reconcile(file, _typed(file, key, value, dict, "a mapping"))
        elif key == "webhook":
            changes["webhook"] = _webhook(file, _typed(file, key, value, dict, "a mapping"))
        else:
            raise _unknown(file, key, [*TEXTS, *LISTS, *MAPPINGS, *FOLDERS, ARGOCD_CM[0], "reconcile", "webhook"])
    if changes.get("tracking_method", "annotation") not in TRACKING_METHODS:
        raise ConfigError(f"{file}: trackingMethod: expected one of {', '.join(TRACKING_METHODS)}")
    if "repositories" in changes:
        changes["repositories"] = _absolute(changes["repositories"], Path(file).parent)
    changes["argocd_cm"] = {**_spelled(found), **changes.get("argocd_cm", {})}
    return replace(Settings(), **changes)


def _argocd_cm(file: str, key: str, found: dict[str, Any]) -> dict[str, Any]:
    """Here a wrong value is a wrong settings file; in the cluster it is somebody else's and only told."""
    from gitops_tui.manifest.argocd_cm import parse_argocd_cm

    problems = parse_argocd_cm(found, f"{file}: {key}").problems
    if problems:
        raise ConfigError(f"{problems[0].where}: {problems[0].message}", hint=f"Correct it in {file}.")
    return found


def _spelled(found: Mapping[str, Any]) -> dict[str, Any]:
    """Our own names for what ``argocd-cm`` has too: written here, they count above what the cluster says."""
    reconcile = found.get("reconcile") or {}
    seconds = {key: f"{reconcile[name]}s" for name, key in OF_ARGOCD_CM.items() if name in reconcile}
    return {**{key: found[name] for name, key in OF_ARGOCD_CM.items() if name in found}, **seconds}


def _document(content: bytes, file: str) -> dict[str, Any]:
    from gitops_tui.manifest.decode import decode

    try:
        documents = decode(content, file=file)
    except ManifestError as error:
        raise ConfigError(str(error), hint="Correct the YAML of the settings file.") from error
    if len(documents) > 1:
        raise ConfigError(f"{file}: has {len(documents)} documents; expected one")
    return dict(documents[0].obj) if documents else {}


AT_LEAST_ONE = ("apply_parallelism", "operation_processors")


def _reconcile(file: str, found: Mapping[str, Any]) -> ReconcileSettings:
    kinds = {one.name: one.type for one in fields(ReconcileSettings)}
    changes: dict[str, Any] = {}
    for key, value in found.items():
        name = RECONCILE.get(key)
        if name is None:
            raise _unknown(file, f"reconcile.{key}", [f"reconcile.{one}" for one in RECONCILE])
        if kinds[name] is bool:
            changes[name] = _typed(file, f"reconcile.{key}", value, bool, "true or false")
        else:
            is_whole = kinds[name] is int
            expected = "a whole number" if is_whole else "a number"
            number = _typed(file, f"reconcile.{key}", value, int if is_whole else (int, float), expected)
            least = 1 if name in AT_LEAST_ONE else 0
            if number < least:
                raise ConfigError(f"{file}: reconcile.{key}: is {number}; expected {least} or more")
            changes[name] = number
    return replace(ReconcileSettings(), **changes)


def _webhook(file: str, found: Mapping[str, Any]) -> WebhookSettings:
    """A secret of a wrong type is not repeated in the error."""
    changes: dict[str, Any] = {}
    for key, value in found.items():
        if key == "requireSecret":
            changes["require_secret"] = _typed(file, "webhook.requireSecret", value, bool, "true or false")
        elif key == "maxPayloadMB":
            number = _typed(file, "webhook.maxPayloadMB", value, (int, float), "a number")
            if not 0 < number <= MAX_PAYLOAD_MB:
                raise ConfigError(f"{file}: webhook.maxPayloadMB: is {number}; expected up to {MAX_PAYLOAD_MB}")
            changes["max_payload_mb"] = number
        elif key == "secrets":
            changes["secrets"] = _secrets(file, value)
        else:
            raise _unknown(file, f"webhook.{key}", [f"webhook.{one}" for one in WEBHOOK])
    return replace(WebhookSettings(), **changes)


def _secrets(file: str, value: Any) -> dict[str, str]:
    from gitops_tui.webhook.receiver import secret_keys

    known = secret_keys()
    found: dict[str, Any] = _typed(file, "webhook.secrets", value, dict, "a mapping of strings")
    for key, secret in found.items():
        if key not in known:
            raise _unknown(file, f"webhook.secrets.{key}", [f"webhook.secrets.{one}" for one in known])
        if not isinstance(secret, str) or not secret:
            raise ConfigError(f"{file}: webhook.secrets.{key}: expected a string", hint="Quote it, or give file:PATH.")
    return found


def _folder(file: str, key: str, text: str) -> Path:
    """A relative path is taken from the folder of the settings file."""
    found = Path(file).parent.joinpath(Path(text).expanduser()).resolve()
    if not found.is_dir():
        raise ConfigError(f"{file}: {key}: {found}: no such folder", hint=f"Correct {key} in {file}.")
    return found


def _absolute(repositories: Mapping[str, str], folder: Path) -> dict[str, str]:
    def place(text: str) -> str:
        is_path = "://" not in text and "@" not in text and not Path(text).is_absolute()
        return str((folder / text).resolve()) if is_path else text

    return {written: place(actual) for written, actual in repositories.items()}


def _typed(file: str, key: str, value: Any, kind: type | tuple[type, ...], expected: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ConfigError(f"{file}: {key}: is {value!r}; expected {expected}", hint=f"Correct {key} in {file}.")
    return value


def _texts(file: str, key: str, value: Any) -> list[str]:
    found = _typed(file, key, value, list, "a list of strings")
    return [_typed(file, f"{key}[{number}]", one, str, "a string") for number, one in enumerate(found)]


def _mapping(file: str, key: str, value: Any) -> dict[str, str]:
    found = _typed(file, key, value, dict, "a mapping of strings")
    return {name: _typed(file, f"{key}.{name}", one, str, "a string") for name, one in found.items()}


def _unknown(file: str, key: str, known: list[str]) -> ConfigError:
    return ConfigError(f"{file}: {key}: not a setting", hint=f"Known settings: {', '.join(sorted(known))}.")
