"""What every measure does: a part of itself in a process of its own, a base to itself."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from statistics import median

RACINE = Path(__file__).resolve().parent.parent
PAIRS = RACINE / ".cache" / "outils" / "pairs" / "bin" / "python"
"""The Python that has the peers, apart from the portal's; see `make bench`."""


def environment(url, settings="programme.settings"):
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": settings}


def child(module, url, *arguments, settings="programme.settings", python=sys.executable):
    """Run a part of `bench.<module>` on the base of `url`; what it printed last."""
    done = subprocess.run(
        [python, "-m", f"bench.{module}", *map(str, arguments)],
        env=environment(url, settings),
        stdout=subprocess.PIPE,
        check=True,
    )
    # The load prints its progress before the last line, which is the answer.
    return json.loads(done.stdout.splitlines()[-1])


def peak_memory(process="self"):
    """The most memory that a process has held so far, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def spread(seconds, limit):
    """The figures of one thing measured several times; `rapport`: the time of `limit` over its."""
    return {
        "rapport": round(limit / median(seconds), 3),
        "secondes": round(median(seconds), 5),
        "de_a": [round(min(seconds), 5), round(max(seconds), 5)],
    }
