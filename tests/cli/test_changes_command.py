"""`module-registry changes`: what a pull request says about itself."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from support import OPERATOR, Store, connect, run

from service.interest.keys import interest_key
from service.interest.maintenance import merge
from service.storage import lock

Changes = Callable[..., subprocess.CompletedProcess[str]]

SCRAP = "  - { slug: scrap, category: sources, label: { fr: Scraper, en: Scraper }, api_endpoint: /api/scrap }\n"
LINKEDIN = "  - { slug: linkedin, category: sources, label: { fr: LinkedIn, en: LinkedIn }, coming_soon: true }\n"
NETWORK = LINKEDIN.replace("slug: linkedin", "slug: network, formerly: [linkedin]")
LIVE = LINKEDIN.replace("coming_soon: true", "api_endpoint: /api/linkedin")
LEGACY = "legacy_features: [company]\n"
BASE = f"modules:\n{SCRAP}{LINKEDIN}{LEGACY}"
BECAUSE = "because: { fr: Une raison., en: A reason. }"

ADVICE = "add it to legacy_features, or give its successor `formerly: [linkedin]`"
BREAKING = ("--fail-on", "breaking")


@pytest.fixture
def repository(tmp_path: Path, commit: Callable[[Path], None]) -> Path:
    """A git repository whose branch main has BASE as registry.yaml."""
    folder = tmp_path / "repository"
    (folder / "sub").mkdir(parents=True)
    (folder / "registry.yaml").write_text(BASE)
    (folder / "broken.yaml").write_text("modules: 12\n")
    (folder / "sub" / "note").write_text("a file, so that git keeps the folder")
    commit(folder)
    return folder


@pytest.fixture
def changes(repository: Path) -> Iterator[Changes]:
    """Run `module-registry changes git:main:registry.yaml` against a text, in the repository.

    `before` is a text to compare it with, and `base` another name of one.
    """

    def call(
        head: str, *options: str, before: str = "", base: str = "git:main:registry.yaml", folder: str = ".", **more: str
    ) -> Any:
        (repository / "registry.yaml").write_text(head)
        if before:
            (repository / (base := "before.yaml")).write_text(before)
        return run("changes", base, *options, folder=repository / folder, **{"DATA_DIR": "var"} | more)

    yield call
    assert not (repository / "var").exists()


def vote(redis: Redis, feature: str, number: int) -> None:
    redis.sadd(interest_key(feature), *(f"{feature}-{voter}" for voter in range(number)))


def test_an_edit_of_comments_changes_nothing(changes: Changes) -> None:
    for style in ("text", "markdown"):
        done = changes(f"# edited\n{BASE}", "--format", style, *BREAKING)
        assert (done.returncode, done.stderr, "No changes" in done.stdout) == (0, "", True)
    assert json.loads(changes(BASE, "--format", "json").stdout)["changed"] is False


def test_breaking_changes_stand_first_and_are_marked(changes: Changes) -> None:
    head = f"modules:\n{SCRAP.replace('scrap', 'emails')}{SCRAP.replace('/api/scrap', '/api/scraper')}{LEGACY}"
    done = changes(head, "--no-votes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "git:main:registry.yaml -> registry.yaml",
        "2 changes break clients:",
        "  BREAKING linkedin is removed: clients hold it as a stable identifier",
        "  BREAKING scrap: endpoint /api/scrap becomes /api/scraper",
        "Votes:",
        f"  linkedin leaves the allow-list: if it has votes, {ADVICE}",
        "Modules:",
        '  emails ("Scraper") is added to active',
    ]
    assert changes(head, *BREAKING).returncode == 3


def test_what_people_read_of_a_module_is_said_and_breaks_nobody(changes: Changes) -> None:
    long = "x" * 290
    more = f"description: {{ fr: {long} Un., en: One. }}, keywords: [deals, ventes], owner: team-tools, stage: planned"
    head = BASE.replace("coming_soon: true", f"coming_soon: true, documentation: /docs/l, {more}")
    done = changes(head, *BREAKING, "--no-votes")
    assert (done.returncode, done.stdout.splitlines()[1:]) == (
        0,
        [
            "Fields:",
            f'  linkedin: description.fr none becomes "{long} Un."',
            '  linkedin: description.en none becomes "One."',
            "  linkedin: keywords [] becomes [deals, ventes]",
            "  linkedin: documentation none becomes /docs/l",
            "  linkedin: owner none becomes team-tools",
            "  linkedin: stage none becomes planned",
        ],
    )
    said = changes(head, "--format", "markdown", "--no-votes").stdout
    assert f"| `linkedin` | `description.fr` | none | `{long} Un.` |" in said
    assert "| `linkedin` | `keywords` | `[]` | `[deals, ventes]` |" in said
    assert "| `linkedin` | `stage` | none | `planned` |" in said
    fields = json.loads(changes(head, "--format", "json", "--no-votes").stdout)["fields"]
    names = "description.fr description.en keywords documentation owner stage"
    assert [edit["field"] for edit in fields] == names.split()


def test_every_kind_of_change_has_its_words(changes: Changes) -> None:
    meta = "  - { slug: meta, category: tools, label: { fr: M, en: M }, is_meta: true }\n"
    frozen = SCRAP.replace("/api/scrap", "/api/scrap, alpha_unavailable: true, feature_page: page, produces: [leads]")
    served = meta.replace("is_meta: true", "is_meta: true, api_endpoint: /api/meta")
    head = f"modules:\n{frozen}{LINKEDIN.replace('slug: linkedin', 'slug: network')}{served}"
    done = changes(head, "--no-votes", before=f"modules:\n{meta}{SCRAP}{NETWORK}")
    assert done.stdout.splitlines()[1:] == [
        "1 change breaks clients:",
        "  BREAKING linkedin, a former slug of network, leads nowhere any more: clients may still hold it",
        "Votes:",
        "  linkedin, once the id of network, no longer works in votes",
        "Modules:",
        "  scrap moves from active to alpha_unavailable; its endpoint answers 503",
        "  meta: endpoint /api/meta is added",
        "  The modules are listed in another order",
        "Fields:",
        "  scrap: feature_page none becomes page",
        "  scrap: produces [] becomes [leads]",
        "  network: formerly [linkedin] becomes []",
    ]


def test_a_module_is_removed_in_peace_once_its_last_day_has_passed(changes: Changes) -> None:
    ending = f"deprecated: {{ since: 2026-03-01, removed_after: 2026-09-01, {BECAUSE} }}"
    old = SCRAP.replace("/api/scrap", f"/api/scrap, {ending}")
    announced = changes(f"modules:\n{old}{LINKEDIN}{LEGACY}", "--no-votes", *BREAKING)
    assert announced.returncode == 0
    assert "Modules:\n  scrap is deprecated, and may be removed after 2026-09-01\n" in announced.stdout

    def said(head: str, today: str) -> tuple[int, list[str]]:
        done = changes(head, "--today", today, "--no-votes", *BREAKING, before=f"modules:\n{old}{LINKEDIN}")
        return done.returncode, [line.strip() for line in done.stdout.splitlines() if "scrap is" in line]

    gone = f"modules:\n{LINKEDIN}"
    listed = f"{gone}removed:\n  - {{ slug: scrap, date: 2026-09-02, use: linkedin, {BECAUSE} }}\n"
    stone = "scrap is listed as removed, and linkedin is to be used instead"
    early = "BREAKING scrap is removed with its endpoint /api/scrap too early: it was to be there until 2026-09-01"
    silent = "BREAKING scrap is removed with its endpoint /api/scrap: clients hold it as a stable identifier"
    assert said(listed, "2026-09-02") == (0, [stone])
    assert said(listed, "2026-09-01") == (3, [early, stone])
    assert said(gone, "2026-09-02") == (3, [silent])
    assert changes(gone, "--today", "soon").returncode == 2
    unannounced = changes(listed, "--no-votes").stdout
    assert "BREAKING scrap is removed with its endpoint /api/scrap unannounced: say" in unannounced


def test_a_rename_that_does_not_say_so_is_recognised(changes: Changes) -> None:
    scraper = SCRAP.replace("slug: scrap", "slug: scraper")
    done = changes(f"modules:\n{scraper}{LINKEDIN}{LEGACY}", "--no-votes", *BREAKING)
    assert (done.returncode, done.stdout.count("BREAKING")) == (3, 1)
    words = "scrap is removed, and scraper looks like it: if it was renamed, give scraper `formerly: [scrap]`"
    assert words in done.stdout


def test_a_slug_that_is_used_anew_is_refused_with_the_votes_that_would_be_shared(
    changes: Changes, redis: Redis, valkey_url: str
) -> None:
    vote(redis, "linkedin", 5)
    merge(redis, "linkedin", "network", by=OPERATOR)  # as the first request after the rename does it
    words = "BREAKING linkedin once meant network and is used anew, and 5 votes would be shared: choose another slug\n"
    anew = LINKEDIN.replace("en: LinkedIn", "en: Others")
    forgotten = NETWORK.replace(", formerly: [linkedin]", "")
    for network in (NETWORK, forgotten):  # in the file, and in the store alone
        edit = {"before": f"modules:\n{SCRAP}{network}", "REDIS_URL": valkey_url}
        done = changes(f"modules:\n{SCRAP}{forgotten}{anew}", *BREAKING, **edit)
        assert (done.returncode, words in done.stdout, done.stdout.count("BREAKING")) == (3, True, 1)
        as_json = json.loads(changes(f"modules:\n{SCRAP}{forgotten}{anew}", "--format", "json", **edit).stdout)
        assert as_json["breaking"][0]["message"] in words
    # To give a feature its old slug back is no other feature.
    back = LINKEDIN.replace("slug: linkedin", "slug: linkedin, formerly: [network]")
    done = changes(f"modules:\n{SCRAP}{back}", before=f"modules:\n{SCRAP}{NETWORK}", REDIS_URL=valkey_url)
    assert ("used anew" in done.stdout, "network is renamed to linkedin" in done.stdout) == (False, True)


def test_markdown_is_fit_for_a_comment_whatever_labels_hold(changes: Changes) -> None:
    label = r'"a | <b> `c` *d* [e](f) \\\\ @team\nnext"'
    head = BASE.replace("en: Scraper", f"en: {label}").replace("/api/scrap", "/api/new").replace("[company]", "[]")
    said = changes(head, "--format", "markdown").stdout
    expected = r"""## Module registry

