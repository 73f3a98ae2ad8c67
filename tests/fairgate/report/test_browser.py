"""The report in a real browser without network: headless Chromium."""

import dataclasses
import json
import os
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.support import ui

from fairgate.files import replace_text
from fairgate.report import page
from fairgate.report.content import ReportContent
from tests.needs import needs_program, unavailable

FLAGS = (
    "--headless=new --no-sandbox --disable-dev-shm-usage --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-sync --disable-component-update --hide-scrollbars "
    "--host-resolver-rules=MAP * ~NOTFOUND"
)
AXE = "axe-core@4.10.3"
DESKTOP, PHONE = (1360, 900), (390, 844)
PAGES = ["binary_page", "image_page", "history_page"]
pytestmark = pytest.mark.slow

HOSTILE = (
    "</script><script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "\"'><svg onload=window.pwned=1>",
    "') || (window.pwned = 1) || ('",
    "datum['value'] + (window.pwned = 1)",
    "${window.pwned = 1} {{ 7 * 7 }} {% raw %} <%= 1 %>",
    "<!-- ]]> &lt;b&gt; &amp; \\u003cscript\\u003e",
    "javascript:window.pwned=1",
    '=HYPERLINK("http://example.org")',
    "\u202egnp.exe שלום עולם مرحبا",
    "😀👩🏽‍🚀🏳️‍🌈 Ünïcödé \u2028 \u2029",
    "control \x00\x01\x08\x1b[31m\x7f\ufffe characters",
    "lone surrogate \ud800",
    "x" * 1_000_000,
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser with a profile of its own, which records console and network."""
    chromium = needs_program("chromium", package="chromium")
    driver = needs_program("chromedriver", package="chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS.split(" --"):
        options.add_argument("--" + flag.removeprefix("--"))
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
    started.set_script_timeout(120)
    yield started
    started.quit()


def opened(browser: Any, path: Path, size: tuple[int, int] = DESKTOP, scripts: bool = True) -> Any:
    """The browser, with the page loaded in a fresh tab and all charts drawn; earlier records are dropped."""
    used = browser.current_window_handle
    browser.switch_to.new_window("tab")
    fresh = browser.current_window_handle
    browser.switch_to.window(used)
    browser.close()
    browser.switch_to.window(fresh)
    coloured(browser, dark=False)
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(path.as_uri())
    if scripts:
        waited(browser, "return document.documentElement.dataset.ready")
    return browser


def coloured(browser: Any, *, dark: bool) -> None:
    """Asks for a dark or a light page, and for no motion."""
    wishes = {"prefers-color-scheme": "dark" if dark else "light", "prefers-reduced-motion": "reduce"}
    features = [{"name": name, "value": value} for name, value in wishes.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def waited(browser: Any, condition: str, *values: Any) -> Any:
    """What a script returns as soon as that is true."""
    return ui.WebDriverWait(browser, 60, 0.1).until(lambda open_browser: open_browser.execute_script(condition, *values))


def complaints(browser: Any) -> list[str]:
    """Everything that the page wrote to the console, warnings included."""
    return [entry["message"] for entry in browser.get_log("browser")]


def requests(browser: Any) -> list[str]:
    """Addresses that were asked for, apart from the page itself and data within it."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    return [address for address in sent if not address.startswith("data:") and address != browser.current_url.partition("#")[0]]


def drawn(browser: Any, chart: str) -> str:
    """A chart's SVG as text."""
    return str(browser.execute_script(f"return document.querySelector('[data-chart={chart}] .chart svg').outerHTML"))


def chosen(browser: Any, control: str, value: str) -> None:
    """Picks an option as a user does."""
    # Selenium finds no option by a value with both kinds of quotes.
    script = "return [...document.getElementById(arguments[0]).options].findIndex((option) => option.value === arguments[1])"
    ui.Select(browser.find_element("id", control)).select_by_index(browser.execute_script(script, control, value))


def changed(browser: Any, chart: str, before: str) -> bool:
    """Waits until a chart is drawn differently."""
    script = f"return document.querySelector('[data-chart={chart}] .chart svg').outerHTML !== arguments[0]"
    return bool(waited(browser, script, before))


@pytest.mark.parametrize("kind", PAGES)
def test_page_loads_without_a_complaint_or_a_request(browser: Any, kind: str, request: pytest.FixtureRequest) -> None:
    """The console stays empty, nothing is fetched, every chart is drawn in place of its picture."""
    opened(browser, request.getfixturevalue(kind))
    assert complaints(browser) == []
    assert requests(browser) == []
    figures = browser.execute_script("return document.querySelectorAll('figure[data-chart]').length")
    assert (
        browser.execute_script("return document.querySelectorAll('figure[data-chart] .chart > svg, .chart svg.marks').length")
        == figures
    )
    assert browser.execute_script("return [...document.querySelectorAll('.static')].every((item) => item.offsetHeight === 0)")


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("size", [DESKTOP, (768, 1024), PHONE, (320, 568)], ids=lambda size: f"{size[0]}px")
def test_page_is_never_wider_than_the_screen(
    browser: Any, size: tuple[int, int], kind: str, request: pytest.FixtureRequest
) -> None:
    """Wide tables scroll in their own frame."""
    opened(browser, request.getfixturevalue(kind), size)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]


