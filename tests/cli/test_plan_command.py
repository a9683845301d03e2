"""`module-registry plan`: the plan as a drawing, and what it exits with."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import documentation
import pytest
from support import DOCUMENTED, run

from service.registry import plan as planning
from service.registry.loading import load

FILE = {"REGISTRY_FILE": str(DOCUMENTED)}


def test_it_draws_steps_and_says_what_queues() -> None:
    done = run("plan", "scrap", "filter", "emails", "socials", "brand_assets", "verify_emails", **FILE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        " 1 -+- scrap          -> leads                   will queue",
        "    |",
        " 2 -+- filter         leads -> leads",
        "    |",
        " 3 -+- emails         leads -> emails            will queue",
        "    +- socials        leads -> social_profiles   will queue",
        "    +- brand_assets   leads -> brand_assets",
        "    |",
        " 4 -+- verify_emails  emails -> verified_emails",
        "",
        "will queue: scrap, emails and socials; the VPN pool takes one run at a time, platform-wide",
    ]


def test_the_example_of_the_documentation_is_what_it_prints() -> None:
    text = documentation.page("ops.md")
    shown = text.partition("    $ module-registry plan ")[2].partition("    $ echo $?\n")[0]
    names, *lines = shown.splitlines()
    done = run("plan", *names.split(), **FILE)
    assert done.stdout.splitlines() == [line.removeprefix("    ") for line in lines]
    assert done.returncode == 3


def test_what_is_missing_and_left_out_exits_3() -> None:
    done = run("plan", "veille", "finance", "crm", "sms_campaign", **FILE)
    assert done.returncode == 3
    assert done.stdout.splitlines() == [
        "left out: finance, which is frozen during the alpha",
        "left out: sms_campaign, which is on demand",
        "left out: veille, which is a meta feature",
        "left out: crm, which is coming soon",
    ]
    done = run("plan", "emails", **FILE)
    assert done.returncode == 3
    assert done.stdout.splitlines()[-1] == "missing: leads, which emails needs; scrap or import would supply it"


def test_every_reason_has_words_and_a_missing_supplier_too(tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(
        "modules:\n"
        "  - {slug: a, category: tools, label: {fr: A, en: A}, api_endpoint: /api/a, produces: [x]}\n"
        "  - {slug: b, category: tools, label: {fr: B, en: B}, api_endpoint: /api/b, pipelinable: true, needs: [x]}\n"
    )
    done = run("plan", "--registry", str(file), "a", "b", **FILE)
    assert done.stdout.splitlines()[-2:] == [
        "missing: x, which b needs; nothing that runs supplies it",
        "left out: a, which is not pipelinable",
    ]


def test_json_is_what_http_answers() -> None:
    done = run("plan", "--format", "json", "emails", "scrap", "finance", **FILE)
    expected = asdict(planning.plan(load(DOCUMENTED), ["scrap", "emails", "finance"]))
    assert json.loads(done.stdout) == json.loads(json.dumps(expected))
    assert done.returncode == 3


def test_unknown_names_exit_1_with_what_was_meant() -> None:
    done = run("plan", "emials", "scrap", **FILE)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == 'No module has the slug "emials" (did you mean emails?).\n'
    assert run("plan", *(f"m{number}" for number in range(51)), **FILE).stderr == (
        "modules must name 1 to 50 modules, not 51.\n"
    )


@pytest.mark.parametrize(
    ("content", "code"), [(None, 2), ("modules:\n  - slug: a\n", 1)], ids=["unreadable", "with problems"]
)
def test_a_registry_that_is_not_good_is_told_as_by_other_commands(
    tmp_path: Path, content: str | None, code: int
) -> None:
    file = tmp_path / "registry.yaml"
    if content:
        file.write_text(content)
    done = run("plan", "a", REGISTRY_FILE=str(file))
    assert (done.returncode, done.stdout) == (code, "")
    assert str(file) in done.stderr


def test_no_module_is_a_misuse() -> None:
    done = run("plan", **FILE)
    assert done.returncode == 2
    assert "Missing argument 'MODULE...'" in done.stderr


def test_a_shell_completes_modules_that_are_not_named_yet(tmp_path: Path) -> None:
    def completions(line: str, **settings: str) -> list[str]:
        words = {"COMP_WORDS": f"module-registry {line}", "COMP_CWORD": str(len(line.split()))}
        done = run(_MODULE_REGISTRY_COMPLETE="bash_complete", **words, **settings)
        assert done.stderr == ""
        return [each.removeprefix("plain,") for each in done.stdout.split()]

    assert completions("plan emails email", **FILE) == ["email_campaign", "email_warmup"]
    (tmp_path / "other.yaml").write_text("modules: []\n")
    assert completions(f"plan --registry {tmp_path}/other.yaml e", **FILE) == []
    assert completions("plan e", REGISTRY_FILE=str(tmp_path / "missing.yaml")) == []
