"""The environment: what is understood, and the sentence that each fault gets, all at once."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from programme.environnement import Environnement, ReglagesRefuses
from programme.environnement import valeurs as v

ROOT = Path(__file__).parents[2]
KEY = "Clé-de-l’essai-" + "0123456789abcdef" * 3
SECRETS = "motdepasse-que-personne-ne-doit-lire"


def read(parser, value, **options):
    """(value read, faults)."""
    env = Environnement({"NOM": value})
    return env("NOM", parser, **options), env.faults


def fault(parser, value):
    """The only sentence about `value`."""
    _, faults = read(parser, value, default=None)
    (sentence,) = faults
    assert sentence.startswith("NOM : ")
    return sentence


# --- What is understood -----------------------------------------------------------------------


@pytest.mark.parametrize("word", ["oui", "Vrai", "TRUE", "yes", "on", "1", "  oui "])
def test_true_has_many_words(word):
    assert read(v.boolean, word) == (True, [])


@pytest.mark.parametrize("word", ["non", "Faux", "FALSE", "no", "off", "0", "\tnon\n"])
def test_false_has_many_words(word):
    assert read(v.boolean, word) == (False, [])


@pytest.mark.parametrize("empty", ["", "  ", "\t"])
def test_an_empty_variable_is_an_absent_one(empty):
    assert read(v.boolean, empty, default=True) == (True, [])
    _, (sentence,) = read(v.boolean, empty)
    assert "obligatoire" in sentence


@pytest.mark.parametrize(
    ("parser", "value", "expected"),
    [
        (v.integer(0, 10), "07", 7),
        (v.number(0, 10), "1,5", 1.5),
        (v.words, "a, b ,,c", ["a", "b", "c"]),
        (v.choice("INFO", "DEBUG"), "info", "INFO"),
        (v.hosts, "portail.fr,.exemple.fr,[::1]", ["portail.fr", ".exemple.fr", "[::1]"]),
        (v.site_url, "https://portail.fr/", "https://portail.fr"),
        (v.site_url, "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        (v.origins, "https://*.exemple.fr", ["https://*.exemple.fr"]),
        (v.service_url, "https://fca.exemple.fr/api/v2/", "https://fca.exemple.fr/api/v2"),
        (v.bind, "0.0.0.0:80,unix:/run/p.sock,[::]:8000", None),
        (v.email_address, "Le portail <a@b.fr>", "Le portail <a@b.fr>"),
        (v.token, "v1.2-rc3", "v1.2-rc3"),
        (v.log_file, "-", "-"),
    ],
)
def test_values(parser, value, expected):
    assert read(parser, value) == (expected or value.split(","), [])


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("sqlite://:memory:", {"NAME": ":memory:"}),
        ("sqlite:///base.sqlite3", {"NAME": "base.sqlite3"}),
        (
            "postgres://u:p%40%2F@h_1:5433/base?sslmode=require",
            {
                "NAME": "base",
                "USER": "u",
                "PASSWORD": "p@/",
                "HOST": "h_1",
                "PORT": "5433",
                "OPTIONS": {"sslmode": "require"},
            },
        ),
        ("postgresql://portail@/base?host=/run/pg", {"HOST": "/run/pg", "PORT": ""}),
        ("postgres://portail@%2Frun%2Fpg/base", {"HOST": "/run/pg", "NAME": "base"}),
        ("postgres://portail@//run/pg/base", {"HOST": "/run/pg", "NAME": "base"}),
        ("postgres://u@[::1]:5432/base", {"HOST": "::1"}),
    ],
)
def test_databases(address, expected):
    found, faults = read(v.database, address)
    assert faults == []
    assert expected.items() <= found.items()


def test_mailers():
    found, faults = read(v.mailer, "smtp+tls://moi:p%40ss@smtp.exemple.fr:2525")
    assert faults == []
    assert found == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_USE_TLS": True,
        "EMAIL_HOST": "smtp.exemple.fr",
        "EMAIL_PORT": 2525,
        "EMAIL_HOST_USER": "moi",
        "EMAIL_HOST_PASSWORD": "p@ss",
    }
    assert read(v.mailer, "smtp+ssl://smtp.exemple.fr")[0]["EMAIL_PORT"] == 465
    assert read(v.mailer, "consolemail://")[1] == []


# --- What is refused, and how -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("parser", "value", "words"),
    [
        (v.boolean, "peut-être", "ni oui ni non. Écrivez True ou False"),
        (v.boolean, "False # commentaire", "ni oui ni non"),
        (v.boolean, '"True"', "entre guillemets. Retirez-les"),
        (v.integer(1, 9), "10", "nombre entier de 1 à 9"),
        (v.integer(0, 9), "1_0", "nombre entier"),
        (v.integer(0, 9), "٣", "nombre entier"),
        (v.integer(0, 9), "5 s", "sans espace ni unité"),
        (v.number(0, 9), "nan", "nombre de 0 à 9"),
        (v.number(0, 9), "1e400", "nombre de 0 à 9"),
        (v.choice("INFO", "DEBUG"), "bavard", "Choisissez parmi INFO, DEBUG"),
        (v.hosts, "https://portail.fr", "sans https://"),
        (v.hosts, "portail.fr:443", "sans port"),
        (v.hosts, "portail.fr exemple.fr", "séparez-en plusieurs par des virgules"),
        (v.hosts, "été.fr", "n’est pas un nom d’hôte"),
        (v.site_url, "portail.fr", "Écrivez-la comme https://portail.exemple.fr"),
        (v.site_url, "ftp://portail.fr", "Écrivez-la comme"),
        (v.site_url, "https://portail.fr:99999", "Écrivez-la comme"),
        (v.site_url, "https://portail.fr/sous/chemin", "à la racine"),
        (v.origins, "portail.fr", "n’est pas une adresse"),
        (v.bind, "8000", "Écrivez-la comme 127.0.0.1:8000"),
        (v.bind, "127.0.0.1:80000", "de 1 à 65535"),
        (v.email_address, "portail", "adresse électronique"),
        (v.token, 'v"1', "lettres sans accent"),
        (v.text, "bon\u200bjour", "caractère invisible ou illisible, le 4ᵉ"),
        (v.text, "a\x00b", "caractère invisible"),
        (v.text, "a\udcffb", "caractère invisible ou illisible"),
        (v.secret, "a" * 80, "trop facile à deviner"),
        (v.folder, "media", "chemin complet"),
        (v.folder, "/dev/null/media", "est un fichier, pas un dossier"),
        (v.log_file, "/nulle/part/acces.log", "n’existe pas. Créez-le"),
        (v.database, "mysql://h/b", "le genre « mysql » n’est pas connu"),
        (v.database, "base", "n’est pas une adresse"),
        (v.database, "sqlite:///", "le fichier manque"),
        (v.database, "sqlite://base.sqlite3", "le fichier manque"),
        (v.database, "sqlite:////nulle/part/base", "n’existe pas"),
        (v.database, "sqlite:////tmp", "est un dossier"),
        (v.database, "postgres://", "le nom de la base manque"),
        (v.database, "postgres://h:port/b", "le port"),
        (v.database, "postgres://h:70000/b", "le port"),
        (v.database, "postgres://h/b?inconnu=1", "mal formée"),
        (v.mailer, "smtp.exemple.fr", "n’est pas une adresse"),
        (v.mailer, "pigeon://x", "le genre « pigeon »"),
        (v.mailer, "smtp://", "l’hôte manque"),
        (v.mailer, "smtp://h:abc", "le port"),
    ],
)
def test_a_fault_names_the_variable_the_fault_and_the_remedy(parser, value, words):
    assert words in fault(parser, value)


@pytest.mark.parametrize(
    ("parser", "value"),
    [
        (v.secret, "motdepasse-court"),
        (v.secret, "django-insecure-" + SECRETS * 2),
        (v.secret, SECRETS + "\x07" + SECRETS),
        (v.database, f"postgres://u:{SECRETS}/x@h/b"),
        (v.database, f"postgres://u:{SECRETS}@x@h/b"),
        (v.database, f"postgres://u:{SECRETS}%zz@h/b"),
        (v.database, f"{SECRETS}"),
        (v.mailer, f"smtp://u:{SECRETS}#x@h"),
        (v.mailer, f"smtp://u:{SECRETS}/x@h"),
        (v.site_url, f"https://u:{SECRETS}@portail.fr"),
        (v.origins, f"https://u:{SECRETS}@portail.fr"),
        (v.service_url, f"https://u:{SECRETS}@portail.fr"),
    ],
)
def test_a_secret_is_never_printed(parser, value):
    assert (
        "motdepasse"
        not in fault(parser, value).removesuffix(v.DATABASE_EXAMPLES).split("Écrivez")[0]
    )


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *args: False)
    assert f"le dossier {tmp_path} ne peut pas être écrit" in fault(
        v.writable_folder, str(tmp_path / "media")
    )


# --- The file ---------------------------------------------------------------------------------


def test_the_process_goes_before_the_file(tmp_path):
    file = tmp_path / "env"
    file.write_text('\ufeff# commentaire\n\nexport A=fichier\nB=\'deux mots\'\nC="l\\"un"\n')
    env = Environnement({"A": "processus"}, file)
    assert [env(name, v.text) for name in "ABC"] == ["processus", "deux mots", 'l"un']
    assert env.faults == []


def test_an_absent_file_is_a_fault_only_when_it_was_named(tmp_path):
    assert Environnement({}, tmp_path / "env").faults == []
    (sentence,) = Environnement({}, tmp_path / "env", file_required=True).faults
    assert "n’existe pas" in sentence


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"{SECRETS}\n".encode(), "ligne 1 : écrivez NOM=valeur"),
        (b"A=1\nA=2\n", "donnée deux fois"),
        (b"A=\xff\n", "n’est pas en UTF-8"),
        (None, "ne peut pas être lu"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, content, words):
    file = tmp_path / "env"
    file.mkdir() if content is None else file.write_bytes(content)
    (sentence,) = Environnement({}, file).faults
    assert words in sentence
    assert SECRETS not in sentence


def test_a_secret_is_read_where_a_vault_lays_it(tmp_path):
    laid = tmp_path / "cle"
    laid.write_text(f"{KEY}\n", encoding="utf-8")
    env = Environnement({"CLE_FILE": str(laid)})
    assert env("CLE", v.secret) == KEY
    env.together("CLE")
    assert env.finish() == []


@pytest.mark.parametrize(
    ("given", "content", "words"),
    [
        ({"CLE": KEY}, KEY.encode(), "CLE : donnée deux fois, aussi par CLE_FILE."),
        ({}, None, "n’existe pas. Corrigez son chemin."),
        ({}, b"\xff\xfe", "n’est pas en UTF-8."),
        ({}, b"", "CLE : absente, alors qu’elle est obligatoire."),
        ({}, f"{KEY}\n{KEY}".encode(), "un caractère invisible ou illisible"),
    ],
)
def test_a_laid_secret_that_cannot_be_read(tmp_path, given, content, words):
    laid = tmp_path / "cle"
    if content is not None:
        laid.write_bytes(content)
    env = Environnement({"CLE_FILE": str(laid), **given})
    assert env("CLE", v.secret) is None
    with pytest.raises(ReglagesRefuses) as refused:
        env.finish()
    assert words in str(refused.value)
    assert KEY not in str(refused.value)


def test_names_close_to_ours_are_told(tmp_path):
    file = tmp_path / "env"
    file.write_text("HTTP=oui\nMA_VARIABLE=1\n")
    env = Environnement({"SECRET_KEYS": "x", "HTTPS_PROXY": "x", "HOME": "/"}, file)
    env("HTTPS", v.boolean, default=True)
    env("SECRET_KEY", v.text, default="")
    assert env.finish() == [
        "HTTP n’est pas un réglage du portail : vouliez-vous écrire HTTPS ?",
        "MA_VARIABLE n’est pas un réglage du portail : rien ne la lit.",
        "SECRET_KEYS n’est pas un réglage du portail : vouliez-vous écrire SECRET_KEY ?",
    ]


def test_all_faults_are_told_at_once():
    env = Environnement({"A": "x", "B": "y"})
    env("A", v.boolean, default=False)
    env("B", v.integer(1, 2), default=1)
    env("C", v.text)
    with pytest.raises(ReglagesRefuses, match="3 réglages sont à corriger") as refused:
        env.finish()
    assert str(refused.value).count("\n  - ") == 3


def test_what_goes_together():
    env = Environnement({"A": "x", "B": " "})
    env.together("A", "B")
    assert env.faults == ["B : absente, alors que A est donnée. Donnez-les toutes."]


# --- The settings themselves ------------------------------------------------------------------


def start(*command, **variables):
    """What starting the portal says with these variables: (code, error output)."""
    given = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "SECRET_KEY": KEY,
        "ALLOWED_HOSTS": "portail.fr",
        "DATABASE_URL": "sqlite://:memory:",
        **variables,
    }
    done = subprocess.run(
        [sys.executable, *(command or ("-c", "import programme.settings"))],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


GUNICORN = ("-m", "gunicorn", "--config", "python:programme.gunicorn", "programme.wsgi")
FAULTS = {
    "HTTPS": "ouioui",
    "SECRET_KEY": "court",
    "DATABASE_URL": "postgres:/oups",
    "SECURE_HSTS_PRELOAD": "oui",
    "EXPORTS_SIMULTANES": "8",
    "PROCONNECT_CLIENT_ID": "x",
    "MEDIA_ROOT": "/dev/null/x",
    "BIND": "127.0.0.1:http",
}


@pytest.mark.parametrize(
    "command",
    [("manage.py", "charger_donnees"), GUNICORN],
)
def test_the_start_stops_on_sentences_without_a_traceback(command):
    code, said = start(*command, **FAULTS)
    assert code == 1
    assert "Traceback" not in said
    assert said.startswith("Le portail ne démarre pas : 9 réglages sont à corriger")
    for name in FAULTS.keys() - {"PROCONNECT_CLIENT_ID"}:
        assert f"  - {name} : " in said
    assert "PROCONNECT_SERVER_URL : absente, alors que PROCONNECT_CLIENT_ID est donnée" in said
    assert "court" not in said.replace("trop courte", "")


def test_a_port_that_is_taken_is_said():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        port = one.getsockname()[1]
        code, said = start(*GUNICORN, BIND=f"127.0.0.1:{port}", SECRET_KEYS="x")
    assert code == 1
    assert f"BIND : 127.0.0.1:{port}, ce port est déjà pris par un autre programme." in said
    assert "SECRET_KEYS n’est pas un réglage du portail" in said
    assert "Traceback" not in said


def test_words_are_understood_by_the_settings():
    script = (
        "import programme.settings as s;"
        "print(s.HTTPS, s.SECRET_KEY_FALLBACKS, s.SECURE_HSTS_SECONDS > 0,"
        "s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD, s.EXPORTS_SIMULTANES)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={
            "ENV_FILE": os.devnull,
            "SECRET_KEY": KEY,
            "SECRET_KEY_FALLBACKS": "ancienne, plus ancienne",
            "ALLOWED_HOSTS": "*",
            "DEMONSTRATION": "vrai",
            "HTTPS": "oui",
            "WEB_THREADS": "4",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "True ['ancienne', 'plus ancienne'] True False False 2"
