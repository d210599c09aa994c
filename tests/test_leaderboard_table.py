"""The table to search in: what a saved notebook keeps, what the live widget carries, what it does in a browser."""

import json

import pandas as pd
import pytest

from course_utils.errors import CourseValueError
from course_utils.leaderboard import BENCHMARKS, arena, open_llm
from course_utils.leaderboard_table import show_table
from tests.browser import chromium, save_screenshot, watch

VIEW = "application/vnd.jupyter.widget-view+json"
# What anywidget does in a front end, without one: the widget's own module, a model that answers from its state.
RENDER = """async ([esm, css, state]) => {
  const url = URL.createObjectURL(new Blob([esm], {type: 'text/javascript'}));
  const module = await import(url);
  const model = {get: name => state[name], set: (name, value) => { state[name] = value; }, save_changes() {}, on() {},
                 off() {}, send() {}};
  document.head.insertAdjacentHTML('beforeend', `<style>${css}</style>`);
  await (module.default.render ?? module.render)({model, el: document.getElementById('place')});
}"""


@pytest.fixture(scope="module")
def table():
    return open_llm()


def bundle_of(shown):
    data, metadata = shown._repr_mimebundle_()
    return data


def live(shown):
    pytest.importorskip("anywidget")
    return shown._live()


# --- what is saved ---


def test_a_saved_notebook_keeps_a_small_accessible_head(table):
    bundle = bundle_of(show_table(table))
    html = bundle["text/html"]
    assert len(html) < 5_000 and html.count('scope="row"') == 10 and "<script" not in html
    assert "<caption>" in html and "전체 4,576행 가운데 앞의 10행" in html and "2025-03-21" in html
    assert html.count('scope="col"') == 12 and "이 셀을 실행하면" in html
    assert {key: bundle[key] for key in ("text/html", "text/plain")} == {
        key: bundle_of(show_table(open_llm()))[key] for key in ("text/html", "text/plain")
    }


def test_the_head_shows_values_as_the_website_does(table):
    text = repr(show_table(table, columns=["model", "params_b", "average", "upload_date", "moe"], head=1))
    assert text.splitlines()[-1].split()[1:] == ["77.965", "52.08", "2024-11-19", "X"]
    missing = table[table["params_b"].isna()].head(1)
    assert "nan" not in repr(show_table(missing)).lower() and "<NA>" not in repr(show_table(missing))


def test_a_table_that_fits_is_not_called_a_part(table):
    assert "가운데" not in repr(show_table(table.head(3), head=5)) and "가운데" in repr(
        show_table(table.head(6), head=5)
    )


def test_the_arena_and_other_tables_can_be_shown():
    assert "Gemini-2.5-Pro" in repr(show_table(arena(), head=1))
    assert repr(show_table(pd.DataFrame({"이름": ["<i>"], "값": [1]}))).splitlines() == ["표", "이름  값", "<i>   1"]
    assert "&lt;i&gt;" in bundle_of(show_table(pd.DataFrame({"이름": ["<i>"]})))["text/html"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": "model"},
        {"columns": []},
        {"columns": ["no"]},
        {"columns": 5},
        {"columns": [["rank"]]},
        {"head": 0},
        {"head": True},
        {"table": [1]},
    ],
)
def test_impossible_arguments_are_clear_errors(table, wrong):
    with pytest.raises(CourseValueError):
        show_table(**({"table": table} | wrong))


# --- what is live ---


def rows_of(widget):
    return json.loads(widget._dt_args["data_json"])


def test_the_widget_carries_every_row_and_stays_below_two_megabytes(table):
    widget = live(show_table(table))
    rows = rows_of(widget)
    assert len(rows) == 4576 and rows[0][1] == table["model"][0]
    assert len(rows[0]) == table.shape[1] - 6  # the raw scores stay at home
    assert len(widget._dt_args["data_json"]) < 2_000_000


def test_raw_scores_travel_where_they_are_asked_for(table):
    widget = live(show_table(table.head(5), columns=["model", "gpqa_raw"]))
    assert rows_of(widget)[0][-1] != "" and "GPQA 원점수" in widget._dt_args["table_html"]
    assert "IFEval 원점수" not in widget._dt_args["table_html"]


def test_the_view_is_one_widget_however_often_it_is_shown(table):
    pytest.importorskip("anywidget")
    shown = show_table(table.head(20))
    first, second = bundle_of(shown), bundle_of(shown)
    assert first[VIEW]["model_id"] == second[VIEW]["model_id"] == shown._live().model_id


def test_without_the_widgets_package_the_head_is_still_shown(table, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "itables.widget", None)
    bundle = bundle_of(show_table(table.head(20)))
    assert set(bundle) == {"text/plain", "text/html"}
    assert "%pip install itables anywidget" in bundle["text/html"] and "커널을 다시 시작" in bundle["text/html"]


