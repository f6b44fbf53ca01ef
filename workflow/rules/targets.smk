"""What can be asked for by name: `snakemake TARGET …`. Nothing asked for means `all`, in the Snakefile."""


localrules: all, hardness, splits, figures, report, claims


rule hardness:
    message: "hardness: tables, cards and correlations are made"
    input: front.hardness(RUNS)


rule splits:
    message: "splits: training and test sets are made"
    input: front.splits(RUNS)


rule figures:
    message: "figures: made"
    input: front.figures(RUNS)


rule claims:
    message: "claims: checked"
    input: front.claims(RUNS)


rule report:
    message: "report: written"
    input: paths.REPORT
