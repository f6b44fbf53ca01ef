"""Runs through Slurm: a run says that it goes on, that it ended, and what failed. Nothing of it on one machine."""

from easy2hard import cluster, failures
from easy2hard.errors import UserError
from snakemake.exceptions import WorkflowError


def on_slurm() -> bool:
    """Whether this Snakemake submits jobs to Slurm."""
    return workflow.executor_plugin.name == "slurm"


onstart:
    if on_slurm():
        try:
            cluster.begin(sys.argv[1:])
        except UserError as error:
            raise WorkflowError(f"error: {error}") from None


onsuccess:
    if on_slurm():
        cluster.ended()


onerror:
    if on_slurm():
        cluster.ended()
        print(*failures.lines(Path(log[0]).read_text(encoding="utf-8")), sep="\n", file=sys.stderr)
