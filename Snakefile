"""Easy2Hard: hardness annotation → splits → training → evaluation → figures. `make demo` runs the default."""

import sys

sys.path.insert(0, str(Path(workflow.basedir) / "workflow"))

from easy2hard.later import TABLES, later

later(*TABLES)

from easy2hard import front, paths
from easy2hard.fingerprint import fingerprint

front.readable("config.yaml")


configfile: "config.yaml"


RUNS = front.runs(config, workflow.configfiles[::-1])
shell.prefix(front.shell_prefix(workflow.basedir, RUNS.config.offline))


wildcard_constraints:
    **front.NAMES


rule all:
    message: "all: everything the config selects is made"
    input: front.everything(RUNS)


include: "workflow/rules/targets.smk"
include: "workflow/rules/cluster.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/teaching.smk"
include: "workflow/rules/generators.smk"
include: "workflow/rules/evaluators.smk"
include: "workflow/rules/reranking.smk"
include: "workflow/rules/figures.smk"
