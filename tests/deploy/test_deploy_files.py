"""The files for operators: written by the command, accepted by the tools they are for, and true of this service."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import documentation
import kubernetes_validate
import pytest
import yaml
from support import DEADLINE, DOCUMENTED, REPOSITORY, Serve, config_map_swap, run

from service.cli.serve import serve as serve_command
from service.cli.settings import ABOUT, read_files
from service.settings.settings import NAMES

#: The exposure of the unit that systemd-analyze may find, in tenths; of 10.0, less is better.
EXPOSURE = 15

FILES = read_files()
DEPLOYMENT, SERVICE, BUDGET = yaml.safe_load_all(FILES["kubernetes.yaml"])
POD: dict[str, Any] = DEPLOYMENT["spec"]["template"]["spec"]
[CONTAINER] = POD["containers"]


def test_the_command_writes_them_once(tmp_path: Path) -> None:
    folder, page = tmp_path / "new" / "deploy", documentation.page("deploy.md")
    written = run("deploy-files", str(folder))
    assert (written.returncode, {path.name: path.read_text() for path in folder.iterdir()}) == (0, FILES)
    assert set(FILES) == ABOUT.keys()
    for name, about in ABOUT.items():
        assert f"wrote {folder / name}: {about}\n" in written.stdout
        assert f"wrote deploy/{name}: {about}\n" in page
        assert "@VERSION@" not in FILES[name]
    assert f'image.version="{CONTAINER["image"].rpartition(":")[2]}"' in FILES["Containerfile"]
    (folder / "nginx.conf").write_text("mine")
    (folder / "environment").unlink()
    refused = run("deploy-files", str(folder))
    assert (refused.returncode, (folder / "nginx.conf").read_text()) == (1, "mine")
    assert "has Containerfile already" in refused.stderr
    assert not (folder / "environment").exists()
    assert run("deploy-files", "--force", str(folder)).returncode == 0
    assert {path.name: path.read_text() for path in folder.iterdir()} == FILES


def test_an_image_is_labelled_with_what_it_was_made_of() -> None:
    """By the image specification's annotations, of arguments that the command of the page gives."""
    container = FILES["Containerfile"]
    for name in ("revision", "source", "created"):
        assert f'org.opencontainers.image.{name}="${{{name.upper()}}}"' in container
        assert f"\nARG {name.upper()}\n" in container.rpartition("\nFROM ")[2]
        for command in (container.partition("ARG BASE")[0], documentation.page("deploy.md")):
            assert f'--build-arg {name.upper()}="$(' in command


@pytest.mark.long
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("command", ["verify --man=no", f"security --offline=true --threshold={EXPOSURE} --no-pager"])
def test_the_unit_is_sound_and_leaves_little_open(command: str, tmp_path: Path) -> None:
    unit = tmp_path / "module-registry.service"
    text = FILES[unit.name].replace("/opt/module-registry/bin/module-registry", "/bin/true")  # which is on this machine
    unit.write_text(text)
    analyze = ["systemd-analyze", *command.split(), unit]
    done = subprocess.run(analyze, capture_output=True, text=True, timeout=DEADLINE)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_kubernetes_knows_every_field_and_the_manifests_fit_together() -> None:
    for document in (DEPLOYMENT, SERVICE, BUDGET):
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
    [selected] = {str(each) for each in (SERVICE["spec"]["selector"], BUDGET["spec"]["selector"]["matchLabels"])}
    assert selected == str(DEPLOYMENT["spec"]["selector"]["matchLabels"])
    assert DEPLOYMENT["spec"]["template"]["metadata"]["labels"].items() >= SERVICE["spec"]["selector"].items()
    assert {mount["name"] for mount in CONTAINER["volumeMounts"]} == {volume["name"] for volume in POD["volumes"]}
    routes = yaml.load((REPOSITORY / "schemas" / "openapi.yaml").read_text("utf-8"), yaml.CSafeLoader)["paths"]
    probes = [CONTAINER[f"{name}Probe"] for name in ("startup", "readiness", "liveness")]
    assert {probe["httpGet"]["path"] for probe in probes} <= routes.keys()
    [pause] = CONTAINER["lifecycle"]["preStop"]["exec"]["command"][1:]
    assert POD["terminationGracePeriodSeconds"] > int(pause) + 8  # what a stop takes at most, by operators.md


def test_every_setting_and_option_in_them_is_one() -> None:
    unit, container = FILES["module-registry.service"], FILES["Containerfile"]
    named = {each["name"] for each in CONTAINER["env"]}
    named |= set(re.findall(r"\b([A-Z_]+)=/", unit + container)) - {"PATH"}
    named |= set(re.findall(r"^#?([A-Z_]+)=", FILES["environment"], re.MULTILINE))
    assert {"PUBLIC_URL", "METRICS_PORT", "REDIS_URL", "SECRET_KEY", "DATA_DIR", "REGISTRY_FILE"} == named
    assert named <= NAMES
    [started] = re.findall("^ExecStart=(.*)", unit, re.MULTILINE)
    [command] = re.findall(r"^CMD (.*)", container, re.MULTILINE)
    for line in (shlex.split(started)[1:], yaml.safe_load(command), CONTAINER["args"]):
        assert line[0] == "serve"
        assert serve_command.make_context("serve", line[1:]).params["port"] == 8000


@pytest.mark.long
def test_a_config_map_that_changes_is_served_by_the_steps_of_the_page(
    serve: Callable[..., Serve], short_dir: Path
) -> None:
    """The kubelet's swap of links, and `wait-live` on the file that is wanted, as deploy.md has it."""
    file = short_dir / "config" / "registry.yaml"
    file.parent.mkdir()
    text = DOCUMENTED.read_text("utf-8")
    config_map_swap(file, text)
    running = serve("--log-format", "json", REGISTRY_FILE=str(file))
    wanted = short_dir / "wanted.yaml"
    live = partial(run, "wait-live", str(wanted), "--timeout", DATA_DIR=str(running.data_dir))
    for edited in (text.replace("modules:", "# edited\nmodules:", 1), text):
        wanted.write_text(edited, "utf-8")
        assert live("0").returncode == 1
        config_map_swap(file, edited)
        assert live("60").returncode == 0
