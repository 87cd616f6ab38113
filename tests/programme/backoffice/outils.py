"""Reads a page of the admin as a browser would: the data that its form would send."""

import html
import re

from django import forms
from django.urls import reverse


def address(model, page, *args):
    """URL of an admin page: `address(Contrat, "change", contrat.pk)`."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def _sent(bound):
    """What a browser sends for one field; None when it sends nothing."""
    widget, value = bound.field.widget, bound.value()
    if bound.field.disabled or isinstance(widget, forms.FileInput):
        return None
    if isinstance(widget, forms.CheckboxInput):
        return "on" if value else None
    sent = widget.format_value(value)
    return "" if sent is None else sent


def form_data(response):
    """The data of an admin form as it was shown, inlines included; change it, then post it."""
    forms_shown = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms_shown += [inline.formset.management_form, *inline.formset.forms]
    # Which of two values is kept, where both changed: as the page proposes.
    data = {
        f"{conflit.adresse}-choix": f"{conflit.choix}:{conflit.cle}"
        for conflit in response.context.get("conflits") or []
        if not conflit.fixe
    }
    for form in forms_shown:
        for bound in form:
            if (sent := _sent(bound)) is not None:
                data[bound.html_name] = sent
    return data


def messages_of(response):
    """Every sentence that the page tells: errors of fields, rows and the whole; messages."""
    told = [str(message) for message in response.context.get("messages") or []]
    if "adminform" in response.context:
        shown = response.context["adminform"].form
        told += [error for errors in shown.errors.values() for error in errors]
        for inline in response.context["inline_admin_formsets"]:
            told += inline.formset.non_form_errors()
            told += [e for form in inline.formset.forms for es in form.errors.values() for e in es]
    return "\n".join(told)


def act_address(record, nom):
    """URL of the page of an act: `act_address(contrat, "valider")`."""
    return address(type(record), f"acte_{nom}", record.pk)


def act_data(response):
    """The data of the form of an act as it was shown, its rows included."""
    form = response.context["form"]
    shown = [form, *([form.lignes.management_form, *form.lignes.forms] if form.lignes else [])]
    data = {}
    for one in shown:
        for bound in one:
            if (sent := _sent(bound)) is not None:
                data[bound.html_name] = sent
    return data


def act(client, record, nom, **values):
    """Open the page of an act, fill its form, send it."""
    page = act_address(record, nom)
    return client.post(page, {**act_data(client.get(page)), **values})


def text_of(response):
    """What a person reads on a page, on one line, with plain spaces."""
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(words).split())
