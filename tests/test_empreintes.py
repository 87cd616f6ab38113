"""The digests under which databases are kept: what is followed, and what is not."""

from django.conf import settings

from tests import empreintes


def test_a_digest_follows_the_content_and_the_name(tmp_path):
    first, second = tmp_path / "0001.py", tmp_path / "0002.py"
    first.write_text("A = 1")
    before = empreintes.de_fichiers([first])
    assert empreintes.de_fichiers([first]) == before
    assert empreintes.de_fichiers([first], "Django 5.2") != before
    first.write_text("A = 2")
    assert empreintes.de_fichiers([first]) != before
    changed = empreintes.de_fichiers([first])
    assert empreintes.de_fichiers([first.rename(second)]) != changed


def test_the_code_behind_the_real_data_is_followed_as_far_as_it_goes():
    start = settings.BASE_DIR / "programme/management/commands/charger_donnees.py"
    files = {str(path.relative_to(settings.BASE_DIR)) for path in empreintes.fermeture([start])}
    assert {"territoires/chargement/lecture.py", "programme/models/projets.py"} <= files
    assert not any(name.startswith("programme/backoffice") for name in files)
