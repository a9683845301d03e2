"""`code-references`: which files are looked at, by which patterns and registry, how it is said, and what --fix does."""

import json
import os
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import answering, run

from service.cli import files
from service.registry.loading.loader import load
from service.web.responses import json_bytes

REGISTRY = """modules:
  - slug: emails
    category: enrich
    label: { fr: E-mails, en: Emails }
    formerly: [email_search]
    api_endpoint: /api/emails
  - slug: facebook
    category: enrich
    label: { fr: Facebook, en: Facebook }
    api_endpoint: /api/facebook
    deprecated: { since: 2026-01-01, removed_after: 2026-09-01, use: emails, because: { fr: Fini., en: It ends. } }
removed:
  - slug: insta
    date: 2026-02-01
    because: { fr: Fini., en: It ended. }
"""
FORMER = b'start({ job_type: "email_search" })\n'
PATTERN = ("--pattern", 'job_type: "{slug}"')


def test_what_git_lists_is_looked_at_but_binary_files_and_links(folder: Path, commit: Callable[[Path], str]) -> None:
    source = folder / "src"
    (source / "node_modules").mkdir(parents=True)
    for name in ("known.ts", "new.ts", "gone.ts", "ignored.ts", "node_modules/a.ts", ".hidden.ts", "image.png"):
        (source / name).write_bytes(FORMER)
    (folder / ".gitignore").write_text("ignored.ts\nnew.ts\n")
    commit(folder)
    (folder / ".gitignore").write_text("ignored.ts\n")
    (source / "image.png").write_bytes(b"\0" + FORMER)
    (source / "large.ts").write_bytes(FORMER + b" " * 4 * 1024 * 1024)
    (source / "link.ts").symlink_to("ignored.ts")
    (source / "gone.ts").unlink()
    in_a_hook = {"GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index"}
    done = run("code-references", "src", *PATTERN, folder=folder, **in_a_hook)
    places = [line.partition(":")[0] for line in done.stdout.splitlines() if line.startswith("src/")]
    assert places == ["src/.hidden.ts", "src/known.ts", "src/new.ts", "src/node_modules/a.ts"]
    assert done.stderr == "src/large.ts: left out, since it is larger than 4 MiB\n"
    named = run("code-references", "src/ignored.ts", "./src/ignored.ts", "src/link.ts", *PATTERN, folder=folder)
    assert named.stdout.endswith("\n2 problems in 2 of 2 files\n2 files, 2 slugs\n")


def test_without_a_repository_hidden_folders_and_node_modules_are_left_out(folder: Path) -> None:
    for name in ("a.ts", "node_modules/b.ts", ".cache/c.ts", "d/e.ts"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(FORMER)
    done = run("code-references", ".", *PATTERN, "--format", "json", folder=folder)
    assert [each["file"] for each in json.loads(done.stdout)["problems"]] == ["a.ts", "d/e.ts"]
    assert done.stderr == "3 files, 2 slugs\n"


def test_fix_writes_the_current_slug_for_a_former_one_and_nothing_else(folder: Path) -> None:
    (folder / "a.ts").write_bytes(FORMER + b'job_type: "insta"\r\n// email_search \xff')
    (folder / "a.ts").chmod(0o750)
    done = run("code-references", "a.ts", *PATTERN, "--fix", folder=folder)
    assert (done.returncode, done.stderr) == (1, "a.ts: 1 slug replaced\n")
    assert done.stdout.startswith("a.ts:2:12: insta was removed on 2026-02-01: It ended.; nothing takes its place")
    after = b'start({ job_type: "emails" })\njob_type: "insta"\r\n// email_search \xff'
    assert (folder / "a.ts").read_bytes() == after
    assert (folder / "a.ts").stat().st_mode & 0o777 == 0o750
    assert sorted(path.name for path in folder.iterdir()) == ["a.ts", "registry.yaml"]


@pytest.fixture
def site() -> Iterator[SimpleNamespace]:
    """A server that answers `body` with `status`, in drips or at once, and has the paths that it was asked for."""
    site = SimpleNamespace(body=b"", status=200, drips=False, paths=[])

    def answer(handler: BaseHTTPRequestHandler) -> None:
        site.paths.append(handler.path)
        handler.send_response(site.status)
        handler.end_headers()
        for byte in site.body if site.drips else ():
            handler.wfile.write(bytes([byte]))
            time.sleep(0.01)
        handler.wfile.write(site.body)

    with answering(answer) as port:
        site.url = f"http://127.0.0.1:{port}"
        yield site


def test_the_registry_may_be_at_an_address(folder: Path, site: SimpleNamespace) -> None:
    (folder / "a.ts").write_bytes(FORMER)
    registry = load(folder / "registry.yaml")
    as_file, as_served = REGISTRY.encode(), json_bytes({"modules": registry.modules, "removed": registry.removed})
    for body, path in ((as_file, "/raw/registry.yaml?token=s"), (as_served, ""), (as_served, "/api/modules")):
        site.body = body
        done = run("code-references", "a.ts", *PATTERN, "--registry", site.url + path, folder=folder)
        assert done.stdout.startswith("a.ts:1:20: email_search is a former slug; write emails"), done.stderr
    assert site.paths == ["/raw/registry.yaml?token=s", "/api/modules", "/api/modules"]


def test_an_address_has_a_bound_and_a_time_limit(
    folder: Path, site: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_MOST_FETCHED", 1000)

    def refused(url: str) -> str:
        done = run("code-references", ".", *PATTERN, "--registry", url, folder=folder)
        assert (done.returncode, done.stdout) == (2, "")
        return done.stderr

    site.body = b"x" * 2000
    assert "answered 200 with 1,001 bytes" in refused(f"{site.url}/?token=s")
    site.drips = True
    began = time.monotonic()
    with monkeypatch.context() as patched:
        patched.setattr(files, "_MOST_SECONDS", 0.2)
        assert refused(f"{site.url}/?token=s") == f"{site.url}/: cannot be fetched: no answer within 0.2 s\n"
    assert time.monotonic() - began < 2
    site.drips, site.status = False, 302
    assert "redirects are not followed" in refused(site.url)
    assert "plain http" in refused("http://registry.example.com")
    said = refused("https://user:secret@registry.example.com?token=secret")
    assert ("no http:// or https:// address" in said, "secret" in said) == (True, False)


@pytest.mark.nightly
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="it takes two cores")
def test_100_000_files_of_400_mb_take_20_seconds(short_dir: Path) -> None:
    (short_dir / "registry.yaml").write_text(REGISTRY)
    text = (b"const words = 'nothing to see here, at all'\n" * 95)[:4000]
    for number in range(100_000):
        path = short_dir / f"src/{number // 1000}/{number}.ts"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text + FORMER * (number % 100 == 0))
    began = time.monotonic()
    patterns = [word for name in ("job_type", "jobType", "module") for word in ("--pattern", f'{name}: "{{slug}}"')]
    done = run("code-references", "src", *patterns, "--pattern", "/modules/{slug}", folder=short_dir)
    assert done.stdout.endswith("\n1,000 problems in 1,000 of 100,000 files\n100,000 files, 1,000 slugs\n")
    assert time.monotonic() - began < 20
