"""`check --deploy`: what a site open to the public must have said of itself."""

from types import SimpleNamespace

import pytest

from programme import verifications
from programme.environnement import valeurs
from programme.verifications import (
    legal_notices,
    mail_leaves,
    public_address,
    static_files_of_this_identity,
)


@pytest.fixture
def site(settings):
    """Sets keys of `SITE`."""

    def change(**values):
        settings.SITE = {**settings.SITE, **values}

    return change


def test_every_legal_notice_is_asked_for(settings, site):
    settings.DEMONSTRATION = False
    assert [error.msg.split()[0] for error in legal_notices(None)] == [*verifications.MENTIONS]
    site(editeur="a", directeur="b", hebergeur="c", contact="d@e.fr")
    assert legal_notices(None) == []


def test_a_demonstration_is_told_instead(settings):
    settings.DEMONSTRATION = True
    (warning,) = legal_notices(None)
    assert "DEMONSTRATION" in warning.msg


@pytest.mark.parametrize(
    ("url", "faults"),
    [("http://127.0.0.1:8000", 1), ("http://portail.fr", 1), ("https://portail.fr", 0)],
)
def test_the_public_address(settings, site, url, faults):
    settings.HTTPS = True
    site(url=url)
    assert len(public_address(None)) == faults


def test_mail_must_leave(settings):
    settings.COURRIER_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "EMAIL_URL" in mail_leaves(None)[0].msg
    settings.COURRIER_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert mail_leaves(None) == []


CLAIRS = {
    "DATABASE_URL": "postgres://u:p@base.exemple.fr/portail",
    "DATABASE_REPLICAS": "postgres://u:p@deux.exemple.fr/portail?sslmode=prefer",
    "CACHE_URL": "redis://cache.exemple.fr",
    "DOCUMENTS_URL": "s3+http://k:s@s3.exemple.fr/seau",
    "EMAIL_URL": "smtp://smtp.exemple.fr",
}
CHIFFRES = {
    "DATABASE_URL": "postgres://u:p@base.exemple.fr/portail?sslmode=verify-full",
    "DATABASE_REPLICAS": "postgres://u:p@deux.exemple.fr/portail?sslmode=require",
    "CACHE_URL": "rediss://cache.exemple.fr",
    "DOCUMENTS_URL": "s3://k:s@s3.exemple.fr/seau",
    "EMAIL_URL": "smtp+tls://smtp.exemple.fr",
}
ICI = {
    "DATABASE_URL": "postgres://u@/portail?host=/run/postgresql",
    "CACHE_URL": "redis://127.0.0.1",
    "DOCUMENTS_URL": "s3+http://k:s@127.0.0.1:9000/seau",
    "EMAIL_URL": "smtp://localhost",
}


@pytest.mark.parametrize(
    ("given", "told"), [(CLAIRS, [*CLAIRS]), (CHIFFRES, []), (ICI, []), ({}, [])]
)
def test_what_leaves_in_clear_is_told(monkeypatch, given, told):
    read = {"DATABASES": {"default": valeurs.database(given.get("DATABASE_URL", "sqlite:///x"))}}
    for rank, one in enumerate(valeurs.replicas(given.get("DATABASE_REPLICAS", ""))):
        read["DATABASES"][f"replique_{rank}"] = one
    cache, files = given.get("CACHE_URL"), given.get("DOCUMENTS_URL")
    read["CACHES"] = {"default": valeurs.shared_cache(cache) if cache else {"LOCATION": "table"}}
    read["STORAGES"] = {"default": valeurs.object_storage(files) if files else {}}
    mail = valeurs.mailer(given.get("EMAIL_URL", "consolemail://"))
    read |= {
        "COURRIER_BACKEND": mail["EMAIL_BACKEND"],
        "EMAIL_HOST": mail.get("EMAIL_HOST", ""),
        "EMAIL_USE_TLS": mail.get("EMAIL_USE_TLS", False),
        "EMAIL_USE_SSL": False,
    }
    # Read by the check alone: a database that the tests must not lose is not theirs to change.
    monkeypatch.setattr(verifications, "settings", SimpleNamespace(**read))
    found = verifications.links_in_clear(None)
    assert [warning.msg.split()[0] for warning in found] == told
    assert all("n’est pas chiffré" in warning.msg for warning in found)


def test_doubtful_names_are_told(settings):
    settings.REGLAGES_DOUTEUX = ["HTTP n’est pas un réglage du portail"]
    assert verifications.doubtful_names(None)[0].id == "programme.W001"


@pytest.mark.parametrize("officiel", [False, True])
def test_static_files_follow_the_identity(site, monkeypatch, officiel):
    site(officiel=officiel)
    for collected, faults in (
        ({}, 0),
        ({"css/theme-neutre.css": ""}, int(officiel)),
        ({"css/theme-neutre.css": "", "css/theme-etat.css": ""}, int(not officiel)),
    ):
        storage = SimpleNamespace(hashed_files=collected)
        monkeypatch.setattr(verifications, "staticfiles_storage", storage)
        assert len(static_files_of_this_identity(None)) == faults
