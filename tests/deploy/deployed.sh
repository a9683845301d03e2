# What is done on a machine once it has started, by test_deployed.py: DOCTOR and LISTING are commands of deploy.md.

exec >/root/said 2>&1
set -x
ready() { /opt/module-registry/bin/python - <<'END'
import time, urllib.request
for _ in range(600):
    try:
        print(urllib.request.urlopen("http://127.0.0.1:8000/readyz").read().decode(), flush=True)
        break
    except OSError:
        time.sleep(0.2)
END
}
ready
DOCTOR
echo "doctor: $?"
LISTING
echo "listed: $?"
systemctl restart module-registry; echo "restarted: $?"
ready
systemd-analyze security --no-pager module-registry | tail -n 1
systemctl stop module-registry; echo "stopped: $?"
systemctl show --property Result,ExecMainStatus,NRestarts module-registry
echo finished
