"""Home."""

from django.shortcuts import render


def accueil(request):
    return render(request, "programme/pages/accueil.html")
