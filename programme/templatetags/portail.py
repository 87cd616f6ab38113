"""Words, figures, dates and sources as every page writes them."""

from functools import cache

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import mark_safe

from programme import enonces
from programme.catalogue.glossaire import lier
from programme.catalogue.lire import LECTURES
from programme.donnees import horizon as horizons
from programme.donnees import provenance
from programme.donnees.jeux import JEUX
from territoires import dates
from territoires.moment import actuel, today
from territoires.mots import feminin
from territoires.reponses import NON_RENSEIGNE, SANS_OBJET, pourcentage, reponse

register = template.Library()

CONTOURS = "ign-admin-express"
"""The source of the outlines that `fixtures/geo` holds."""
NBSP = "\N{NO-BREAK SPACE}"


# --- Values -----------------------------------------------------------------------------------


@register.filter
def renseigne(value, unit=""):
    """The value, localized, with its unit; « non renseigné » for None and for an empty text.

    Zero is a value, « sans objet » is another. Also a tag: `{% renseigne value unit %}`.
    """
    if value is SANS_OBJET:
        return str(SANS_OBJET)
    if value is None or value == "":
        return format_html('<span class="non-renseigne">{}</span>', NON_RENSEIGNE)
    if isinstance(value, bool):
        value = "oui" if value else "non"
    elif isinstance(value, int | float):
        value = number_format(value, force_grouping=True)
    return format_html("{}{}{}", value, NBSP, unit) if unit else conditional_escape(value)


@register.simple_tag(name="renseigne")
def renseigne_tag(value, unit=""):
    return renseigne(value, unit)


@register.simple_tag
def cellule(value, unit=""):
    """The value in a table whose foot says once what « n. r. » means."""
    if value is None or value == "":
        return format_html('<span class="non-renseigne">{}</span>', "n. r.")
    return renseigne(value, unit)


@register.simple_tag
def mention(value):
    """A legal notice; without any, a demonstration says that it is one."""
    absent = "sans objet : démonstration" if settings.SITE["demonstration"] else ""
    return renseigne(value or absent)


@register.filter
def euros(amount):
    """Whole euros in full: « 166 000 000 € »; « non renseigné » for None."""
    return renseigne(amount, "€")


@register.filter
def euros_courts(amount):
    """Euros in words that fit a headline: « 166 M€ », « 1,2 Md€ », « 850 k€ ».

    Rounded to three significant figures; the full amount is to be given nearby.
    """
    if amount is None or amount is SANS_OBJET:
        return renseigne(amount)
    rounded = float(f"{amount:.3g}")
    for size, unit in ((10**9, "Md€"), (10**6, "M€"), (10**3, "k€")):
        if rounded >= size:
            scaled = rounded / size
            text = number_format(int(scaled) if scaled == int(scaled) else f"{scaled:g}")
            return f"{text}{NBSP}{unit}"
    return f"{number_format(amount)}{NBSP}€"


@register.simple_tag
def quantite(value, unit=""):
    """What was counted, written as the figure it is beside: « 5,4 Md€ », « 1 158 »."""
    return enonces.quantite(value, "EUR" if unit.startswith("EUR") else "")


@register.simple_tag
def ecart(value, unit=""):
    """A gap or a part of one, with its sign: « +153 », « −3,5 Md€ »."""
    mark = "−" if value < 0 else "+" if value else ""
    return f"{mark}{quantite(abs(value), unit)}"


@register.filter
def pluriel(count, words):
    """`{{ n|pluriel:"projet,projets" }}`: « aucun projet », « 1 projet », « 12 projets ».

    « non renseigné » for None: nobody told how many.
    """
    if count is None:
        return renseigne(None)
    one, _, many = words.partition(",")
    if not count:
        return f"{aucun(one)}{NBSP}{one}"
    word = one if abs(count) < 2 else many or f"{one}s"
    return f"{number_format(count, force_grouping=True)}{NBSP}{word}"


@register.filter
def accord(count, words="s"):
    """Django's `pluralize`, in French: what is none is singular. « s », « x », « le,les »."""
    number = len(count) if hasattr(count, "__len__") else count
    one, _, many = words.rpartition(",")
    return many if abs(number) >= 2 else one