**1 change breaks clients.**

From `git:main:registry.yaml` to `registry.yaml`.

### Breaking changes

- **Breaking:** `scrap`: endpoint `/api/scrap` becomes `/api/new`

### Votes

- `company` leaves the allow-list: if it has votes, ADVICE

_Votes were not looked at: no store could be reached from here._

### Fields

| Module | Field | Before | After |
| --- | --- | --- | --- |
| `scrap` | `label.en` | `Scraper` | ``a \| <b> `c` *d* [e](f) \\ @team\nnext`` |
"""
    assert said == expected.replace("ADVICE", ADVICE.replace("linkedin", "company"))


def test_markdown_says_so_when_nothing_breaks(changes: Changes) -> None:
    done = changes(BASE.replace("fr: Scraper", "fr: Neuf"), "--format", "markdown", "--no-votes", *BREAKING)
    assert (done.returncode, "**No change breaks clients.**" in done.stdout) == (0, True)
    assert "Breaking" not in done.stdout
    assert "looked at" not in done.stdout + done.stderr


def test_a_long_list_is_cut_so_that_a_comment_may_hold_it(changes: Changes) -> None:
    many = "".join(SCRAP.replace("scrap", f"m{number}") for number in range(700))
    done = changes(f"modules:\n{many}{LINKEDIN}{LEGACY}", "--format", "markdown", "--no-votes")
    assert "… and 650 more:" in done.stdout
    assert len(done.stdout) < 65536


def test_what_the_graph_loses_and_gains_is_drawn(changes: Changes) -> None:
    def entry(slug: str, more: str) -> str:
        return SCRAP.replace("scrap", slug).replace(" }\n", f", {more} }}\n")

    others = entry("emails", "needs: [leads], produces: [emails]") + entry("sort", "needs: [leads], produces: [leads]")
    before = f"modules:\n{entry('scrap', 'produces: [leads]')}{entry('import', 'produces: [leads]')}{others}"
    new = entry("network", "produces: [leads, people], formerly: [scrap]")
    head = f"modules:\n{new}{others}{entry('phones', 'needs: [people, emails]')}"
    _, _, graph = changes(head, "--no-votes", before=before).stdout.partition("Graph:\n")
    assert graph.partition("Fields:")[0].splitlines() == [
        "  - import --leads--> emails and sort",
        "  + emails --emails--> phones",
        "  + network --people--> phones",
    ]
    comment = changes(head, "--no-votes", "--format", "markdown", before=before).stdout
    drawn = "- Lost: `import` → `leads` → `emails` and `sort`\n- Gained: `emails` → `emails` → `phones`\n"
    assert f"\n### Graph\n\n{drawn}" in comment
    found = json.loads(changes(head, "--no-votes", "--format", "json", before=before).stdout)["graph"]
    assert found["lost"] == [{"artifact": "leads", "producers": ["import"], "consumers": ["emails", "sort"]}]
    assert [each["artifact"] for each in found["gained"]] == ["emails", "people"]


def test_json_has_the_same_keys_whatever_changes(changes: Changes) -> None:
    renamed = f"modules:\n{NETWORK}{LEGACY}"
    same, other = (json.loads(changes(head, "--format", "json").stdout) for head in (BASE, renamed))
    assert same.keys() == other.keys()
    assert other["renamed"] == [{"old": "linkedin", "new": "network", "joins": False}]
    assert other["removed"] == [{"slug": "scrap", "bucket": "active"}]
    assert [each["kind"] for each in other["breaking"]] == ["slug-removed", "slug-renamed"]
    assert other["allow_list"]["renamed"] == [{"old": "linkedin", "new": "network"}]
    assert other["votes"]["looked_at"] is False
    again = json.loads(changes(BASE, "--format", "json", before=renamed).stdout)
    assert again["added"] == [{"slug": "scrap", "bucket": "active"}, {"slug": "linkedin", "bucket": "coming_soon"}]


def test_votes_that_a_feature_would_lose_are_counted(changes: Changes, redis: Redis, valkey_url: str) -> None:
    head = f"modules:\n{SCRAP}{LEGACY}"
    done = changes(head, REDIS_URL=valkey_url)
    assert "  linkedin leaves the allow-list, and no votes are lost\n" in done.stdout
    vote(redis, "linkedin", 27)
    done = changes(head, "--votes", REDIS_URL=valkey_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"\n  linkedin leaves the allow-list with 27 votes: {ADVICE}\n" in done.stdout
    done = changes(head, "--format", "json", REDIS_URL=valkey_url)
    assert json.loads(done.stdout)["votes"] == {
        "looked_at": True,
        "at_stake": [{"feature": "linkedin", "votes": 27}],
        "messages": [f"linkedin leaves the allow-list with 27 votes: {ADVICE}"],
    }
    merge(redis, "linkedin", "company", by=OPERATOR)  # by hand: they are not lost
    done = changes(head, REDIS_URL=valkey_url)
    assert "  linkedin leaves the allow-list, and no votes are lost\n" in done.stdout


#: What it says instead of ADVICE, of a slug that can be nobody's former one: by what takes the place of LINKEDIN.
LISTED = f"removed:\n  - {{ slug: linkedin, date: 2026-03-01, {BECAUSE} }}\n"
OTHER_ADVICE = [
    (f"{LIVE}{LEGACY}", "add it to legacy_features"),  # it is still a module's
    (f"{LEGACY}{LISTED}", "add it to legacy_features"),
    (f"{NETWORK.replace('coming_soon', 'is_meta')}{LEGACY}", "add network, its successor, to legacy_features"),
]


@pytest.mark.parametrize(("edit", "advice"), OTHER_ADVICE)
def test_the_advice_is_one_that_check_accepts(
    changes: Changes, redis: Redis, valkey_url: str, edit: str, advice: str
) -> None:
    vote(redis, "linkedin", 1)
    done = changes(f"modules:\n{SCRAP}{edit}", REDIS_URL=valkey_url)
    assert f"linkedin leaves the allow-list with 1 vote: {advice}\n" in done.stdout
    taken = edit.replace("[company]", f"[company, {'network' if 'network' in edit else 'linkedin'}]")
    if LISTED not in edit:
        done = changes(f"modules:\n{SCRAP}{taken}", REDIS_URL=valkey_url)
        assert (done.returncode, "leaves" in done.stdout) == (0, False)


def test_a_rename_moves_votes_and_says_how_many(changes: Changes, redis: Redis, valkey_url: str) -> None:
    vote(redis, "linkedin", 27)
    renamed = f"modules:\n{SCRAP}{NETWORK}{LEGACY}"
    done = changes(renamed, REDIS_URL=valkey_url)
    assert "  linkedin means network in votes: 27 votes move to it\n  network enters the allow-list\n" in done.stdout
    assert redis.scard(interest_key("linkedin")) == 27
    # Once they have moved, nothing is left to say: they neither move again nor come back.
    merge(redis, "linkedin", "network", by=OPERATOR)
    done = changes(renamed, REDIS_URL=valkey_url)
    assert "  linkedin means network in votes\n  network enters the allow-list\n" in done.stdout


def test_votes_that_come_back_are_mentioned(changes: Changes, redis: Redis, valkey_url: str) -> None:
    vote(redis, "monitoring", 4)
    done = changes(BASE.replace("[company]", "[company, monitoring]"), REDIS_URL=valkey_url)
    assert "  monitoring enters the allow-list with 4 votes from before\n" in done.stdout


@pytest.mark.parametrize("settings", [{}, {"REDIS_URL": "unix:///nonexistent.sock"}, {"REDIS_URL": "nonsense"}])
def test_without_a_store_only_votes_that_were_asked_for_are_an_error(
    changes: Changes, settings: dict[str, str]
) -> None:
    head = BASE.replace("fr: Scraper", "fr: Neuf")
    done = changes(head, **settings)
    assert (done.returncode, "scrap: label.fr" in done.stdout) == (0, True)
    assert done.stderr.startswith("Votes were not looked at: ") and done.stderr.count("\n") == 1
    done = changes(head, "--votes", **settings)
    assert (done.returncode, done.stdout, bool(done.stderr)) == (1, "", True)


def test_the_store_of_a_running_serve_is_asked(changes: Changes, own_store: Store) -> None:
    with closing(connect(own_store.url)) as client, lock.held_by_serve(own_store.data_dir):
        vote(client, "linkedin", 2)
        done = changes(f"modules:\n{SCRAP}{LEGACY}", "--votes", DATA_DIR=str(own_store.data_dir))
    assert "linkedin leaves the allow-list with 2 votes: " in done.stdout


def test_two_files_and_a_subfolder_do_as_well(changes: Changes) -> None:
    assert "No changes" in changes(BASE, "registry.yaml", base="./registry.yaml").stdout
    same = changes(BASE, "git:HEAD:./../registry.yaml", folder="sub")
    assert (same.returncode, "No changes" in same.stdout) == (0, True)
    assert "No changes" in changes(BASE, REGISTRY_FILE="../registry.yaml", folder="sub").stdout


def test_a_comment_says_first_that_nothing_can_be_compared(changes: Changes) -> None:
    head = BASE.replace("category: sources", "category: '`b`'") + "".join(f"x{n}: 1\n" for n in range(80))
    done = changes(head, "--format", "markdown")
    assert (done.returncode, done.stderr.count("registry.yaml:")) == (1, 82)
    title, _, verdict, _, first, *others = done.stdout.splitlines()
    assert (title, verdict) == ("## Module registry", "**`registry.yaml` has 82 problems: what changes is not known.**")
    assert first.startswith('- ``registry.yaml:2:30: scrap: category "`b`" is not a known one')
    assert others[-1] == "… and 32 more."
    assert all(re.match("- `+registry.yaml:", each) for each in others[:-2])
    both = changes("modules: x\n", "--format", "markdown", base="missing.yaml")
    words = "\n**`missing.yaml` cannot be read and `registry.yaml` has 1 problem: what changes is not known.**"
    assert (both.returncode, words in both.stdout) == (2, True)
    both = changes("modules: x\n", base="git:main:broken.yaml")  # in text, all is on standard error
    assert (both.returncode, both.stdout) == (1, "")
    assert "git:main:broken.yaml:1:10: " in both.stderr and "\nregistry.yaml:1:10: " in both.stderr


UNREADABLE = [
    ("missing.yaml", "missing.yaml: cannot be read"),
    ("git:nowhere:registry.yaml", "there is no revision nowhere"),
    ("git:main:missing.yaml", "there is no missing.yaml in main"),
    ("git:main:sub", "cannot be read"),
    ("git:--help:registry.yaml", "a revision cannot begin with -"),
    ("git::registry.yaml", "write git:REVISION:PATH"),
    ("git:main:", "write git:REVISION:PATH"),
    ("git:main", "write git:REVISION:PATH"),
]


@pytest.mark.parametrize(("base", "words"), UNREADABLE)
def test_what_cannot_be_read_is_named(changes: Changes, base: str, words: str) -> None:
    done = changes(BASE, base=base)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(base) and words in done.stderr and done.stderr.count("\n") == 1


def test_git_and_a_repository_are_needed_only_for_names_that_say_git(changes: Changes, repository: Path) -> None:
    done = changes(BASE, PATH=str(repository))
    assert (done.returncode, "git is not installed" in done.stderr) == (2, True)
    assert changes(BASE, base="registry.yaml", PATH=str(repository)).returncode == 0
    done = changes(BASE, GIT_DIR=str(repository / "nothing"))
    assert (done.returncode, "not a git repository" in done.stderr) == (2, True)
