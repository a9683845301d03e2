"""`module-registry settings` and `deploy-files`: what is in force, and why; and what an operator copies to run it."""

import os
from dataclasses import Field, fields
from enum import Enum
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import click

from service.cli.output import say
from service.cli.tables import table
from service.settings.redis_url import RedisUrl
from service.settings.settings import Settings
from service.storage.data_dir import SECRET_KEY

#: What is printed in place of a key or a password.
_HIDDEN = "(hidden)"


@click.command()
def settings() -> None:
    """Print the settings in force, and where each comes from. Secrets are hidden.

    All are environment variables; one that makes no sense is refused by name.
    """
    settings = Settings.from_env(os.environ)
    kept = settings.data_dir / SECRET_KEY
    rows = []
    for field in fields(Settings):
        name, shown = field.name.upper(), _shown(field, getattr(settings, field.name))
        origin = "environment" if name in os.environ else "default"
        if name == "SECRET_KEY" and origin == "default" and settings.redis_url is None and kept.exists():
            shown, origin = _HIDDEN, str(kept)
        rows.append((name, shown, origin))
    table(("setting", "value", "from"), rows)


def _shown(field: Field[object], value: object) -> str:
    """The value as the environment would have it, without what is secret."""
    if value in (None, (), ""):
        return "(not set)"
    if isinstance(value, RedisUrl):
        return value.place.removeprefix("REDIS_URL ")
    if field.name == "webhook_url":
        parts = urlsplit(str(value))  # whoever knows its path and query may be let in by them
        return f"{parts.scheme}://{parts.netloc}/{_HIDDEN}"
    if not field.repr:
        return _HIDDEN
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool | Enum) else str(value)


#: What each file is; they begin with where they go.
ABOUT = {
    "Containerfile": "an image, for buildah, podman or docker",
    "environment": "settings, for the systemd unit",
    "grafana-dashboard.json": "a dashboard of the metrics, to be imported into Grafana",
    "kubernetes.yaml": "a Deployment with probes, a Service and a PodDisruptionBudget",
    "module-registry.service": "a systemd unit",
    "nginx.conf": "a cache in front, for one `serve` or several",
    "prometheus-rules.yaml": "alerts, which prometheus.yaml takes in",
    "prometheus.yaml": "an example of what Prometheus asks",
    "requirements.lock": "the packages that this release was tested with, and their hashes",
    "requirements-mcp.lock": "the packages that `module-registry mcp` adds",
    "requirements-oidc.lock": "the packages that signing in with OpenID Connect adds",
    "requirements-otel.lock": "the packages that OpenTelemetry adds",
}


@click.command("deploy-files")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--force", is_flag=True, help="Replace what is there already.")
def deploy_files(folder: Path, force: bool) -> None:
    """Write what it takes to run the service into FOLDER, which is made where it is missing.

    A systemd unit and its settings, a Containerfile, Kubernetes manifests, an nginx configuration, a Grafana dashboard,
    alerts for Prometheus and the locked packages, of the version that is installed. If one of the files exists, nothing
    is written.

    The exit code is 0 if all of them are written, and 1 if not.
    """
    files = read_files()
    there = [] if force else sorted(name for name in files if (folder / name).exists())
    if there:
        raise click.ClickException(f"{folder} has {there[0]} already: name another folder, or replace it with --force")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
            say(f"wrote {folder / name}: {ABOUT[name]}")
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from None
    say("next: the page `deploy` of the documentation has the steps; `serve` shows it at /en/docs/deploy")


def read_files() -> dict[str, str]:
    """The files by their names, for the version that is installed."""
    files = sorted((Path(__file__).parents[1] / "deploy").iterdir())
    return {file.name: file.read_text("utf-8").replace("@VERSION@", version("module-registry")) for file in files}
