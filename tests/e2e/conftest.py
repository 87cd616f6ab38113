"""A real browser on the live site: Chromium, driven by Playwright.

Every page is watched: an error in the console (a breach of the Content Security Policy is one), an
uncaught exception or a request to another origin fails the test that opened it.

What a browser draws, or a script does, does not depend on the database: the tests that only judge
that are shared between the two (`rendu`, `une_base`; `tests/partage.py`), as are axe's looks at the
pages of the others, the journeys that save, which run whole on both.
"""

import os
import shutil
import threading
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect, sync_playwright

from tests.e2e.contraste import Contraste
from tests.partage import depends_on_the_database, is_here, is_shared

# Playwright's synchronous API runs an event loop in this thread, where Django would refuse queries.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# What waits says what is wrong when it gives up: a slow machine is not wrong.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
DESKTOP, PHONE = 1280, 360
HEIGHTS = {DESKTOP: 900, PHONE: 740}
MISSING = "Chromium is not installed (apt-get install chromium-headless-shell): NO BROWSER TEST RAN"
SWITCHES = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium():
    """Path of the browser: `CHROMIUM`, else the one on PATH; None when there is none.

    The engine alone comes first: the windows that nobody sees are a third of the tests' time.
    """
    names = [
        os.environ.get("CHROMIUM"),
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
    ]
    return next((found for name in names if name and (found := shutil.which(name))), None)


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.e2e)


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.section(MISSING, sep="!", red=True, bold=True)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the session. Absent: skipped loudly, or failed when `CI` is set."""
    executable = find_chromium()
    if executable is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    # Chromium's own sandbox refuses root.
    switches = SWITCHES + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=switches)
        yield chromium
        chromium.close()


class Watch:
    """What a page did that no page of ours may do; `problems` is read when the test ends."""

    def __init__(self, context, origin):
        self.context, self.origin = context, origin
        self.problems = []
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.route(lambda url: not self._is_ours(url), self._on_foreign)

    def stop(self):
        self.context.remove_listener("console", self._on_console)
        self.context.remove_listener("weberror", self._on_error)
        self.context.unroute_all()

    def _is_ours(self, url):
        parts = urlsplit(url)
        return parts.scheme in {"data", "blob"} or f"{parts.scheme}://{parts.netloc}" == self.origin

    def _on_error(self, error):
        self.problems.append(f"exception: {error.error}")

    def _on_foreign(self, route):
        self.problems.append(f"request to another origin: {route.request.url}")
        route.abort()

    def _on_console(self, message):
        if message.type not in {"error", "warning"}:
            return
        # The status of the page itself (a 404 asked for on purpose) is the test's own business.
        if "Failed to load resource" in message.text and (
            message.page is None or message.location["url"] == message.page.url
        ):
            return
        self.problems.append(f"console {message.type}: {message.text} ({message.location['url']})")


class Profile:
    """A browser as a person starts it, without a cookie or a memory; made once and emptied.

    The process that draws our pages starts with its first page, at a cost of several pages: one
    page that nobody looks at keeps it alive.
    """

    def __init__(self, browser, origin, *, javascript):
        self.origin = origin
        self.context = browser.new_context(
            base_url=origin,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            java_script_enabled=javascript,
            viewport={"width": DESKTOP, "height": HEIGHTS[DESKTOP]},
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(PATIENCE)
        self.unseen = self.context.new_page()
        self.unseen.goto("/sante/")
        self.orders = self.context.new_cdp_session(self.unseen)

    def close_pages(self):
        for page in self.context.pages:
            # A page closed while its second style sheet loads is drawn with the first alone.
            page.wait_for_load_state()
            if page is not self.unseen:
                page.close()

    def forget(self):
        """Cookies, files kept, what pages stored: nothing reaches the next test."""
        self.context.clear_cookies()
        self.orders.send("Network.clearBrowserCache")
        self.orders.send(
            "Storage.clearDataForOrigin", {"origin": self.origin, "storageTypes": "all"}
        )


@pytest.fixture(scope="session", autouse=True)
def loaded_after_a_click():
    """A click is over once the page that it may lead to is there whole.

    Playwright waits for the answer to begin: what is counted then may still be on its way.
    """

    def waits(act):
        def act_then_wait(locator, *args, **kwargs):
            act(locator, *args, **kwargs)
            if not locator.page.is_closed():
                locator.page.wait_for_load_state()

        return act_then_wait

    with pytest.MonkeyPatch.context() as patch:
        for name in ("click", "press"):
            patch.setattr(Locator, name, waits(getattr(Locator, name)))
        yield


@pytest.fixture(scope="session")
def profiles(browser, live_server):
    """The profiles that no test uses: {with JavaScript: [profile, …]}."""
    kept = {True: [], False: []}
    yield kept
    # Before the server stops: it would leave their connections open, and each of its threads ends
    # by closing a database that is no longer shared with it.
    for profile in (*kept[True], *kept[False]):
        profile.context.close()
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(PATIENCE / 1000)


@pytest.fixture
def new_page(browser, live_server, profiles):
    """Function that opens a watched page: `new_page(width=1280, javascript=True)`.

    Each is of a person of its own. Addresses given to `page.goto` may be relative to the live
    server.
    """
    opened = []

    def open_page(*, width=DESKTOP, javascript=True):
        free = profiles[javascript]
        profile = free.pop() if free else Profile(browser, live_server.url, javascript=javascript)
        opened.append((javascript, profile, Watch(profile.context, live_server.url)))
        page = profile.context.new_page()
        page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})
        return page

    yield open_page
    for javascript, profile, watch in opened:
        profile.close_pages()
        watch.stop()
        profile.forget()
        profiles[javascript].append(profile)
    problems = [problem for _, _, watch in opened for problem in watch.problems]
    assert not problems, "the browser complained:\n" + "\n".join(problems)


@pytest.fixture
def page(new_page):
    """A page as on a desk: 1280 px wide, with JavaScript."""
    return new_page()


@pytest.fixture
def page_phone(new_page):
    """A page as on a phone: 360 px wide, with JavaScript."""
    return new_page(width=PHONE)


@pytest.fixture
def page_without_js(new_page):
    """A page whose JavaScript never runs."""
    return new_page(javascript=False)


# What passes is not told: to name it all was most of the time. Its preloading of style sheets that
# import others inlines them, which our Content Security Policy refuses; it only serves rules that
# are off by default.
RUN_AXE = """
axe.run({
  preload: false, resultTypes: ["violations"], rules: {"color-contrast": {enabled: false}},
}).then(({violations}) => violations)
"""


@pytest.fixture(scope="session")
def axe_script():
    return Axe().axe_script


@pytest.fixture(scope="session")
def contraste():
    return Contraste()


@pytest.fixture
def axe(request, axe_script, contraste):
    """Function that asserts that a page has no axe violation, at 1280 and at 360 px.

    At 360 px the page must not scroll sideways either. Leaves the page at its first width.
    """
    whole = not (is_shared(request.config) and depends_on_the_database(request.node))
    looks = count()

    def look(page, width):
        if not page.evaluate("Boolean(window.axe?.run)"):
            page.evaluate(axe_script)
        violations = page.evaluate(RUN_AXE) + contraste.violations(page)
        assert not violations, f"{page.url} at {width} px:\n" + _readable(violations)

    def check(page, *, widths=(DESKTOP, PHONE)):
        # The words of a page are there before its second style sheet is.
        page.wait_for_load_state()
        before = page.viewport_size
        for width in widths:
            page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})
            if whole or is_here(f"{request.node.nodeid} {next(looks)}"):
                look(page, width)
            overflow = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow <= 0, f"{page.url} scrolls sideways by {overflow} px at {width} px"
        page.set_viewport_size(before)

    return check


def _readable(violations):
    return "\n".join(
        f"- {violation['id']} ({violation['impact']}): {violation['help']}\n"
        + "\n".join(f"    {node['html']}\n      {node['failureSummary']}" for node in nodes)
        for violation in violations
        for nodes in [violation["nodes"]]
    )
