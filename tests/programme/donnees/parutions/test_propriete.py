"""Whatever changes in between: the delta applied to parution n gives n + 1, byte for byte."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme.donnees.parutions import ecarts, formes
from tests import factories
from tests.exemples import exemples
from tests.fin_de_transaction import parenthese
from tests.programme.donnees.parutions.outils import appliques, lancer, paraitre

MOTS = st.text(
    st.sampled_from("aàé’'\"=;,|\n\r\t+-@ []{}\\😀0")
    | st.characters(codec="utf-8", exclude_characters="\x00"),
    max_size=12,
)
NOMS = ["cle", "autre", "texte", "nombre"]
VALEURS = {
    "csv": MOTS,
    "json": st.none() | MOTS | st.integers() | st.booleans() | st.lists(MOTS, max_size=3),
}


@st.composite
def tables(draw, forme):
    """A table of rows that two columns tell apart, with some of the columns."""
    colonnes = NOMS[: draw(st.integers(2, 4))]
    keys = draw(st.lists(st.tuples(MOTS, MOTS), unique=True, max_size=6))
    vide = "" if forme == "csv" else None
    rows = []
    for key in keys:
        row = dict.fromkeys(colonnes, vide) | dict(zip(NOMS, key, strict=False))
        row |= {nom: draw(VALEURS[forme]) for nom in colonnes[2:]}
        rows.append(row)
    entete = {"count": len(rows)} if forme == "json" else {}
    return formes.Table(colonnes, list(formes.triees(rows, NOMS[:2])), entete)


@pytest.mark.parametrize("forme", ["csv", "json"])
def test_any_two_tables(forme, tmp_path):
    """Each runs the script of the reader: as many as that takes a second."""
    script = {"csv": "appliquer", "json": "appliquer_json"}[forme]
    write = formes.FORMES[forme].ecrire

    @exemples(8, 150)
    @given(tables(forme), tables(forme))
    def check(avant, apres):
        before, after, delta = io.BytesIO(), io.BytesIO(), io.BytesIO()
        write(before, avant)
        write(after, apres)
        read = [formes.FORMES[forme].lire(file) for file in (before, after)]
        ecarts.ECARTS[forme].ecrire(delta, *read, NOMS[:2], {"jeu": "j"})
        (tmp_path / "avant").write_bytes(before.getvalue())
        (tmp_path / "ecarts").write_bytes(delta.getvalue())
        done = lancer(script, "avant", "ecarts", "apres", cwd=tmp_path)
        assert not done.returncode, done.stderr
        assert (tmp_path / "apres").read_bytes() == after.getvalue()

    check()


ACTES = st.lists(
    st.tuples(st.sampled_from(["ajouter", "changer", "retirer"]), st.integers(0, 5), MOTS),
    min_size=1,
    max_size=8,
)


@pytest.mark.django_db
def test_any_edits(tmp_path):
    """The same of parutions of a site, with random edits between them."""

    @exemples(2, 25)
    @given(st.lists(ACTES, min_size=1, max_size=3))
    def check(rounds):
        with parenthese():
            _check(rounds, tmp_path)

    check()


def _check(rounds, folder):
    projets = {n: factories.ProjetFactory(code=f"P{n}", objet="Un four.") for n in range(3)}
    paraitre()
    for actes in rounds:
        for acte, n, mots in actes:
            if acte == "ajouter" and n not in projets:
                projets[n] = factories.ProjetFactory(code=f"P{n}", objet=mots)
            elif acte == "changer" and n in projets:
                projets[n].objet = mots
                projets[n].save()
            elif acte == "retirer" and n in projets:
                projets.pop(n).delete()
        factories.PersonneFactory()  # something changed at least
        parution = paraitre()
        for forme in ("csv", "json"):
            appliques(parution, forme, folder, jeux=["projets", "personnes"])
