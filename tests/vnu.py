"""The Nu HTML Checker over pages: in Java, installed by `make epreuves` where npm is there."""

import json
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

MISSING = (
    "The Nu HTML Checker is not there: NO PAGE WAS JUDGED BY IT "
    "(apt-get install default-jre-headless npm, then make epreuves)"
)
JAR = settings.BASE_DIR / ".cache/outils/node_modules/vnu-jar/build/dist/vnu.jar"


def find_vnu():
    """The command that runs it; None where Java, or its jar, is not."""
    java = shutil.which("java")
    return [java, "-Xss4m", "-jar", str(JAR)] if java and JAR.exists() else None


def judged(command, pages):
    """`{what it says: the addresses where}` of `{address: markup}`, warnings included."""
    told = {}
    with TemporaryDirectory() as folder:
        names = {f"{rank:05}.html": address for rank, address in enumerate(pages)}
        for name, address in names.items():
            (Path(folder) / name).write_text(pages[address], encoding="utf-8")
        done = subprocess.run(
            [*command, "--format", "json", "--exit-zero-always", "--stdout", folder],
            capture_output=True,
            text=True,
            check=True,
        )
    for message in json.loads(done.stdout)["messages"]:
        address = names[message["url"].rpartition("/")[2]]
        told.setdefault(f"{message['type']} : {message['message']}", {}).setdefault(
            address, message.get("extract", "")
        )
    return told