def aucun(words):
    """« aucun » or « aucune », for what is counted."""
    return f"aucun{'e' if feminin(words) else ''}"


@register.filter
def compte(count, words=""):
    """How many records: « 12 », « aucun » (« aucune » for feminine `words`), « non renseigné »."""
    return aucun(words) if count == 0 else renseigne(count)


@register.filter
def dit(count, unit=""):
    """A count of what was told: « non renseigné » when nothing was, never zero."""
    return renseigne(reponse(count, dits=count), unit)


@register.filter
def pour_cent(count, whole):
    """`count` in `whole`, in whole per cent: « 87 % », « non renseigné », « sans objet »."""
    return renseigne(pourcentage(count, whole), "%")


# --- Sums -------------------------------------------------------------------------------------


def _somme(totaux, nom):
    """What the sum of `nom` answers, how many projects tell it, out of how many."""
    told, all_of_them = totaux[f"{nom}_renseignes"], totaux["projets"]
    return reponse(totaux[nom], dits=told, sur=all_of_them), told, all_of_them


@register.simple_tag
def somme(totaux, nom, unit=""):
    """A sum of `ProjetQuerySet.totaux` with what carries it: « 120 (3 sur 12 renseignés) »."""
    value, told, all_of_them = _somme(totaux, nom)
    shown = renseigne(value, unit)
    if not told:
        return shown
    return format_html(
        '{} <span class="mention">({} sur {} renseignés)</span>',
        shown,
        renseigne(told),
        renseigne(all_of_them),
    )


@register.simple_tag
def dits(totaux, nom):
    """What carries such a sum, in words: « dit par 3 projets sur 12 »."""
    value, told, all_of_them = _somme(totaux, nom)
    if value is SANS_OBJET:
        return "aucun projet publié"
    if not told:
        one = all_of_them == 1
        return "le seul projet ne le dit pas" if one else f"aucun des {all_of_them} ne le dit"
    return f"dit par {pluriel(told, 'projet')} sur {renseigne(all_of_them)}"


@register.simple_tag
def porte(repartition, ecrire="nombre"):
    """What carries a sum, after it: « médiane : 1,7 M€ ; les trois plus grands en font 66 % ».

    Nothing of what two records tell, or fewer. ecrire: the filter that writes the values.
    """
    if repartition.dits < 3:
        return ""
    write = {"nombre": quantite, "euros": euros_courts}[ecrire]
    said = f"médiane{NBSP}: {write(repartition.mediane)}"
    if repartition.nommes:
        said += f"{NBSP}; les trois plus grands en font {repartition.part}{NBSP}%"
    return said


@register.filter
def part(value):
    """A part, from 0 to 1, in whole per cent: 0 and 100 are said of none and of all only."""
    if value is None:
        return renseigne(None)
    if 0 < value < 0.01:
        return f"moins de 1{NBSP}%"
    if 0.99 < value < 1:
        return f"plus de 99{NBSP}%"
    return pour_cent(value, 1)


# --- Dates ------------------------------------------------------------------------------------


def _dated(date, precision, forme):
    if date is None:
        return renseigne(None)
    before, words, after = dates.parties(date, precision, forme)
    machine = dates.connu(date, precision)
    return format_html('{}<time datetime="{}">{}</time>{}', before, machine, words, after)


@register.simple_tag
def date_precise(date, precision):
    """A `<time>`: « 6 mars 2019 », « novembre 2021 », « au plus tard le 30 avril 2019 ».

    The `datetime` attribute says no more than what is known. `precision` is a `Precision`, or the
    certitude of a rattachement, whose « reconstituée » is said after the date.
    """
    return _dated(date, precision, "")


@register.simple_tag
def le(date, precision=dates.JOUR):
    """The same in a sentence: « le 6 mars 2019 », « en novembre 2021 »."""
    return _dated(date, precision, "le")


@register.simple_tag
def depuis(date, precision):
    """« depuis le 6 mars 2019 », « depuis le 30 avril 2019 au plus tard »."""
    return _dated(date, precision, "depuis")


