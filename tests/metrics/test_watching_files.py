"""The dashboard and the alert rules: promtool takes them, and they ask for what there is."""

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
from documentation import DOCS, anchors
from scraping import documented
from support import REPOSITORY, Serve, wait_until

PROMETHEUS, PROMTOOL = shutil.which("prometheus"), shutil.which("promtool")
with_promtool = pytest.mark.skipif(PROMTOOL is None, reason="no promtool: Debian has it in the package prometheus")
DEPLOY = REPOSITORY / "service" / "deploy"
#: The configuration, and what the alerts say of made-up numbers.
FILES = (DEPLOY / "prometheus.yaml", DEPLOY / "prometheus-rules.yaml", Path(__file__).with_name("alerts.yaml"))


def expressions() -> Iterator[str]:
    """Every expression of the dashboard, with a value for each of its variables."""
    for panel in json.loads((DEPLOY / "grafana-dashboard.json").read_text("utf-8"))["panels"]:
        for target in panel["targets"]:
            yield re.sub(r"\$(\w+)", lambda name: {"__rate_interval": "1m"}.get(name[1], "x"), target["expr"])


@pytest.mark.long
@with_promtool
@pytest.mark.parametrize(
    "arguments", ["check config prometheus.yaml", "test rules alerts.yaml", "check rules new.yaml"]
)
def test_promtool_takes_the_configuration_the_alerts_and_the_dashboard(arguments: str, tmp_path: Path) -> None:
    for file in FILES:
        shutil.copy(file, tmp_path)
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(expressions())]
    (tmp_path / "new.yaml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), "utf-8")
    command = [str(PROMTOOL), *arguments.split()]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    words = {"prometheus.yaml": "valid prometheus config", "new.yaml": f"{len(rules)} rules found"}
    assert words.get(arguments.split()[-1], "SUCCESS") in done.stdout


@pytest.mark.long
@pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not installed")
def test_prometheus_reads_it_and_evaluates_each_rule(serve: Callable[..., Serve], tmp_path: Path) -> None:
    scraped, port = free_ports(2)
    serve(METRICS_PORT=str(scraped))
    for name in ("prometheus.yaml", "prometheus-rules.yaml"):
        text = (DEPLOY / name).read_text("utf-8").replace(":9464", f":{scraped}")
        (tmp_path / name).write_text(text.replace("interval: 15s", "interval: 1s"), encoding="utf-8")
    command = [PROMETHEUS, "--config.file=prometheus.yaml", "--storage.tsdb.path=data"]
    command.append(f"--web.listen-address=127.0.0.1:{port}")
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        try:

            def asked(path: str) -> Any:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}", timeout=10) as response:
                        return json.load(response)["data"]
                except OSError:  # it does not listen yet
                    return {"result": [], "groups": []}

            [live] = wait_until(lambda: asked("query?query=module_registry_workers")["result"])
            assert (live["value"][1], live["metric"]["job"]) == ("1", "module-registry")
            wait_until(lambda: asked("rules")["groups"][0]["rules"][-1]["health"] != "unknown")
            assert {rule["health"] for rule in asked("rules")["groups"][0]["rules"]} == {"ok"}
        finally:
            process.kill()


def test_each_alert_says_what_to_do_and_every_metric_that_is_asked_for_is_documented() -> None:
    texts = [(DEPLOY / name).read_text("utf-8") for name in ("grafana-dashboard.json", "prometheus-rules.yaml")]
    [group] = yaml.safe_load(texts[1])["groups"]
    for rule in group["rules"]:
        assert rule["labels"].keys() == {"severity"}
        assert rule["annotations"].keys() == {"summary", "description", "runbook"}
        name, _, heading = rule["annotations"]["runbook"].partition("#")
        assert heading in anchors(DOCS / name), rule["alert"]
        assert name == "operators.md"
    named = {name for text in texts for name in re.findall(r"\bmodule_registry_[a-z_]+", text)}
    assert {name.removesuffix("_bucket") for name in named} <= documented()