def test_threshold_slider_moves_charts_and_table(browser: Any, binary_page: Path) -> None:
    """One key press to the right shows 0.7 everywhere."""
    opened(browser, binary_page)
    before = {
        chart: drawn(browser, chart) for chart in ("indicators", "gaps", "changes", "thresholds", "scatter", "counterfactual")
    }
    table = browser.find_element("id", "slices-body").text
    browser.find_element("id", "threshold").send_keys("\ue014")  # arrow right
    assert all(changed(browser, chart, svg) for chart, svg in before.items() if chart != "counterfactual")
    assert browser.find_element("id", "threshold-value").text == "0.7"
    assert browser.find_element("id", "slices-body").text != table
    assert "at threshold 0.7" in browser.find_element("id", "indicators").text
    assert complaints(browser) == []


def test_metric_picker_changes_charts(browser: Any, binary_page: Path) -> None:
    """AUC has no threshold, so that the slider rests and the chart over thresholds goes."""
    opened(browser, binary_page)
    before = drawn(browser, "indicators")
    chosen(browser, "metric", "auc")
    assert changed(browser, "indicators", before)
    assert not browser.find_element("id", "threshold").is_enabled()
    assert not browser.find_element("css selector", "[data-chart=thresholds]").is_displayed()
    assert complaints(browser) == []


def test_gaps_show_where_a_metric_has_them(browser: Any, image_page: Path) -> None:
    """Recall of all classes together is nothing, accuracy is: the chart comes in its full width, with two more columns."""
    opened(browser, image_page)
    assert not browser.find_element("css selector", "[data-chart=gaps]").is_displayed()
    assert "not defined on all examples" in browser.find_element("id", "gaps").text
    chosen(browser, "metric", "accuracy")
    width = "return document.querySelector('[data-chart=gaps] .chart svg').getBoundingClientRect().width"
    assert waited(browser, f"{width} > 500")
    assert "Ratio" in browser.find_element("id", "slices").text
    assert complaints(browser) == []


def test_slice_picker_shows_what_is_ticked(browser: Any, binary_page: Path) -> None:
    """Overall stays; one ticked slice joins it in chart and table."""
    opened(browser, binary_page)
    before = drawn(browser, "indicators")
    browser.find_element("css selector", "#slice-picker summary").click()
    browser.find_element("id", "choose-none").click()
    browser.find_element("css selector", "#slice-picker input[value='gender:female']").click()
    assert changed(browser, "indicators", before)
    rows = [row.text for row in browser.find_elements("css selector", "#slices-body th")]
    assert rows == ["overall", "gender:female"]
    assert "1 of" in browser.find_element("id", "slice-count").text


def test_order_puts_the_largest_value_first(browser: Any, binary_page: Path) -> None:
    """Below overall, the table falls."""
    opened(browser, binary_page)
    chosen(browser, "by", "value")
    cells = [cell.text for cell in browser.find_elements("css selector", "#slices-body tr td:nth-child(4)")]
    values = [float(cell.split()[0]) for cell in cells[1:] if cell != "–"]
    assert values == sorted(values, reverse=True)


def test_click_on_a_bar_lists_the_slice(browser: Any, binary_page: Path) -> None:
    """The panel names the slice of the bar and lists ten examples of it."""
    opened(browser, binary_page)
    chosen(browser, "focus", "overall")
    script = """
      const bars = [...document.querySelectorAll('[data-chart=indicators] .mark-rect path')];
      const bar = bars.find((path) => path.__data__.datum.slice === 'gender:female');
      bar.scrollIntoView({ block: 'center' });
      return bar;"""
    browser.execute_script(script).click()
    assert waited(browser, "return document.getElementById('focus-title').textContent === 'Slice gender:female'")
    assert len(browser.find_elements("css selector", "#wrong li")) == 10
    assert browser.find_element("id", "focus").get_attribute("value") == "gender:female"