@register.simple_tag
def sur_la_carte(presence):
    """« attesté, depuis le 6 mars 2019 », « possible : entrée attestée au plus tard le … »."""
    words, forme = presence.mots
    day = _dated(presence.depuis, presence.certitude, forme) if forme else ""
    return format_html("{}{}", words, day)


@register.simple_tag
def jour(date):
    """A `<time>` for what is a day by its nature: that of a page, of a map, of a deadline."""
    return _dated(date, dates.JOUR, "")


@register.simple_tag
def moment(when):
    """A `<time>` for an hour of ours: « 3 mai 2022 à 14:05 »."""
    if when is None:
        return renseigne(None)
    return format_html(
        '<time datetime="{}">{}</time>',
        dates.iso(when.replace(microsecond=0)),  # HTML has three digits of a second, at most
        dates.moment_in_words(when),
    )


@register.simple_tag
def moment_lu():
    """The past moment at which the page is read, for a form that says it; "" for now."""
    instant = actuel()
    return dates.iso(timezone.localtime(instant)) if instant else ""


@register.simple_tag
def citer(chiffre, requete="", quoi=""):
    """The button that cites a figure: one element, for `partials/citer_form.html` of the page.

    chiffre: its code in the registry; requete: the query string that chooses its rows; quoi: its
    words, for who does not see the page.
    """
    asked = requete.removeprefix("?")
    return format_html(
        '<button class="lien-bouton sans-impression" form="citer-un-chiffre" name="chiffre" '
        'value="{}{}{}" aria-label="Citer : {}">Citer</button>',
        chiffre,
        "?" if asked else "",
        asked,
        quoi,
    )


@register.simple_tag
def citer_fiche(chiffre, jeu, record, quoi):
    """The same for a figure of one record of a dataset."""
    return citer(chiffre, urlencode({"fiche": JEUX[jeu].cle_de(record)}), quoi)


@register.simple_tag
def citer_valeur(jeu, record, colonne, nom=""):
    """The same for what a record tells in one column of its dataset. nom: of the record."""
    asked = {"jeu": jeu, "fiche": JEUX[jeu].cle_de(record), "colonne": colonne}
    words = f"{JEUX[jeu].colonne(colonne).libelle}, {nom or record}"
    return citer("valeur", urlencode(asked), words)


@register.simple_tag
def aujourdhui():
    """The day of the page, for its print: « 3 mai 2022 »."""
    return dates.date_in_words(today())


# The same without markup: titles, mails, addresses.
register.filter("jour_en_mots", dates.date_in_words)
register.filter("moment_en_mots", dates.moment_in_words)
register.filter("iso", dates.iso)


# --- Sources ----------------------------------------------------------------------------------


def _donnees(context):
    """Titles of the sources by code, and the version of the data: read once for each version."""
    kept = context.render_context.dicts[0]  # shared by every template of one rendering
    if "donnees" not in kept:
        kept["donnees"] = horizons.connues()
    return kept["donnees"]


def cite(text):
    """A source text with titles in place of codes, for a history: no link."""
    return provenance.in_words(text, horizons.titres())


@register.simple_tag(takes_context=True)
def version_des_donnees(context):
    """« version 12 des données, enregistrée le 3 mai 2022 »: its date is not that of the facts."""
    return _donnees(context)["version"].enonce


def source_page(code):
    """Address of a source's own page."""
    return reverse("source", args=[code])


def _short(url):
    """The host of an address: enough to know who speaks, short enough for a phone."""
    host = url.split("//", 1)[1].split("/", 1)[0]
    return host.removeprefix("www.")


@register.simple_tag(takes_context=True)
def source(context, text):
    """The words of a `source` field: codes become titles, addresses become links.

    Several references are joined by « ; ». Empty: « non renseignée ».
    """
    if not text:
        return format_html('<span class="non-renseigne">{}</span>', "non renseignée")
    return avec_liens(text, lambda: _donnees(context))