def test_colab_is_told_which_manager_shows_the_widget(table, monkeypatch):
    """In Colab anywidget adds metadata to the view; without it Colab shows only the static head."""
    import sys
    from types import SimpleNamespace

    pytest.importorskip("anywidget")
    manager = SimpleNamespace(_installed_url=None)

    def enable():
        manager._installed_url = "https://example.org/manager.js"

    colab = SimpleNamespace(enable_custom_widget_manager=enable, _widgets=manager)
    monkeypatch.setitem(sys.modules, "google.colab.output", colab)
    data, metadata = show_table(table.head(20))._repr_mimebundle_()
    assert metadata == {VIEW: {"colab": {"custom_widget_manager": {"url": "https://example.org/manager.js"}}}}
    assert {VIEW, "text/html", "text/plain"} <= set(data)


# --- in a browser ---


@pytest.fixture(scope="module")
def page():
    with chromium() as browser:
        yield browser.new_page(viewport={"width": 1200, "height": 800})


@pytest.fixture
def put(page):
    """Puts a table into the page; what the page complained about must be nothing, and nothing is fetched."""
    said = watch(page)
    page.on("request", lambda request: None if request.url.startswith("blob:") else said.append(request.url))

    def put(shown):
        widget = live(shown)
        state = {name: getattr(widget, name) for name in ("caption", "classes", "_style", "selected_rows", "_dt_args")}
        page.set_content('<!DOCTYPE html><html lang="ko"><body style="font-family:sans-serif"><div id="place"></div>')
        page.evaluate(RENDER, [str(widget._esm), str(widget._css), state])
        page.wait_for_selector(".dt-info")
        return page

    yield put
    assert said == []


def cells(page):
    return [[cell.inner_text() for cell in row.query_selector_all("td")] for row in page.query_selector_all("tbody tr")]


def headers(page):
    return [cell.inner_text() for cell in page.query_selector_all("thead th")]


@pytest.mark.browser
def test_search_finds_exaone(put, table):
    page = put(show_table(table))
    assert page.get_by_text("v2, 2025-03-21 (전체 4,576행)").is_visible()
    assert page.inner_text(".dt-info") == "모두 4,576행 가운데 1~10행" and len(cells(page)) == 10
    page.fill(".dt-search input", "EXAONE-3.5-2.4B")
    page.wait_for_function("document.querySelectorAll('tbody tr').length == 1")
    [row] = cells(page)
    assert row[0] == "1379" and "27.14" in row and page.get_by_label("찾기:").count() == 1
    save_screenshot(page, "leaderboard_table")


@pytest.mark.browser
@pytest.mark.parametrize("name", ["ifeval", "params_b", "co2_kg"])
def test_a_header_sorts_by_number_with_the_largest_first(put, table, name):
    page = put(show_table(table, columns=["model", name]))
    button = page.locator("thead th").nth(1 if list(table).index(name) > 1 else 0).locator("[role=button]")
    button.focus()
    for direction in ("descending", "ascending"):
        page.keyboard.press("Enter")
        page.wait_for_selector(f"thead th[aria-sort={direction}]")  # large tables are sorted a moment later
        ascending = direction == "ascending"
        values = [float(row[1]) for row in cells(page) if row[1]]
        expected = table[name].sort_values(ascending=ascending).head(10).tolist()
        assert values == pytest.approx(expected[: len(values)], abs=0.006)
        assert values or ascending  # missing sizes may fill the first page, as the smallest


@pytest.mark.browser
def test_the_architecture_column_can_be_switched_on(put, table):
    page = put(show_table(table))
    assert "아키텍처(Architecture)" not in headers(page)
    page.get_by_role("button", name="열 고르기").click()
    page.locator(".dt-button-collection").get_by_text("아키텍처(Architecture)").click()
    assert "아키텍처(Architecture)" in headers(page)
    place = headers(page).index("아키텍처(Architecture)")
    assert [row[place] for row in cells(page)] == ["Qwen2ForCausalLM"] * 10
    page.locator(".dt-button-collection").get_by_text("MATH", exact=True).click()
    assert "MATH" not in headers(page) and len(headers(page)) == 12


@pytest.mark.browser
@pytest.mark.parametrize("width", [600, 1200])
def test_the_menu_of_columns_fits_on_the_screen(put, table, width):
    page = put(show_table(table, columns=["model", "architecture"]))
    page.set_viewport_size({"width": width, "height": 640})
    page.get_by_role("button", name="열 고르기").click()
    entries = page.locator(".dt-button-collection .dt-button")
    assert entries.count() == table.shape[1] - 6  # the raw scores stay at home
    for entry in entries.all():
        box = entry.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] >= 0 and box["y"] + box["height"] <= 640
        # The longest name has its tick beside it, not on top of it.
        assert entry.evaluate("node => node.scrollWidth <= node.clientWidth"), entry.inner_text()
    save_screenshot(page, f"leaderboard_columns_{width}")
    page.set_viewport_size({"width": 1200, "height": 800})


@pytest.mark.browser
def test_markup_in_a_cell_is_text(put):
    page = put(show_table(pd.DataFrame({"이름": ["<b>굵게</b>", "<img src=x onerror=alert(1)>"]})))
    assert [row[0] for row in cells(page)] == ["<b>굵게</b>", "<img src=x onerror=alert(1)>"]


@pytest.mark.browser
def test_scores_are_searchable_beside_names(put, table):
    page = put(show_table(table, columns=["model", *BENCHMARKS]))
    page.fill(".dt-search input", "없는 모델 이름")
    page.wait_for_function("document.querySelector('tbody').innerText.includes('찾는 말이')")
