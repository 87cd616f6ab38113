"""A kept file on its way: its size and digests announced, in whole or in part.

RFC 9110: one range of bytes at a time, on condition (`If-Range`) or not; several are answered with
the whole, as anybody may. RFC 9530: `Repr-Digest` is that of the whole file, whatever part is sent,
so that a download resumed in ten pieces is checked like one.
"""

import base64
import io
import re

from django.http import FileResponse, HttpResponse
from django.utils.cache import get_conditional_response

UNE_PLAGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
CACHE = "public, no-cache, no-transform"
"""Kept by whoever wants, asked about each time: a personal datum may have been masked since. Never
compressed on the way: its size and its digest are announced.
"""
BLOC = 1 << 16


def empreinte(sha256):
    """A digest in hexadecimal, as RFC 9530 writes it."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def servir(request, fichier, ouvert, *, nom, content_type):
    """The answer that sends `ouvert`, the content of `fichier` (`sha256`, `octets`), as `nom`."""
    etag = f'"{fichier.sha256}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": CACHE,
        "Repr-Digest": empreinte(fichier.sha256),
    }
    told = get_conditional_response(request, etag=etag, response=HttpResponse(headers=headers))
    if told.status_code != 200:
        ouvert.close()
        for name, value in headers.items():
            told[name] = value
        return told
    part = plage(request, fichier.octets, etag)
    if part == ():
        ouvert.close()
        sentence = f"Ce fichier compte {fichier.octets} octets : demandez une plage qui y soit.\n"
        refusal = HttpResponse(sentence, status=416, content_type="text/plain; charset=utf-8")
        refusal["Content-Range"] = f"bytes */{fichier.octets}"
        refusal["Accept-Ranges"] = "bytes"
        return refusal
    body = Plage(ouvert, *part) if part else ouvert
    if request.method == "HEAD":
        ouvert.close()
        body = io.BytesIO()
    response = FileResponse(body, as_attachment=True, filename=nom, content_type=content_type)
    for name, value in headers.items():
        response[name] = value
    if part:
        first, last = part
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{fichier.octets}"
        response["Content-Length"] = last - first + 1
    else:
        response["Content-Length"] = fichier.octets
        response["Content-Digest"] = headers["Repr-Digest"]
    return response


def plage(request, octets, etag):
    """`(first, last)` byte asked for; None: all of it; `()`: nothing of it can be given."""
    asked = request.headers.get("Range", "")
    found = UNE_PLAGE.fullmatch(asked.replace(" ", ""))
    # `If-Range` must name this very content; a date never does (RFC 9110, 13.1.5).
    same = request.headers.get("If-Range", etag).strip() == etag
    if request.method != "GET" or not found or not same or found[0] == "bytes=-":
        return None
    first, last = found.groups()
    if not first:  # the last so many
        first, last = max(octets - int(last), 0), octets - 1
        return (first, last) if first <= last else ()
    first, last = int(first), min(int(last or octets), octets - 1)
    if found[2] and int(found[2]) < first:
        return None  # no range at all: it is ignored
    return (first, last) if first < octets else ()


class Plage:
    """The bytes `first` to `last`, both included, of an open file."""

    def __init__(self, file, first, last):
        self.file = file
        self.left = last - first + 1
        file.seek(first)

    def read(self, size=BLOC):
        block = self.file.read(min(size, self.left) if size >= 0 else self.left)
        self.left -= len(block)
        return block

    def close(self):
        self.file.close()
