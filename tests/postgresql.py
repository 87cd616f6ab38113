"""A private PostgreSQL for the tests: made, used, thrown away.

    python -m tests.postgresql -- pytest -q

runs a command with `DATABASE_URL` set to a new cluster in a temporary directory, reached by its
socket only, and returns the command's exit code. Without PostgreSQL's binaries it says so loudly
and runs nothing: exit code 0 on a developer's machine, 1 when `CI` is set.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

USER = "portail"
# A cluster that lives for one run does not have to survive a power cut.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "128MB",
}


def find_binaries(*names):
    """Directory of `names` (by default, of a server): on PATH, else Debian's newest, else None."""
    names = names or ("initdb", "pg_ctl", "postgres")
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name), reverse=True
    )
    on_path = [Path(d) for d in os.environ.get("PATH", "").split(os.pathsep) if d]
    for directory in [*on_path, *debian]:
        # A lone wrapper on PATH is not enough: all must be there.
        if all(os.access(directory / name, os.X_OK) for name in names):
            return directory
    return None


def _as_postgres():
    """Prefix of PostgreSQL's commands: it refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _run(command, log):
    """Run a command of PostgreSQL; on failure raise RuntimeError with what it and the log say."""
    done = subprocess.run(
        [*_as_postgres(), *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        env={**os.environ, "LC_ALL": "C"},
        check=False,
    )
    if done.returncode:
        details = log.read_text() if log.exists() else ""
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}\n{details}")


@contextmanager
def cluster(binaries, kept=None):
    """A running cluster with an empty database; yields its `DATABASE_URL`.

    kept: the folder where it is found again as it was left; without one it is thrown away.
    """
    # Short on purpose: the path of a Unix socket has 107 bytes at most.
    root = kept or Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    root.mkdir(exist_ok=True)
    data, log = root / "data", root / "log"
    own(root)
    new = not data.exists()
    try:
        if new:
            _run(
                [binaries / "initdb", "-D", data, "-U", USER, "--auth=trust", "--encoding=UTF8",
                 "--locale=C.UTF-8", "--no-sync"],
                log,
            )  # fmt: skip
        flags = " ".join(f"-c {name}='{value}'" for name, value in OPTIONS.items())
        _run(
            [binaries / "pg_ctl", "-D", data, "-l", log, "-w", "-o", f"{flags} -k {root}", "start"],
            log,
        )
        try:
            if new:
                with connect(f"postgres://{USER}@/{root}/postgres") as connection:
                    connection.execute(f"CREATE DATABASE {USER}")
            yield f"postgres://{USER}@/{root}/{USER}"
        finally:
            mode = "fast" if kept else "immediate"
            _run([binaries / "pg_ctl", "-D", data, "-m", mode, "-w", "stop"], log)
    finally:
        if not kept:
            shutil.rmtree(root, ignore_errors=True)


def connect(url):
    """A connection to `url`, as `cluster` writes it: a socket, then a base."""
    root, base = url.split("@/", 1)[1].rsplit("/", 1)
    return psycopg.connect(host=root, user=USER, dbname=base, autocommit=True)


def tool(root, programme, *arguments):
    """Run one of PostgreSQL's programmes on the cluster of `root`."""
    _run([find_binaries(programme) / programme, *arguments], root / "log")


def ctl(root, data, act, *, socket=None, mode="fast"):
    """`pg_ctl`, on the files of `data`, answering by its socket in `socket`, or `root`."""
    flags = [] if act == "stop" else ["-o", f"-c listen_addresses='' -k {socket or root}"]
    tool(root, "pg_ctl", "-D", data, "-l", root / "log", "-m", mode, "-w", *flags, act)


@contextmanager
def paused(data):
    """The server of these files, and all that works for it, say nothing."""
    head = int((data / "postmaster.pid").read_text().split()[0])
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(head)], capture_output=True, text=True, check=False
    )
    found = [head, *map(int, children.stdout.split())]
    for pid in found:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def own(path):
    """Give a file or a folder to who runs the cluster."""
    if os.geteuid() == 0:
        shutil.chown(path, "postgres", "postgres")


def main(arguments):
    """Run `arguments` (a command, after an optional `--`) on a private cluster."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        sys.exit("usage: python -m tests.postgresql -- command…")
    binaries = find_binaries()
    if binaries is None:
        print(
            "\n" + "!" * 88 + "\n"
            "!! PostgreSQL (initdb, pg_ctl) is not installed: NOTHING WAS TESTED ON POSTGRESQL.\n"
            "!! Debian: apt-get install postgresql\n" + "!" * 88,
            file=sys.stderr,
        )
        return 1 if os.environ.get("CI") else 0
    # An interrupted run still stops and removes its cluster.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with cluster(binaries) as url:
        done = subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
