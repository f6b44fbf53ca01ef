"""Easy2Hard: hardness annotation → splits → training → evaluation → figures. `make demo` runs the default."""

import sys

sys.path.insert(0, str(Path(workflow.basedir) / "workflow"))

from easy2hard import front, model_measures, paths
from easy2hard.fingerprint import fingerprint

front.readable("config.yaml")


configfile: "config.yaml"


RUNS = front.runs(config, workflow.configfiles[::-1])
shell.prefix(front.shell_prefix(workflow.basedir))


wildcard_constraints:
    **front.NAMES


localrules: all, hardness, splits, figures, report, claims


rule all:
    input: front.everything(RUNS)
    default_target: True


rule hardness:
    input: front.hardness(RUNS)


rule splits:
    input: front.splits(RUNS)


rule figures:
    input: front.figures(RUNS)


rule claims:
    input: paths.CLAIMS, paths.CLAIMS_TEXT


rule report:
    input: paths.REPORT


include: "workflow/rules/data.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/figures.smk"