def avec_liens(text, read=horizons.connues):
    """The same, of a text that is not empty, where there is no context: the cells of a table."""
    read = cache(read)
    pieces, position = [], 0
    for match in provenance.REFERENCE.finditer(text):
        pieces += [text[position : match.start()], _link(read, match)]
        position = match.end()
    pieces.append(text[position:])
    return format_html_join("", "{}", ((piece,) for piece in pieces))


@register.simple_tag(takes_context=True)
def remarque(context, text):
    """What the site says of the documents of a `source` field, « (…) »; or nothing."""
    remarques = (_donnees(context)["remarques"].get(code) for code in provenance.codes(text))
    said = [found for found in remarques if found]
    return format_html(" ({})", " ; ".join(said)) if said else ""


@register.simple_tag(takes_context=True)
def sources(context, texts):
    """The words of several `source` fields, each once: those of the rows that a page shows."""
    if not texts:
        return source(context, "")
    pieces = dict.fromkeys(piece.strip() for text in texts for piece in text.split(" ; "))
    return format_html_join(" ; ", "{}", ((source(context, piece),) for piece in pieces))


@register.simple_tag(takes_context=True)
def horizon(context, jeu, totaux):
    """The last day on which a source states the rows of a list: a sentence of its own.

    totaux: what `horizon.mesures` measured of them. Nothing of a dataset that has none.
    """
    told = horizons.of_rows(jeu, totaux, lambda: _donnees(context))
    return "" if told is None else format_html('<p class="mention horizon">{}.</p>', told)


@register.simple_tag(takes_context=True)
def horizon_du_jeu(context, code):
    """The same of a whole dataset, without the paragraph."""
    return horizons.whole(code, lambda: _donnees(context))


@register.simple_tag(takes_context=True)
def horizon_des_faits(context, faits):
    """The same of facts that have a day and a source."""
    return horizons.of_facts(faits, lambda: _donnees(context))


@register.simple_tag(takes_context=True)
def horizon_de(context, objet):
    """The same of one record, in a paragraph."""
    return format_html('<p class="mention horizon">{}.</p>', horizon_des(context, [objet]))


@register.simple_tag(takes_context=True)
def horizon_des(context, objets):
    """The same of some records, without the paragraph."""
    return horizons.of_records(objets, lambda: _donnees(context))


@register.simple_tag(takes_context=True)
def producteurs(context, texts):
    """Who states these sources, and when, in a few words: « INSEE, 2022 », each once.

    A text that names no document is written as it is.
    """
    found = {}
    for text in texts:
        known = [code for code in provenance.codes(text) if code in _donnees(context)["sources"]]
        for code in known:
            words = _producteur(code, context)
            found[code] = format_html('<a href="{}">{}</a>', source_page(code), words)
        if not known and text:
            found[text] = text
    return format_html_join(" ; ", "{}", ((words,) for words in found.values())) or renseigne(None)


def _producteur(code, context):
    """Publisher and date of a document; its title without a publisher, its code without a row."""
    titre, editeur, day, precision = _donnees(context)["sources"].get(code, (code, "", None, ""))
    words = day and dates.date_in_words(day, precision)
    return f"{editeur}, {words}" if editeur and words else editeur or titre


@register.simple_tag(takes_context=True)
def producteur_des_contours(context, lien=True):
    """Who made the outlines of every map, linked to its page unless the page is framed."""
    if lien:
        return producteurs(context, [CONTOURS])
    return _producteur(CONTOURS, context)


@register.simple_tag
def sources_colonne(jeu, colonne):
    """The sources that a column of a dataset declares for its values; none, when its rows do."""
    declared = provenance.of_colonne(JEUX[jeu], JEUX[jeu].colonne(colonne))
    return declared and provenance.constantes(declared.source)


def _link(read, match):
    if url := match["url"]:
        return format_html('<a href="{}" rel="external">{}</a>', url, _short(url))
    known = read()["sources"]
    if match["code"] not in known:
        return match[0]
    titre, *_ = known[match["code"]]
    return format_html('<a href="{}">{}</a>', source_page(match["code"]), titre)


# --- Words -----------------------------------------------------------------------------------


