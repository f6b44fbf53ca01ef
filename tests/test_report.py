"""The report: one file, nothing loaded from elsewhere, everything from data escaped."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import synthetic_results as synthetic
from easy2hard import html_report
from easy2hard.errors import UserError
from easy2hard.stages import check_claims, compare, plot, report

ROOT = Path(__file__).parents[1]
VALUES = ROOT / "workflow" / "published" / "hase2024.csv"
HOSTILE = "ARC <script>alert(1)</script> & $x_1$"
CARD = f"""# How hard is {HOSTILE}?

- Dataset: `arc`
- Licence: **CC** & more

| file | easy |
| ---- | ---: |
| `a\\|b` | 2 |

```python
x = "<b>"

y = 1
```
"""


class Reader(HTMLParser):
    """Tags with attributes, and text outside style sheets."""

    def __init__(self):
        super().__init__()
        self.tags, self.words, self.open = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


@pytest.fixture(scope="module")
def given(tmp_path_factory) -> dict:
    """The keywords of the stage, from results with a hostile name."""
    folder = tmp_path_factory.mktemp("report")
    stored = synthetic.write(synthetic.MIDDLE, folder)
    files = {kind: folder / f"sgr.{kind}" for kind in ("pdf", "png", "svg", "csv")}
    plot.main(figure="sgr_by_method", **stored, **files, caption=folder / "sgr.txt")
    claims = folder / "claims.csv"
    tables = {name: stored[name] for name in ("results", "correlations", "accuracy_by_value")}
    published = ROOT / "workflow" / "published" / "claims.yaml"
    check_claims.main(**tables, claims=published, out=claims, markdown=folder / "claims.md")
    known = {"datasets": {"arc": "arc"}, "methods": {"icl": "icl", "probe": "probe"}}
    spec = {**stored["spec"], "counterparts": known}
    compare.main(**tables, published=VALUES, spec=spec, out=folder / "p.parquet", csv=folder / "p.csv")
    (folder / "card.md").write_text(CARD, encoding="utf-8")
    synthetic.results(synthetic.MIDDLE).head(250).to_csv(folder / "results.csv", index=False)
    return {
        "figures": [files["svg"], files["png"]],
        "captions": [folder / "sgr.txt"] * 2,
        "results": stored["results"],
        "tables": [folder / "results.csv"],
        "cards": [folder / "card.md"],
        "examples": [folder / "card.md"],
        "claims": claims,
        "published": folder / "p.parquet",
        "config": {"seed": 0, "title": HOSTILE},
        "spec": {**stored["spec"], "figures": ["sgr", "sgr"], "titles": {"on-arc": HOSTILE}},
    }


@pytest.fixture(scope="module")
def page(given, tmp_path_factory) -> str:
    out = tmp_path_factory.mktemp("page") / "report.html"
    report.main(**given, out=out)
    return out.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def read(page) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_nothing_is_loaded_from_elsewhere(page, read):
    loads = [
        value
        for _, attributes in read.tags
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "data", "action", "poster")
    ]
    assert loads and all(value.startswith(("data:image/", "#")) for value in loads)
    assert not {"script", "link", "iframe", "object", "embed"} & {tag for tag, _ in read.tags}
    assert "url(" not in page and "@import" not in page


def test_links_within_the_page_lead_somewhere(read):
    names = {attributes["id"] for _, attributes in read.tags if "id" in attributes}
    links = [attributes["href"][1:] for tag, attributes in read.tags if tag == "a"]
    assert len(links) == 10 and set(links) <= names


def test_names_are_escaped(page, read):
    assert "<script" not in page
    assert sum(HOSTILE in words for words in read.words) >= 4
    assert 'x = "<b>"\n\ny = 1' in "".join(read.words)


def test_says_what_is_generated_and_what_is_real(read):
    text = "".join(read.words)
    assert "Generated data: QA world." in text and f"Real data: {HOSTILE}." in text
    assert "no evidence about real data" in text


def test_has_numbers_verdicts_config_and_versions(read):
    text = "".join(read.words)
    for expected in (
        "undefined",
        "Holds",
        "Not testable",
        "seed: 0",
        "pandas ",
        "python ",
        "Figure 2. Supervision Gap",
        "250 rows, the first 200 shown",
    ):
        assert expected in text, expected
    assert len([tag for tag, _ in read.tags if tag == "img"]) == 2


def test_no_time_of_day_no_path(page, given):
    assert str(given["results"].parent) not in page and str(ROOT) not in page


def test_same_bytes_twice(given, page, tmp_path):
    report.main(**given, out=tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_every_figure_needs_its_caption(given, tmp_path):
    with pytest.raises(UserError, match="2 figures but 1 captions"):
        report.main(**{**given, "captions": given["captions"][:1]}, out=tmp_path / "r.html")
    assert not any(tmp_path.iterdir())


def test_a_pdf_is_not_embedded(given, tmp_path):
    pdf = given["figures"][0].with_suffix(".pdf")
    with pytest.raises(UserError, match="not '.pdf'"):
        report.main(**{**given, "figures": [pdf, pdf]}, out=tmp_path / "r.html")


def test_a_wrong_spec_is_one_line(given, tmp_path):
    with pytest.raises(UserError, match=r"^spec\.figure: "):
        report.main(**{**given, "spec": {"figure": []}}, out=tmp_path / "r.html")


def test_with_nothing_chosen_it_still_says_so(given, tmp_path):
    empty = {name: [] for name in ("figures", "captions", "tables", "cards", "examples")}
    report.main(**{**given, **empty}, out=tmp_path / "r.html")
    assert "No figures were chosen." in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# A", "<h3>A</h3>"),
        ("## `a<b`", "<h4><code>a&lt;b</code></h4>"),
        ("**a** and *b*", "<p><strong>a</strong> and <em>b</em></p>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        ("- a\n- b", "<ul><li>a\n</li><li>b</li></ul>"),
        ("a_b_c", "<p>a_b_c</p>"),
    ],
)
def test_markdown(text, html):
    assert html_report.markdown(text) == html


def test_no_torch_and_no_matplotlib():
    code = (
        "import sys, easy2hard.stages.report, easy2hard.stages.check_claims; "
        "print(sorted({'torch', 'transformers', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "workflow")},
    )
    assert done.stdout.strip() == "[]"
