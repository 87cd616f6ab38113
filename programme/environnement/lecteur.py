"""The reader of the environment: each variable has a type; what it cannot read is said in French.

    env = Environnement.of_the_process(BASE_DIR / ".env")
    HTTPS = env("HTTPS", boolean, default=True)
    env.finish()

A fault never stops the reading: `finish` tells all of them at once and stops the start. An empty
variable is an absent one. `NAME_FILE` names a file that holds the value, as a vault of secrets
gives it. The value of a secret, or of an address that may hold one, is never printed.
"""

import os
import re
import unicodedata
from difflib import get_close_matches
from pathlib import Path

from programme.environnement.valeurs import (
    NEW_SECRET,
    OPAQUE,
    PERMISSIONS,
    Faute,
    reason,
    secret,
    text,
)

REQUIRED = object()
LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")


class ReglagesRefuses(SystemExit):
    """The start stops on sentences, not on a traceback, whatever was started."""


class Environnement:
    """The variables of the process over those of a file, and the faults found so far."""

    def __init__(self, given, file=None, *, file_required=False):
        """given: the process's variables; file: a `.env`, told when absent if `file_required`."""
        self.faults = []
        self.known = set()
        self.written = self._file(Path(file), file_required) if file else {}
        self.values = {**self.written, **given}

    @classmethod
    def of_the_process(cls, default_file):
        """`ENV_FILE`, or `default_file` when there is one."""
        chosen = os.environ.get("ENV_FILE", "").strip()
        env = cls(os.environ, chosen or default_file, file_required=bool(chosen))
        env("ENV_FILE", text, default="")
        return env

    def __call__(self, name, parser, default=REQUIRED):
        """The value of `name` as `parser` reads it; `default` when absent or at fault."""
        self.known.add(name)
        fallback = None if default is REQUIRED else default
        try:
            value = _clean(self._given(name), parser)
            if value:
                return parser(value)
        except Faute as fault:
            self.refuse(name, str(fault))
            return fallback
        except OSError as error:
            self.refuse(name, f"le chemin ne peut pas être lu ({reason(error)}). {PERMISSIONS}")
            return fallback
        if default is REQUIRED:
            self.refuse(name, f"absente, alors qu’elle est obligatoire. {_remedy(parser)}")
        return fallback

    def _given(self, name):
        """What is given for `name`, by itself or by a file; raises `Faute`."""
        value, path = (self.values.get(key, "").strip() for key in (name, f"{name}_FILE"))
        if not path:
            return value
        if value:
            raise Faute(f"donnée deux fois, aussi par {name}_FILE. N’en gardez qu’une.")
        try:
            return Path(path).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise Faute(
                f"le fichier que {name}_FILE donne, {path}, n’existe pas. Corrigez son chemin."
            ) from None
        except UnicodeDecodeError:
            raise Faute(f"le fichier {path} n’est pas en UTF-8. Enregistrez-le en UTF-8.") from None

    def refuse(self, name, sentence):
        self.faults.append(f"{name} : {sentence}")

    def together(self, *names):
        """Variables that make no sense one without the others: all are given, or none."""
        missing = [
            name
            for name in names
            if not any(self.values.get(key, "").strip() for key in (name, f"{name}_FILE"))
        ]
        if missing and len(missing) < len(names):
            given = " et ".join(name for name in names if name not in missing)
            for name in missing:
                self.refuse(name, f"absente, alors que {given} est donnée. Donnez-les toutes.")

    def finish(self):
        """Raise `ReglagesRefuses` with every fault; without any, return what is worth a warning."""
        if self.faults:
            count = len(self.faults)
            what = "un réglage est" if count == 1 else f"{count} réglages sont"
            raise ReglagesRefuses(
                f"Le portail ne démarre pas : {what} à corriger "
                "(.env.example les décrit tous).\n"
                + "\n".join(f"  - {fault}" for fault in self.faults)
            )
        return self._look_alikes()

    def _look_alikes(self):
        """Names that nobody reads: any of ours in the file, what resembles ours in the process."""
        warnings = []
        laid = {f"{name}_FILE" for name in self.known}
        for name in sorted(self.values.keys() - self.known - laid):
            near = get_close_matches(name.upper(), self.known, n=1, cutoff=0.85)
            if near:
                warnings.append(
                    f"{name} n’est pas un réglage du portail : vouliez-vous écrire {near[0]} ?"
                )
            elif name in self.written:
                warnings.append(f"{name} n’est pas un réglage du portail : rien ne la lit.")
        return warnings

    def _file(self, path, required):
        try:
            content = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            if required:
                self.refuse("ENV_FILE", f"le fichier {path} n’existe pas. Corrigez son chemin.")
            return {}
        except UnicodeDecodeError:
            self.refuse("ENV_FILE", f"{path} n’est pas en UTF-8. Enregistrez-le en UTF-8.")
            return {}
        except OSError as error:
            self.refuse("ENV_FILE", f"{path} ne peut pas être lu ({reason(error)}). {PERMISSIONS}")
            return {}
        return self._lines(path, content)

    def _lines(self, path, content):
        """`NAME=value`, one a line; a line at fault is numbered, not shown: it may be a secret."""
        found = {}
        for number, line in enumerate(content.splitlines(), start=1):
            line = line.strip()  # noqa: PLW2901
            if not line or line.startswith("#"):
                continue
            match = LINE.fullmatch(line)
            if match is None:
                self.refuse("ENV_FILE", f"{path}, ligne {number} : écrivez NOM=valeur.")
            elif match[1] in found:
                self.refuse(
                    match[1], f"donnée deux fois ({path}, ligne {number}). N’en gardez qu’une."
                )
            else:
                found[match[1]] = _unquoted(match[2].strip())
        return found


def _unquoted(value):
    """What quotes enclose; within double ones a backslash protects the next character."""
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        inner = value[1:-1]
        return re.sub(r"\\(.)", r"\1", inner) if value[0] == '"' else inner
    return value


def _clean(value, parser):
    """Without the spaces around; raises `Faute` on what no eye can see."""
    value = value.strip()
    for place, character in enumerate(value, start=1):
        if unicodedata.category(character) in {"Cc", "Cf", "Cs"}:
            raise Faute(f"un caractère invisible ou illisible, le {place}ᵉ. Retapez la valeur.")
    if parser not in OPAQUE and len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        raise Faute("la valeur est entre guillemets. Retirez-les.")
    return value


def _remedy(parser):
    if parser is secret:
        return f"Tirez-en une au hasard : {NEW_SECRET}"
    return "Donnez-la à l’environnement."