def test_slice_in_the_table_works_by_keyboard(browser: Any, binary_page: Path) -> None:
    """Enter on a slice's name focuses it."""
    opened(browser, binary_page)
    button = browser.find_elements("css selector", "#slices-body button")[4]
    name = button.text
    button.send_keys("\ue007")  # Enter
    assert browser.find_element("id", "focus-title").text == f"Slice {name}"
    assert browser.find_element("css selector", "#slices-body tr[aria-current] th").text == name


def test_intersection_lists_its_own_examples(browser: Any, binary_page: Path, binary_content: ReportContent) -> None:
    """A pair of features has examples too."""
    pairs = [name for name in binary_content.metrics["slice"].unique() if name.startswith("gender:female × ")]
    opened(browser, binary_page)
    chosen(browser, "focus", pairs[0])
    assert browser.find_elements("css selector", "#wrong li")


def test_texts_show_only_on_request(browser: Any, binary_page: Path) -> None:
    """No comment is in the page before the button is pressed, nor after it is pressed again."""
    opened(browser, binary_page)
    count = "return document.querySelectorAll('#wrong .text').length"
    assert browser.execute_script(count) == 0
    assert "Content warning" in browser.find_element("id", "focus-panel").text
    browser.find_element("id", "show-texts").click()
    assert browser.execute_script(count) == 10
    browser.find_element("id", "show-texts").click()
    assert browser.execute_script(count) == 0


def test_click_on_a_point_shows_its_example(browser: Any, binary_page: Path) -> None:
    """A point of the scatter has label and scores."""
    opened(browser, binary_page)
    script = """
      const point = document.querySelector('[data-chart=scatter] .mark-symbol path');
      point.scrollIntoView({ block: 'center' });
      point.dispatchEvent(new MouseEvent('click', { bubbles: true }));"""
    browser.execute_script(script)
    assert waited(browser, "return document.querySelector('#picked .scores') !== null")
    assert "candidate" in browser.find_element("id", "picked").text


@pytest.mark.parametrize("kind", ["binary_page", "image_page"])
def test_without_scripts_verdict_tables_and_pictures_show(browser: Any, kind: str, request: pytest.FixtureRequest) -> None:
    """Controls are gone, pictures stand in for the charts, no text of an example shows."""
    opened(browser, request.getfixturevalue(kind), scripts=False)
    assert browser.find_element("css selector", ".banner").is_displayed()
    not_now = browser.find_elements("css selector", "[hidden] .static")  # drawings of what the metric does not have
    assert all(picture.is_displayed() for picture in browser.find_elements("css selector", ".static") if picture not in not_now)
    assert len(browser.find_elements("css selector", "#slices-body tr")) >= 10
    assert not any(control.is_displayed() for control in browser.find_elements("css selector", ".controls"))


def test_page_prints(browser: Any, binary_page: Path) -> None:
    """A PDF comes out, with what is folded away on screen unfolded."""
    opened(browser, binary_page)
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    assert len(printed) > 50_000
    assert browser.execute_script("return [...document.querySelectorAll('main details:not(.picker)')].every((item) => item.open)")


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core's script: fetched once from the npm registry, then kept in the user's cache."""
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "fairgate", f"{AXE}.min.js")
    if not kept.is_file():
        script = _fetch_axe(tmp_path_factory.mktemp("axe"))
        kept.parent.mkdir(parents=True, exist_ok=True)
        replace_text(kept, script)
    return kept.read_text(encoding="utf-8")


def _fetch_axe(folder: Path) -> str:
    npm = needs_program("npm", package="npm")
    subprocess.run([npm, "pack", "--silent", AXE], cwd=folder, capture_output=True, check=False, timeout=120)
    archives = list(folder.glob("*.tgz"))
    if not archives:
        unavailable(f"npm cannot fetch {AXE}")
    with tarfile.open(archives[0]) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script
        return script.read().decode()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("kind", PAGES)
def test_axe_finds_nothing(browser: Any, axe: str, kind: str, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    """No violation of the accessibility rules, however small, in light and in dark."""
    opened(browser, request.getfixturevalue(kind), size)
    browser.execute_script(axe)
    assert violations(browser) == []
    coloured(browser, dark=True)
    assert violations(browser) == []


def violations(browser: Any) -> list[tuple[str, list[str]]]:
    """Rule and elements of each violation."""
    found = browser.execute_async_script("axe.run(document).then((result) => arguments[0](result.violations))")
    return [(item["id"], [node["html"][:200] for node in item["nodes"][:3]]) for item in found]


@pytest.fixture(scope="module")
def hostile_page(binary_maker: Callable[..., ReportContent], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report in which every comment, slice, term and fact comes from an attacker."""
    short = [text[:80] for text in HOSTILE if "surrogate" not in text]  # names of slices are decoded UTF-8
    content = binary_maker(3000, {"gender": tuple(short[:5]), "race": tuple(short[5:9]), "religion": tuple(short[9:])}, HOSTILE)
    known = content.verdict.data.model_copy(update={"source": short[1]})
    facts = {"task": short[0], "summary": " ".join(HOSTILE[:-1]), "omitted": dict.fromkeys(short, 3), "data": known}
    verdict = content.verdict.model_copy(update=facts)
    assert content.counterfactual is not None
    assert content.statistics is not None
    assert content.card is not None
    terms = content.counterfactual.assign(term=[short[index % len(short)] for index in range(len(content.counterfactual))])
    statistics = content.statistics.assign(top_values=" ".join(short))
    card = dataclasses.replace(content.card, title=short[2], limits=tuple(short), data_sheet=dict.fromkeys(short, short[0]))
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    html = page.build(dataclasses.replace(content, verdict=verdict, counterfactual=terms, statistics=statistics, card=card))
    path.write_text(html, encoding="utf-8")
    return path


