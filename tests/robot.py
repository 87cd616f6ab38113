"""A robot that follows every link and asks what nobody should: bounded, drawn from a seed.

    fautes = Robot(client, graine=1).marcher(["/"], demandes=200)

It asks for an address as it is, then with its parameters, its path, its headers, its method or its
form altered. A fault is a 5xx, or a 4xx that says no sentence in French.
"""

import gzip
import html
import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser
from time import perf_counter
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

from django.urls import Resolver404, resolve

HOSTILES = [
    "", " ", "0", "-1", "1", "99999999999999999999", "1e309", "NaN", "-inf", "0x10", "٣", "½",
    "null", "true", "[]", "{}", "'", "\"", "' OR 1=1 --", "%", "%%", "_", "\\", "*", "(((", "a+)+$",
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{7*7}}", "{% debug %}",
    "../../etc/passwd", "..%2f..", "file:///etc/passwd", "//ailleurs.example",
    "javascript:alert(1)",
    "\r\nSet-Cookie: a=b", "\0", "a\0b", "\u202e", "\ufeff", "\u2028", "é" * 300, "x" * 9_000,
    "2019-13-45", "0001-01-01", "9999-12-31", "2026-02-30", "31/12/2019", "2019-01-01..2018-01-01",
    "2026-01-01T00:00:00+99:99", "..", "A..B", "csv", "json", "xlsx", "publié", "fai-0001", "84",
    "=1+1", "@SUM(A1)", "🏭", "ﬁ", "İ", "ß",
]  # fmt: skip
# Bytes that are no text in UTF-8, as an address may bear them.
OCTETS = ["%00", "%ED%A0%80", "%FF%FE", "%C3%28", "%", "%zz", "%2e%2e/", "%0d%0aX:1", "%F0%9F"]
NOMS = [
    "page", "taille", "tri", "format", "q", "au", "date", "de", "a", "curseur", "region", "liste",
    "id", "next", "_popup", "o", "p", "all", "e", "_changelist_filters", "__class__", "pk__in",
]  # fmt: skip
ENTETES = {
    "HTTP_ACCEPT": ["*/*", "application/json", "text/html", "text/plain", "x", ";;q=", "*"],
    "HTTP_ACCEPT_LANGUAGE": ["en", "zz;;q=,", "x" * 500],
    "HTTP_ACCEPT_ENCODING": ["gzip", "br;q=0", "identity;q=0", ";"],
    "HTTP_IF_NONE_MATCH": ["*", '"x', 'W/"', "é"],
    "HTTP_IF_MODIFIED_SINCE": ["hier", "Mon, 99 Foo 9999 99:99:99 GMT"],
    "HTTP_RANGE": ["bytes=9-1", "bytes=-", "x"],
    "HTTP_COOKIE": ["sessionid=x; csrftoken=", "=;=;", "a=" + "b" * 4_000],
    "HTTP_REFERER": ["https://ailleurs.example/", "x", "http://["],
    "HTTP_ORIGIN": ["null", "https://ailleurs.example", "x"],
    "HTTP_X_FORWARDED_FOR": ["x", "1.2.3.4, ::1", "é"],
    "HTTP_USER_AGENT": ["", "é" * 300],
}
METHODES = ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "POST"]
TYPES = [
    "application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded; charset=utf-16", "application/xml", "", "x/y; charset=zz",
]  # fmt: skip
CORPS = [b"", b"{", b"[1", b"\xff\xfe", b"--x\r\n", b"a=%ff&b", b"<!DOCTYPE x [<!ENTITY a 'b'>]>"]
# Where following leads out of what is tried: the session ends, or the seen agent changes.
DEHORS = ("/static/", "/media/", "/admin/logout", "/admin/compte/deconnexion", "/admin/jsi18n")
FRANCAIS = re.compile(
    r"\b(le|la|les|un|une|cette|ce|de|du|des|est|pas|votre|vous|aucune?)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Faute:
    methode: str
    adresse: str
    envoi: str
    statut: int
    raison: str

    def __str__(self):
        sent = f" {self.envoi[:300]}" if self.envoi else ""
        return f"{self.statut} {self.methode} {self.adresse[:300]}{sent} : {self.raison}"


class Page(HTMLParser):
    """The links of a page, and its forms: (method, address, fields)."""

    def __init__(self, text):
        super().__init__()
        self.liens, self.formulaires = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.liens.append(given["href"])
        elif tag == "form":
            method = (given.get("method") or "get").upper()
            self.formulaires.append((method, given.get("action") or "", {}))
        elif tag in {"input", "select", "textarea"} and given.get("name") and self.formulaires:
            self.formulaires[-1][2][given["name"]] = given.get("value") or ""


def view_of(path):
    """The name of what answers there."""
    try:
        match = resolve(unquote(path))
    except (Resolver404, ValueError):
        return "aucune"
    return match.view_name or match.route


class Robot:
    """`fautes`: what it found. `demandes`: how much it asked. `vues`: how often, by view.

    `durees`: `(seconds, request, view)` of each.
    """

    hostiles = HOSTILES
    # What is altered, and how often.
    variantes = {"parametre": 5, "chemin": 2, "entete": 2, "methode": 1, "formulaire": 4}

    def __init__(self, client, *, graine, envois=True):
        self.client, self.tirage, self.envois = client, random.Random(graine), envois
        self.client.raise_request_exception = False
        self.connues, self.a_voir, self.vues = set(), {}, Counter()
        self.fautes, self.demandes, self.statuts = [], 0, Counter()
        self.durees = []

    def marcher(self, departs, *, demandes, variantes=6):
        """Follow links from `departs` and alter them, for so many requests; return the faults."""
        for address in departs:
            self.noter(address)
        while self.a_voir and self.demandes < demandes:
            self._visiter(self._suivante(), min(variantes, demandes - self.demandes))
        return self.fautes

    def noter(self, address):
        """An address to go to, once; with few of each view first."""
        parts = urlsplit(address)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if parts.netloc or path in self.connues or path.startswith(DEHORS):
            return
        self.connues.add(path)
        self.a_voir.setdefault(view_of(parts.path), []).append(path)

    def _suivante(self):
        """One of those of the view that was seen least."""
        view = min(self.a_voir, key=lambda name: (self.vues[name], self.tirage.random()))
        self.vues[view] += 1
        waiting = self.a_voir[view]
        address = waiting.pop(self.tirage.randrange(len(waiting)))
        if not waiting:
            del self.a_voir[view]
        return address

    def _visiter(self, address, variantes):
        text = self.demander("GET", address)
        forms = []
        if text:
            page = Page(text)
            for link in page.liens:
                if not link.startswith(("#", "mailto:", "tel:", "http:", "https:")):
                    self.noter(urljoin(address, html.unescape(link)))
            forms = page.formulaires
        for _ in range(variantes):
            (kind,) = self.tirage.choices(list(self.variantes), self.variantes.values())
            getattr(self, f"_{kind}")(address, forms)

    # --- What is altered --------------------------------------------------------------------------

    def _parametre(self, address, forms):
        path, _, query = address.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        names = [name for name, _ in pairs] + [n for m, _, f in forms for n in f if m == "GET"]
        name = self.tirage.choice([*names, *names, *NOMS])
        if self.tirage.random() < 0.1:
            name = self.tirage.choice([f"{name}[]", f"{name}__in", f"{name}\0", name.upper(), ""])
        kept = [pair for pair in pairs if pair[0] != name or self.tirage.random() < 0.2]
        if self.tirage.random() < 0.15:
            return self.demander("GET", f"{path}?{quote(name)}={self.tirage.choice(OCTETS)}")
        kept.append((name, self.tirage.choice(self.hostiles)))
        return self.demander("GET", f"{path}?{urlencode(kept)}")

    def _chemin(self, address, forms):
        path = address.partition("?")[0]
        parts = path.strip("/").split("/")
        rank = self.tirage.randrange(len(parts))
        value = self.tirage.choice([*HOSTILES[:-40], *HOSTILES])
        parts[rank] = self.tirage.choice(
            [quote(value[:500], safe=""), parts[rank].upper(), parts[rank] + ".json", "0", "",
             *OCTETS]
        )  # fmt: skip
        end = self.tirage.choice(["/", "/", "", "//", ";a=b", "/."])
        return self.demander("GET", "/" + "/".join(parts) + end)

    def _entete(self, address, forms):
        chosen = self.tirage.sample(list(ENTETES), 2)
        return self.demander(
            "GET", address, headers={name: self.tirage.choice(ENTETES[name]) for name in chosen}
        )

    def _methode(self, address, forms):
        given = {}
        method = self.tirage.choice(METHODES)
        if method not in {"HEAD", "OPTIONS", "TRACE"}:
            given = {"data": self.tirage.choice(CORPS), "type": self.tirage.choice(TYPES)}
        return self.demander(method, address, **given)

    def _formulaire(self, address, forms):
        forms = [form for form in forms if form[0] == "POST"]
        if not forms or not self.envois:
            return self._parametre(address, forms)
        _, action, fields = self.tirage.choice(forms)
        target = urljoin(address, html.unescape(action))
        if target.startswith(DEHORS) or urlsplit(target).netloc:
            return None
        sent = dict(fields)
        for name in self.tirage.sample(list(sent), min(len(sent), self.tirage.randint(0, 3))):
            if self.tirage.random() < 0.2:
                del sent[name]
            else:
                sent[name] = self.tirage.choice(self.hostiles)
        data = urlencode(sent, errors="surrogatepass").encode()
        if self.tirage.random() < 0.1:
            data = self.tirage.choice(CORPS)
        return self.demander("POST", target, data=data, type="application/x-www-form-urlencoded")

    # --- What is asked, and judged ----------------------------------------------------------------

    def demander(self, method, address, *, data=b"", type="", headers=None):  # noqa: A002
        """Ask, judge; the text of a page, None for anything else."""
        self.demandes += 1
        begun = perf_counter()
        sent = {"data": data, "content_type": type} if data or type else {}
        given = {name: value.encode().decode("latin-1") for name, value in (headers or {}).items()}
        response = self.client.generic(method, address, **sent, **given)
        body = self.corps(response)
        seconds, path = perf_counter() - begun, urlsplit(address).path
        self.durees.append((seconds, f"{method} {address[:200]}", view_of(path)))
        self.statuts[response.status_code] += 1
        if reason := self.raison(method, response, body):
            shown = f"{type} {data[:300]!r} {headers}" if data or headers else ""
            self.fautes.append(Faute(method, address, shown, response.status_code, reason))
        page = response.status_code == 200 and "text/html" in response.get("Content-Type", "")
        return body.decode(errors="replace") if page and method == "GET" else None

    def corps(self, response):
        """What of an answer is read, and waited for."""
        return response.getvalue()

    def raison(self, method, response, body):
        """Why an answer is a fault; nothing when it is none."""
        if response.status_code >= 500:
            info = getattr(response, "exc_info", None)
            return repr(info[1])[:300] if info else body[:200].decode(errors="replace")
        if response.status_code < 400 or method in {"HEAD", "OPTIONS"}:
            return ""
        if response.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        text = body.decode(errors="replace")
        if "json" in response.get("Content-Type", ""):
            told = json.loads(text).get("erreur") or json.loads(text).get("title") or ""
        else:
            told = html.unescape(re.sub(r"<[^>]+>", " ", text.partition("<body")[2] or text))
        return "" if FRANCAIS.search(told) else f"aucune phrase : {told[:200]!r}"