@register.simple_tag
def mot(code, text=""):
    """A word that leads to its definition: `{% mot "certitude" %}`, `{% mot "vte" "le VTE" %}`.

    `code` is that of a row of `fixtures/glossaire.csv`: a test looks for each that pages name.
    """
    return format_html('<a href="{}#{}">{}</a>', reverse("glossaire"), code, text or code)


# --- Page -------------------------------------------------------------------------------------


class CaptureNode(template.Node):
    def __init__(self, nodelist, name):
        self.nodelist = nodelist
        self.name = name

    def render(self, context):
        text = " ".join(self.nodelist.render(context).split())
        context[self.name] = mark_safe(text)  # noqa: S308 (a template's output is escaped)
        return ""


@register.tag
def capture(parser, token):
    """`{% capture name %}…{% endcapture %}`: keep what is rendered, to write it several times."""
    _, name = token.split_contents()
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, name)


class GlossaireNode(template.Node):
    def __init__(self, nodelist):
        self.nodelist = nodelist

    def render(self, context):
        return mark_safe(lier(self.nodelist.render(context), _donnees(context)["mots"]))  # noqa: S308


@register.tag
def glossaire(parser, token):
    """`{% glossaire %}…{% endglossaire %}`: its words linked where they are first said."""
    nodelist = parser.parse(("endglossaire",))
    parser.delete_first_token()
    return GlossaireNode(nodelist)


@register.inclusion_tag("programme/partials/lire.html")
def lire(kind):
    """How this kind of page is read, folded."""
    return {"phrases": LECTURES[kind]}


class FicheNode(template.Node):
    def __init__(self, nodelist):
        self.nodelist = nodelist

    def render(self, context):
        with context.push(absents=[]):
            facts = self.nodelist.render(context)
            absents = context["absents"]
        if absents:
            facts += format_html(
                '<dt>{}</dt><dd class="non-renseigne">{}</dd>',
                NON_RENSEIGNE.capitalize(),
                ", ".join(absents),
            )
        return format_html('<dl class="fiche">{}</dl>', mark_safe(facts)) if facts.strip() else ""  # noqa: S308


class FaitNode(template.Node):
    def __init__(self, name, value, nodelist):
        self.name, self.value, self.nodelist = name, value, nodelist

    def render(self, context):
        named, value = self.name.resolve(context), self.value.resolve(context)
        name = getattr(named, "libelle", named)
        if value is None or value == "":
            # A name of somebody keeps its capital; a word of ours is inside a sentence.
            ours = isinstance(self.name.var, str) or name is not named
            context["absents"].append(name[:1].lower() + name[1:] if ours else name)
            return ""
        return format_html("<dt>{}</dt><dd>{}</dd>", name, mark_safe(self.nodelist.render(context)))  # noqa: S308


@register.tag
def fiche(parser, token):
    """`{% fiche %}{% fait … %}{% endfiche %}`: facts, then one line names what nobody told."""
    nodelist = parser.parse(("endfiche",))
    parser.delete_first_token()
    return FicheNode(nodelist)


@register.tag
def fait(parser, token):
    """`{% fait "Montant" contrat.montant_eur %}…{% endfait %}`: shown when the value is told.

    Its name is that of somebody, a word of ours between quotes, or that of a `Colonne`.
    """
    _, name, value = token.split_contents()
    nodelist = parser.parse(("endfait",))
    parser.delete_first_token()
    return FaitNode(parser.compile_filter(name), parser.compile_filter(value), nodelist)


@register.filter
def disent(rows, name):
    """Those of `rows` that tell the attribute `name`: a count of zero tells nothing."""
    return [row for row in rows if getattr(row, name) not in (None, "", [], 0)]


@register.inclusion_tag("programme/partials/fil.html")
def fil(*parts):
    """Breadcrumb after « Accueil »: `{% fil "Territoires" url_territoires territoire.nom %}`.

    Pairs of label and address; the last label alone is the page itself.
    """
    *pairs, current = parts
    steps = [("Accueil", reverse("accueil")), *zip(pairs[::2], pairs[1::2], strict=True)]
    return {"etapes": steps, "courante": current}