def test_hostile_text_stays_text(browser: Any, hostile_page: Path) -> None:
    """Nothing of it runs, loads or becomes an element, whatever is clicked; the comments read as they were written."""
    opened(browser, hostile_page)
    browser.find_element("id", "show-texts").click()
    slices = browser.execute_script("return [...document.getElementById('focus').options].map((option) => option.value)")
    for name in [name for name in slices if name.startswith("gender:")][:6]:
        chosen(browser, "focus", name)
    chosen(browser, "focus", "overall")
    for metric in ("auc", "precision"):
        chosen(browser, "metric", metric)
    browser.find_element("id", "threshold").send_keys("\ue014")
    shown = [item.text for item in browser.find_elements("css selector", "#wrong .text")]
    assert browser.execute_script("return window.pwned") is None
    assert browser.execute_script("return document.querySelectorAll('script').length") == 3
    assert browser.execute_script("return document.querySelectorAll('main img:not(.static), main svg:not(.marks)').length") == 0
    assert set(shown) & {"</script><script>window.pwned = 1</script>", "') || (window.pwned = 1) || ('"}
    assert complaints(browser) == []
    assert requests(browser) == []


def test_most_wrong_examples_are_wrong(browser: Any, binary_page: Path, image_page: Path) -> None:
    """At the threshold that is shown: at 0.9 no harmless comment below it is listed; of pictures those called by another name."""
    opened(browser, binary_page)
    chosen(browser, "focus", "overall")
    browser.find_element("id", "threshold").send_keys("\ue010")  # End
    waited(browser, "return document.getElementById('threshold-value').textContent === '0.9'")
    items = [item.text.split("\n") for item in browser.find_elements("css selector", "#wrong li")]
    scores = [(label, float(line.split("candidate ")[1])) for label, line in items]
    assert scores
    assert all((score > 0.9) == (label == "not toxic") for label, score in scores)
    opened(browser, image_page)
    chosen(browser, "focus", "overall")
    names = [item.text for item in browser.find_elements("css selector", "#wrong .what")]
    assert names
    assert all(", called " in name for name in names)


def test_weakest_slices_follow_the_metric(browser: Any, binary_page: Path) -> None:
    """In the order that the page was written with; another metric has another order."""
    opened(browser, binary_page, scripts=False)
    written = [row.text for row in browser.find_elements("css selector", "#weakest-body th")]
    opened(browser, binary_page)
    rows = "return [...document.querySelectorAll('#weakest-body th')].map((row) => row.textContent)"
    assert browser.execute_script(rows) == written
    chosen(browser, "metric", "auc")
    assert browser.execute_script(rows) != written
    assert complaints(browser) == []


def test_curves_follow_their_own_controls(browser: Any, binary_page: Path) -> None:
    """Feature and model; the threshold above moves their marks."""
    opened(browser, binary_page)
    for control, value in (("curve-feature", "race"), ("curve-model", "baseline")):
        before = drawn(browser, "roc")
        chosen(browser, control, value)
        assert changed(browser, "roc", before)
    assert "black (n " in drawn(browser, "roc")
    assert complaints(browser) == []
