"""Parts of a self-contained HTML page: everything that comes from data is escaped, pictures are embedded.

Pictures are shown as images from `data:` addresses, so that an SVG can neither run code nor disturb the page's ids.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template

from easy2hard.errors import UserError

FOLDER = Path(__file__).parents[1] / "report"
TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def page(title: str, lead: str, sections: Sequence[tuple[str, str]], studies: Sequence[str] = ()) -> str:
    """The whole page. sections: (heading, HTML); studies: headings that open a part of several sections."""
    template = Template((FOLDER / "page.html").read_text(encoding="utf-8"))
    style = (FOLDER / "style.css").read_text(encoding="utf-8")
    named = [(anchor(heading), heading, body) for heading, body in sections]
    links = items(f'<a href="#{name}"{_part(heading in studies)}>{escape(heading)}</a>' for name, heading, _ in named)
    body = "\n".join(
        f'<section id="{name}"{_part(heading in studies)}>\n<h2>{escape(heading)}</h2>\n{html}\n</section>'
        for name, heading, html in named
    )
    return template.substitute(title=escape(title), style=style, lead=lead, contents=links, body=body)


def _part(opens: bool) -> str:
    return ' class="study"' if opens else ""


def anchor(heading: str) -> str:
    """A name for links within the page."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") or "section"


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text."""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def items(entries: Iterable[str]) -> str:
    """A list of entries that are HTML already."""
    return "<ul>" + "".join(f"<li>{entry}</li>" for entry in entries) + "</ul>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = (), caption: str = "") -> str:
    """A table that scrolls by itself on a narrow page. Cells are plain text; a line break makes small print."""
    right = set(numbers)
    above = paragraph(caption, "caption") if caption else ""
    top = "".join(_cell("th", name, at in right) for at, name in enumerate(head))
    body = "".join(
        "<tr>" + "".join(_cell("td", cell, at in right) for at, cell in enumerate(row)) + "</tr>\n" for row in rows
    )
    return f'{above}<div class="scroll"><table><thead><tr>{top}</tr></thead>\n<tbody>\n{body}</tbody></table></div>'


def _cell(kind: str, text: str, number: bool) -> str:
    first, _, rest = str(text).partition("\n")
    small = f"<small>{escape(rest)}</small>" if rest else ""
    return f"<{kind}{' class=number' if number else ''}>{escape(first)}{small}</{kind}>"


def picture(path: Path, title: str, caption: str, number: int) -> str:
    """An embedded figure with its caption. Raises UserError for a format that browsers do not show."""
    if path.suffix not in TYPES:
        raise UserError(f"{path}: the report embeds {' and '.join(TYPES)} figures, not '{path.suffix}'")
    address = f"data:{TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"
    name = f"Figure {number}. {title}"
    return (
        f'<figure id="figure-{number}"><img src="{address}" alt="{escape(name)}">\n'
        f"<figcaption><strong>{escape(name)}.</strong> {escape(caption)}</figcaption></figure>"
    )


def details(summary: str, html: str) -> str:
    """Something long, folded away."""
    return f"<details><summary>{escape(summary)}</summary>\n{html}\n</details>"


def markdown(text: str, level: int = 3) -> str:
    """The Markdown that this project's cards use: headings (highest at `level`), lists, tables, code, paragraphs."""
    return "\n".join(_block(block, level) for block in _blocks(text))


def _blocks(text: str) -> list[str]:
    """Blocks between blank lines; a fenced block stays whole."""
    pieces = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    whole = [[piece] if piece.startswith("```") else re.split(r"\n\s*\n", piece) for piece in pieces]
    return [block.strip("\n") for blocks in whole for block in blocks if block.strip()]


def _block(block: str, level: int) -> str:
    lines = block.split("\n")
    if block.startswith("```"):
        return f"<pre><code>{escape(chr(10).join(lines[1:-1]))}</code></pre>"
    heading = re.match(r"(#+) (.*)", lines[0])
    if heading:
        depth = min(6, level - 1 + len(heading[1]))
        rest = "\n".join(lines[1:]).strip("\n")
        return f"<h{depth}>{_inline(heading[2])}</h{depth}>" + (_block(rest, level) if rest else "")
    if block.startswith("|") and len(lines) > 1:
        return _markdown_table(lines)
    if all(line.startswith(("- ", "  ")) for line in lines):
        return items(_inline(entry) for entry in re.split(r"^- ", block, flags=re.MULTILINE) if entry.strip())
    return f"<p>{_inline(block)}</p>"


def _markdown_table(lines: list[str]) -> str:
    cells = [
        [cell.strip().replace("\\|", "|").replace("`", "") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        for line in lines
    ]
    numbers = [at for at, rule in enumerate(cells[1]) if rule.endswith(":")]
    return table(cells[0], cells[2:], numbers)


def _inline(text: str) -> str:
    """Escaped text with `code`, **strong** and *emphasis*."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        f"<code>{escape(part[1:-1])}</code>" if part.startswith("`") and len(part) > 1 else _emphasis(escape(part))
        for part in parts
    )


def _emphasis(escaped: str) -> str:
    strong = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", escaped)
    return re.sub(r"(?<!\w)\*(?!\s)([^*]+)(?<!\s)\*(?!\w)", r"<em>\1</em>", strong)
