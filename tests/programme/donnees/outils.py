"""What the tests of open data share: asking for a file, reading it back."""

import csv
import io
import json

import openpyxl
from django import forms
from django.test import RequestFactory

from programme.catalogue.vues import JeuView
from programme.donnees.jeux import JEUX
from tests import factories

# One row at least of every dataset: its code → the factory of its rows.
FABRIQUES = {
    "territoires": factories.RattachementFactory,
    "rattachements": factories.RattachementFactory,
    "lignees": factories.LigneeFactory,
    "regions": factories.RegionFactory,
    "intercommunalites": factories.IntercommunaliteFactory,
    "communes": factories.CommuneFactory,
    "projets": factories.ProjetFactory,
    "financements": factories.FinancementFactory,
    "enveloppes": factories.EnveloppeFactory,
    "contrats": factories.ContratFactory,
    "signataires": factories.SignataireFactory,
    "avenants": factories.AvenantFactory,
    "operateurs": factories.OperateurFactory,
    "conventions": factories.ConventionFactory,
    "engagements": factories.EngagementFactory,
    "realisations": factories.RealisationFactory,
    "referents": factories.ReferentFactory,
    "services": factories.ServiceFactory,
    "territoires-prioritaires": factories.TerritoirePrioritaireFactory,
    "chiffres": factories.ChiffreAnnonceFactory,
    "faits": factories.FaitFactory,
    "confrontations": factories.ConfrontationFactory,
    "jalons": factories.JalonFactory,
    "sources": factories.SourceFactory,
    "personnes": factories.PersonneFactory,
    "affirmations": factories.AffirmationFactory,
    "glossaire": factories.TermeFactory,
    "emploi": factories.MesureEmploiFactory,
    "besoins": factories.BesoinMainOeuvreFactory,
    "bassins": factories.BassinCommuneFactory,
    "valeurs": factories.ServiceFactory,
}


def assert_problem(response, status, sentence):
    """`response` tells a program why it is not answered, in French: the whole of it."""
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response["Content-Language"] == "fr"
    assert "Accept-Language" in response["Vary"]
    told = json.loads(body(response))
    faults = told.pop("parametres", [])
    assert told.pop("title")
    assert told == {
        "type": "about:blank",
        "status": status,
        "detail": sentence,
        "erreur": sentence,
    }
    assert bool(faults) == (status == 400)
    if faults:
        assert sentence == " ".join(f"{each['nom']} : {each['message']}" for each in faults)


class JeuEntierView(JeuView):
    """The rows that a test gives, whatever filters the address names."""

    def get_form(self):
        form = super().get_form()
        filters = set(self.requete.data) - set(form.fields)
        form.fields |= {name: forms.CharField(required=False) for name in filters}
        return form


def export(code, format, queryset=None, *, method="GET", address="127.0.0.1", **parameters):  # noqa: A002
    """The response for the rows of a dataset, all public ones by default, to one visitor."""
    jeu = JEUX[code]
    ask = getattr(RequestFactory(REMOTE_ADDR=address), method.lower())
    request = ask(f"/{code}/", {"format": format, **parameters})
    queryset = jeu.published() if queryset is None else queryset
    return JeuEntierView.as_view(jeu=jeu, sorted_queryset=queryset)(request)


def body(response):
    """The whole content of a response, streamed or not."""
    return b"".join(response) if response.streaming else response.content


def read_csv(response, delimiter=","):
    """The rows of a CSV as dictionaries of texts."""
    text = body(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def read_xlsx(response):
    """The rows of a workbook's first sheet, as tuples, header first; and the workbook."""
    workbook = openpyxl.load_workbook(io.BytesIO(body(response)))
    return list(workbook.worksheets[0].iter_rows(values_only=True)), workbook


def read_json(response):
    return json.loads(body(response))
