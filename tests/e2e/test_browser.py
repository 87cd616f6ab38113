"""The watch kept over every page of these tests does see what it must."""

import pytest

from tests.e2e.conftest import Profile, Watch

pytestmark = pytest.mark.une_base

ORIGIN = "http://site.invalid"


def problems_of(browser, body, *, status=200):
    context = browser.new_context()
    watch = Watch(context, ORIGIN)
    headers = {"Content-Security-Policy": "default-src 'self'", "Content-Type": "text/html"}
    context.route(
        f"{ORIGIN}/",
        lambda route: route.fulfill(body=body, status=status, headers=headers),
    )
    page = context.new_page()
    page.goto(f"{ORIGIN}/")
    page.wait_for_load_state("networkidle")
    context.close()
    return watch.problems


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<script>1</script>", "Content Security Policy"),
        ("<p style='color: red'>x</p>", "Content Security Policy"),
        ("<img src='https://ailleurs.invalid/x.png' alt=''>", "ailleurs.invalid"),
        ("<meta http-equiv=refresh content='0; url=https://ailleurs.invalid/'>", "another origin"),
    ],
)
def test_a_breach_is_seen(browser, body, problem):
    assert any(problem in found for found in problems_of(browser, body))


@pytest.mark.parametrize("status", [200, 404])
def test_a_clean_page_is_silent(browser, status):
    assert problems_of(browser, "<h1>Bonjour</h1>", status=status) == []


@pytest.mark.rendu
def test_a_page_is_judged_with_its_last_style_sheet(new_page, axe):
    page = new_page()

    def serve(path, body, content_type="text/html", after=0):
        def answer(route):
            page.wait_for_timeout(after)
            route.fulfill(body=body, content_type=content_type)

        page.route(f"**{path}", answer)

    serve("/depart/", "<!doctype html><html lang=fr><a href=/arrivee/>Aller</a>")
    serve(
        "/arrivee/",
        "<!doctype html><html lang=fr><title>Lisible</title><style>h1 { color: #eee }</style>"
        "<link rel=stylesheet href=/tard.css><main><h1>Bonjour</h1></main>",
    )
    serve("/tard.css", "h1 { color: #000 }", "text/css", after=1_500)
    page.goto("/depart/")
    page.get_by_role("link", name="Aller").click(no_wait_after=True)
    page.get_by_role("heading", name="Bonjour").wait_for()
    axe(page, widths=(1280,))


def test_what_a_person_leaves_is_forgotten(browser, live_server):
    """One browser serves many tests."""
    profile = Profile(browser, live_server.url, javascript=True)
    address = f"{live_server.url}/glossaire/"
    kept = """[
      document.cookie, localStorage.length, sessionStorage.length,
      performance.getEntriesByType("navigation")[0].transferSize > 0,
    ]"""
    page = profile.context.new_page()
    page.goto(address)
    page.evaluate("document.cookie = 'reste=1; path=/'")
    page.evaluate("localStorage.reste = sessionStorage.reste = 1")
    assert page.evaluate(kept) == ["reste=1", 1, 1, True]
    profile.close_pages()
    profile.forget()
    page = profile.context.new_page()
    page.goto(address)
    assert page.evaluate(kept) == ["", 0, 0, True]
    assert len(profile.context.pages) == 2
    profile.context.close()
