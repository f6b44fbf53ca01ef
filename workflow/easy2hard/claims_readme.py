"""The README's table of claims, from a stored table of verdicts of the default run.

`python -m easy2hard.claims_readme README.md` replaces the text between the two marker comments by the table of
docs/claims_default.csv; with `--claims results/tables/claims.csv` that file is first made anew from a run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from easy2hard.errors import UserError
from easy2hard.files import write_text

BEGIN, END = "<!-- claims: begin -->", "<!-- claims: end -->"
STORED = "docs/claims_default.csv"
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


def replaced(text: str, inside: str, place: str) -> str:
    """The text with what stands between the markers replaced. Raises UserError where they do not stand there once."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise UserError(f"{place}: expected the lines '{BEGIN}' and '{END}', once each and in this order")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{inside}\n{END}{rest.partition(END)[2]}"


def read(path: Path) -> pd.DataFrame:
    """The stored verdicts. Raises UserError where they are not there."""
    if not path.is_file():
        raise UserError(f"{path}: no such file; give a table of verdicts with --claims")
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def main(given: list[str] | None = None) -> int:
    """Write the README, and with --claims the stored verdicts before; status 2 and one line where that fails."""
    parser = argparse.ArgumentParser(prog="claims_readme", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("readme", type=Path)
    parser.add_argument("--claims", type=Path, help="a run's results/tables/claims.csv")
    parser.add_argument("--stored", type=Path, default=Path(STORED))
    options = parser.parse_args(given)
    try:
        if options.claims:
            found = kept(read(options.claims))
            write_text(options.stored, found.to_csv(index=False, lineterminator="\n"))
        text = options.readme.read_text(encoding="utf-8")
        write_text(options.readme, replaced(text, table(read(options.stored)), str(options.readme)))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
