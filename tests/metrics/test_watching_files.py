"""The dashboard and the alert rules: promtool takes them, and they ask for what there is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from clusters import free_ports
from scraping import DEPLOY, documented, named_in_deploy_files
from support import Serve, wait_until

#: What the alerts say of made-up numbers.
RULES_TEST = """
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {{ series: 'up{{job="module-registry", instance="a"}}', values: '0x10' }}
      - {{ series: 'module_registry_workers{{instance="a"}}', values: '1x10' }}
      - {{ series: 'module_registry_workers_wanted{{instance="a"}}', values: '2x10' }}
      - {{ series: 'module_registry_requests_total{{instance="a", route="/x", status="503"}}', values: '0+10x10' }}
      - {{ series: 'module_registry_requests_total{{instance="a", route="/x", status="200"}}', values: '0+100x10' }}
      - series: 'module_registry_requests_total{{instance="b", route="(no route)", status="503"}}'
        values: '0+10x10'
      - {{ series: 'module_registry_requests_total{{instance="b", route="/x", status="200"}}', values: '0+1x10' }}
      - {{ series: 'module_registry_webhook_lag_seconds{{queue="changes", instance="a"}}', values: '3600x10' }}
    alert_rule_test:
      - {{ eval_time: 10m, alertname: ModuleRegistryRedisDown, exp_alerts: [] }}
      - eval_time: 10m
        alertname: ModuleRegistryWorkersMissing
        exp_alerts:
          - exp_labels: {{ severity: warning, instance: a }}
            exp_annotations: &workers
              summary: Workers of a do not stay alive
              description: The log says how they ended. Each is started again, after growing pauses.
      - eval_time: 10m
        alertname: ModuleRegistryErrors
        exp_alerts:
          - exp_labels: {{ severity: critical, instance: a }}
            exp_annotations:
              summary: More than 5 % of what a answers are errors
              description: 503 says that Redis cannot be used, 500 a defect. The log has the reason.
      - eval_time: 10m
        alertname: ModuleRegistryWebhooksLate
        exp_alerts:
          - exp_labels: {{ severity: warning, queue: changes }}
            exp_annotations:
              summary: Webhooks of changes are 1h 0m 0s late
              description: >-
                The receiver refuses them or cannot be reached. `module-registry webhooks status` says why.
"""


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    return found


def said(*command: str, stdin: str = "") -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_takes_the_configuration_and_its_rules(promtool: str) -> None:
    assert "valid prometheus config" in said(promtool, "check", "config", str(DEPLOY / "prometheus.yaml"))


def test_alerts_say_what_is_wrong(promtool: str, tmp_path: Path) -> None:
    file = tmp_path / "test.yaml"
    file.write_text(RULES_TEST.format(rules=DEPLOY / "prometheus-rules.yaml"), encoding="utf-8")
    said(promtool, "test", "rules", str(file))


def expressions() -> Iterator[str]:
    """Every expression of the dashboard, with a value for each of its variables."""
    for panel in json.loads((DEPLOY / "grafana-dashboard.json").read_text("utf-8"))["panels"]:
        for target in panel["targets"]:
            yield re.sub(r"\$(\w+)", lambda found: {"__rate_interval": "1m"}.get(found[1], "x"), target["expr"])


def test_promtool_takes_each_expression_of_the_dashboard(promtool: str, tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": one} for number, one in enumerate(expressions())]
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
    assert f"{len(rules)} rules found" in said(promtool, "check", "rules", str(file))


@pytest.mark.long
def test_prometheus_reads_it_and_evaluates_each_rule(serve: Callable[..., Serve], tmp_path: Path) -> None:
    prometheus = shutil.which("prometheus")
    if prometheus is None:
        pytest.skip("prometheus is not installed")
    scraped, port = free_ports(2)
    serve(METRICS_PORT=str(scraped))
    for name in ("prometheus.yaml", "prometheus-rules.yaml"):
        text = (DEPLOY / name).read_text("utf-8").replace(":9464", f":{scraped}")
        (tmp_path / name).write_text(text.replace("interval: 15s", "interval: 1s"), encoding="utf-8")
    command = [prometheus, f"--config.file={tmp_path / 'prometheus.yaml'}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stderr=log) as process,
    ):
        try:

            def asked(path: str) -> Any:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}", timeout=10) as response:
                        return json.load(response)["data"]
                except OSError:  # it does not listen yet
                    return {"result": [], "groups": []}

            [live] = wait_until(lambda: asked("query?query=module_registry_workers")["result"])
            assert (live["value"][1], live["metric"]["job"]) == ("1", "module-registry")
            [group] = wait_until(
                lambda: [one for one in asked("rules")["groups"] if one["rules"][-1]["health"] != "unknown"]
            )
            assert {rule["health"] for rule in group["rules"]} == {"ok"}
        finally:
            process.kill()


def test_each_alert_says_what_to_do() -> None:
    [group] = yaml.safe_load((DEPLOY / "prometheus-rules.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]:
        assert rule["labels"].keys() == {"severity"}
        assert rule["annotations"].keys() == {"summary", "description"}


def test_no_panel_covers_another() -> None:
    dashboard: Any = json.loads((DEPLOY / "grafana-dashboard.json").read_text("utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        own = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not own & taken
        assert max(x for x, _ in own) < 24
        taken |= own


def test_every_metric_that_they_name_is_documented() -> None:
    assert named_in_deploy_files() <= documented()
