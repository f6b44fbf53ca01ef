"""The README's tables of claims, a paper each, from stored tables of verdicts of the default run.

`python -m easy2hard.claims_readme README.md --paper sun2024` replaces the text between the two marker comments of that
paper by the table of docs/claims_sun2024.csv; with `--claims results/tables/claims_reranking.csv` that file is first
made anew from a run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from easy2hard.errors import UserError
from easy2hard.files import write_text

PAPERS = ("hase2024", "sun2024")
COLUMNS = ["claim", "verdict", "reason", "statement", "source"]
SAID = (
    "Verdicts on the default run's generated data. They show what the workflow can decide; they are no evidence about "
    "the paper's data. *holds*: every interval supports it; *fails*: one refutes it; *not resolved*: neither."
)


def kept(claims: pd.DataFrame) -> pd.DataFrame:
    """The verdicts over all settings, one row a claim, of a table that `check_claims` wrote."""
    return claims.loc[claims["scope"] == "overall", COLUMNS].reset_index(drop=True)


def table(claims: pd.DataFrame) -> str:
    """The Markdown between the markers."""
    lines = [SAID, "", "| claim of the paper | where | verdict here | settings |", "|---|---|---|---|"]
    lines += [
        f"| {row.statement} | {row.source} | **{row.verdict}** | {row.reason} |"
        for row in claims.map(lambda text: " ".join(str(text).split()).replace("|", "/")).itertuples()
    ]
    return "\n".join(lines)


def markers(paper: str) -> tuple[str, str]:
    """The comments between which the table of a paper stands."""
    return f"<!-- claims of {paper}: begin -->", f"<!-- claims of {paper}: end -->"


def stored(paper: str) -> str:
    """File of the stored verdicts on a paper's claims."""
    return f"docs/claims_{paper}.csv"


def replaced(text: str, inside: str, paper: str, place: str) -> str:
    """The text with what stands between the markers replaced. Raises UserError where they do not stand there once."""
    begin, end = markers(paper)
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise UserError(f"{place}: expected the lines '{begin}' and '{end}', once each and in this order")
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{inside}\n{end}{rest.partition(end)[2]}"


def read(path: Path) -> pd.DataFrame:
    """The stored verdicts. Raises UserError where they are not there."""
    if not path.is_file():
        raise UserError(f"{path}: no such file; give a table of verdicts with --claims")
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def main(given: list[str] | None = None) -> int:
    """Write the README, and with --claims the stored verdicts before; status 2 and one line where that fails."""
    parser = argparse.ArgumentParser(prog="claims_readme", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("readme", type=Path)
    parser.add_argument("--paper", choices=PAPERS, default=PAPERS[0])
    parser.add_argument("--claims", type=Path, help="a run's results/tables/claims.csv or claims_reranking.csv")
    parser.add_argument("--stored", type=Path)
    options = parser.parse_args(given)
    kept_in = options.stored or Path(stored(options.paper))
    try:
        if options.claims:
            found = kept(read(options.claims))
            write_text(kept_in, found.to_csv(index=False, lineterminator="\n"))
        text = options.readme.read_text(encoding="utf-8")
        write_text(options.readme, replaced(text, table(read(kept_in)), options.paper, str(options.readme)))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
