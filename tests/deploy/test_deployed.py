"""The image that is built by the Containerfile, and the unit on a systemd of its own: both serve, on a bare Debian.

Images cannot be fetched everywhere, so the one to build on is made by debootstrap.
"""

import os
import re
import resource
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import documentation
import pytest
from clusters import free_ports
from nginx import ask
from support import DEADLINE, REPOSITORY, children, kill_and_wait, wait_until

from service.cli.settings import read_files

PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/lib/podman"
TOOLS = ("buildah", "netavark", "debootstrap", "systemd-nspawn")
MISSING = [tool for tool in TOOLS if shutil.which(tool, path=PATH) is None]
#: Whether root is root enough: in a container without rights it is not.
NAMESPACES = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True).returncode == 0
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(os.geteuid() != 0, reason="images and machines are made by root alone"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(not NAMESPACES, reason="this container may not make namespaces"),
]

FILES, PAGE = read_files(), documentation.page("deploy.md")
#: For what fetches packages, and for a machine that boots beside other tests, in seconds.
PATIENCE = 1200.0


def run(*command: str | Path, input: str | None = None) -> str:
    done = subprocess.run(command, input=input, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, (command, done.stdout[-3000:], done.stderr[-3000:])
    return done.stdout


class Buildah:
    """buildah, with its images in a folder, without what needs rights that a container has not."""

    def __init__(self, folder: Path) -> None:
        self._store = ["--storage-driver", "vfs", "--root", f"{folder}/images", "--runroot", f"{folder}/run"]
        limits = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
        most = {name: resource.getrlimit(number)[1] for name, number in limits.items()}
        self.limits = [part for name, number in most.items() for part in ("--ulimit", f"{name}={number}:{number}")]

    def command(self, *arguments: str | Path) -> list[str | Path]:
        return ["buildah", *self._store, *arguments]

    def __call__(self, *arguments: str | Path) -> str:
        return run(*self.command(*arguments)).strip()


def test_the_image_and_the_unit_serve_on_a_bare_debian() -> None:
    """One test, since the two share what takes minutes, and two gigabytes: a Debian, and the image."""
    with TemporaryDirectory(prefix="mr-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder, debian, buildah = Path(name), Path(name, "debian"), Buildah(Path(name))
        run("/usr/sbin/debootstrap", "--variant=minbase", "trixie", debian)
        try:
            build(buildah, debian, folder)
            serves_as_its_user(buildah)
            runs_on_systemd_by_the_steps_of_the_page(buildah, debian, folder / "machine")
        finally:
            buildah("rm", "--all")


def build(buildah: Buildah, debian: Path, folder: Path) -> None:
    """Build the image `module-registry`."""
    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, debian, "/")
    buildah("commit", "--quiet", "--rm", container, "localhost/debian:trixie")
    (folder / "Containerfile").write_text(FILES["Containerfile"])
    volumes = []
    if authority := os.environ.get("PIP_CERT"):  # of a proxy in front of the package index
        (folder / "pip.conf").write_text("[global]\ncert = /authority.crt\n")
        volumes = ["--volume", f"{authority}:/authority.crt:ro", "--volume", f"{folder}/pip.conf:/etc/pip.conf:ro"]
    options = ["--isolation", "chroot", *buildah.limits, *volumes, "--build-arg", "BASE=localhost/debian:trixie"]
    options += ["--build-arg", "REVISION=0123abc", "--build-arg", "CREATED=2026-11-28T00:00:00Z"]
    buildah("bud", *options, "--file", folder / "Containerfile", "--tag", "module-registry", REPOSITORY)
    labels = buildah("inspect", "--type", "image", "--format", "{{.OCIv1.Config.Labels}}", "module-registry")
    assert "image.revision:0123abc" in labels and "image.created:2026-11-28T00:00:00Z" in labels


def serves_as_its_user(buildah: Buildah) -> None:
    """Run the image until it is told to stop."""
    container = buildah("from", *buildah.limits, "module-registry")
    [port] = free_ports(1)
    inside = ["run", "--isolation", "chroot", container, "--", "module-registry"]
    process = subprocess.Popen(buildah.command(*inside, "serve", "--port", str(port)))
    try:
        wait_until(lambda: is_ready(port), PATIENCE)
        assert "0 problems, 0 not seen, 0 warnings" in buildah(*inside, "doctor")
        served, *_ = _serves(process.pid)
        assert Path(f"/proc/{served}").stat().st_uid == 10001
        os.kill(served, 15)
        assert process.wait(DEADLINE) == 0
    finally:
        for pid in _serves(process.pid):
            os.kill(pid, 9)
        process.kill()
        process.wait()
    assert buildah("inspect", "--format", "{{.OCIv1.Config.Cmd}}", container) == "[serve --host 0.0.0.0 --port 8000]"


def is_ready(port: int) -> bool:
    with suppress(ConnectionError):
        return ask(f"http://127.0.0.1:{port}", "/readyz").status == 200
    return False


def _serves(pid: int) -> list[int]:
    """The processes of `serve` below one, without what buildah runs it by."""
    found = []
    for child in sorted(children(pid)):
        program, *arguments = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        is_one = b"python" in program and arguments[:2] == [b"/opt/module-registry/bin/module-registry", b"serve"]
        found += [child] * is_one + _serves(child)
    return found


def commands_of_the_page(beginning: str) -> str:
    """A command of the page, with its continued lines."""
    [pids] = re.findall(rf"^    ({re.escape(beginning)}(?:.*\\\n)*.*)$", PAGE, re.MULTILINE)
    return str(pids)


def runs_on_systemd_by_the_steps_of_the_page(buildah: Buildah, debian: Path, machine: Path) -> None:
    """Boot a machine on which the page was followed."""
    run("cp", "--archive", debian, machine)
    shutil.copy("/etc/resolv.conf", machine / "etc" / "resolv.conf")
    install = "apt-get update && apt-get install --yes --no-install-recommends systemd-sysv dbus python3 sudo"
    run("chroot", machine, "env", "DEBIAN_FRONTEND=noninteractive", "sh", "-c", install)
    container = buildah("from", *buildah.limits, "module-registry")
    run("cp", "--archive", f"{buildah('mount', container)}/opt/module-registry", machine / "opt")
    buildah("umount", container)

    (machine / "deploy").mkdir()
    for name, text in FILES.items():
        (machine / "deploy" / name).write_text(text.replace("https://registry.example.com", "http://127.0.0.1:8000"))
    shutil.copy(REPOSITORY / "registry.yaml", machine)
    steps = [commands_of_the_page(name) for name in ("useradd", "install -D", "install -m 600")]
    steps.append(commands_of_the_page("install -m 644 deploy/module-registry.service"))
    run("chroot", machine, "sh", "-c", "cd / && " + " && ".join(steps))

    script = (
        Path(__file__)
        .with_name("deployed.sh")
        .read_text("utf-8")
        .replace("DOCTOR", commands_of_the_page("systemd-run --pipe"))
    )
    script = script.replace("LISTING", commands_of_the_page("cd / && sudo"))
    (machine / "root" / "script").write_text(script)
    units = machine / "etc" / "systemd" / "system"
    (units / "try.service").write_text(
        "[Unit]\nAfter=module-registry.service\n[Service]\nType=oneshot\nExecStart=/bin/sh /root/script\n"
    )
    wanted = units / "multi-user.target.wants"
    wanted.mkdir(exist_ok=True)
    for name in ("try.service", "module-registry.service"):
        (wanted / name).symlink_to(f"../{name}")
    for name in ("systemd-networkd", "systemd-resolved", "systemd-logind", "systemd-timesyncd"):
        (units / f"{name}.service").symlink_to("/dev/null")

    said, finished = machine / "root" / "said", "\nfinished\n"
    options = ["--boot", "--register=no", "--keep-unit", "--private-network", "--console=passive"]
    # A name that was used by one that was killed is refused.
    command = ["systemd-nspawn", "--quiet", "--directory", machine, f"--machine=mr-{os.getpid()}", *options]
    environ = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
    process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: process.poll() is not None or (said.exists() and finished in said.read_text()), PATIENCE)
        assert process.poll() is None, "systemd-nspawn has ended"
    finally:
        inits = children(process.pid)
        process.kill()
        process.wait()
        for pid in inits:  # all else ends with it
            kill_and_wait(pid)
    text = said.read_text()
    assert text.count('{"status":"ready"') == 2, text
    assert "0 problems, 0 not seen, 0 warnings" in text
    for line in ("doctor: 0", "listed: 0", "restarted: 0", "stopped: 0", "Result=success", "ExecMainStatus=0"):
        assert f"\n{line}\n" in text, text
    [exposure] = re.findall(r"exposure level for module-registry.service: ([\d.]+)", text)
    assert f"its exposure {exposure} of 10" in PAGE
