"""Every path of a run, in one place. `{name}` are Snakemake's wildcards; other modules never spell a path."""

from __future__ import annotations

ROOT = "results"

ITEMS = f"{ROOT}/items/{{dataset}}.parquet"
HARDNESS = f"{ROOT}/hardness/{{dataset}}/{{measure}}.parquet"
CARD = f"{ROOT}/hardness/{{dataset}}/README.md"
SPLITS = f"{ROOT}/splits/{{split}}/{{measure}}.parquet"
CORPUS = f"{ROOT}/corpora/{{world}}/corpus.parquet"
TOKENIZER = f"{ROOT}/corpora/{{world}}/tokenizer/tokenizer.json"  # a folder has no checksum
MODEL = f"{ROOT}/models/{{model}}"
WEIGHTS = f"{MODEL}/model.safetensors"
RECORD = f"{MODEL}/record.json"
NLL = f"{ROOT}/nll/{{dataset}}/{{model}}.parquet"
STATES = f"{ROOT}/states/{{dataset}}/{{model}}/{{encoding}}.parquet"
UNSUPERVISED = f"{ROOT}/unsupervised/{{dataset}}/{{model}}/{{method}}.parquet"
PREDICTIONS = f"{ROOT}/predictions/{{split}}/{{model}}/{{method}}/{{part}}.parquet"
METRICS = f"{ROOT}/metrics/{{experiment}}/{{model}}/{{method}}.parquet"
BY_VALUE = f"{ROOT}/metrics/{{experiment}}/{{model}}/{{method}}.by_value.parquet"
CORRELATIONS = f"{ROOT}/metrics/correlations/{{dataset}}.parquet"

GENERATOR = f"{ROOT}/generators/{{generator}}/{{model}}"
GENERATOR_WEIGHTS = f"{GENERATOR}/model.safetensors"
GENERATOR_RECORD = f"{GENERATOR}/record.json"
TAUGHT = f"{ROOT}/teaching/{{teaching}}/{{gives}}.parquet"
SAMPLES = f"{ROOT}/samples/{{sampling}}/{{model}}.parquet"
GRADES = f"{ROOT}/grades/{{sampling}}/{{model}}.parquet"
LABELLED = f"{ROOT}/labelled/{{evaluator}}/{{model}}.parquet"
EVALUATOR = f"{ROOT}/evaluators/{{evaluator}}/{{model}}"
EVALUATOR_WEIGHTS = f"{EVALUATOR}/model.safetensors"
EVALUATOR_RECORD = f"{EVALUATOR}/record.json"
SCORES = f"{ROOT}/scores/{{sampling}}/{{model}}/{{evaluator}}/{{judge}}.parquet"
RERANKED = f"{ROOT}/reranked/{{reranking}}.parquet"
DIAGNOSED = f"{ROOT}/reranked/{{reranking}}.diagnosed.parquet"

RESULTS = f"{ROOT}/tables/results.parquet"
RESULTS_CSV = f"{ROOT}/tables/results.csv"
ALL_BY_VALUE = f"{ROOT}/tables/accuracy_by_value.parquet"
ALL_CORRELATIONS = f"{ROOT}/tables/correlations.parquet"
ALL_RERANKED = f"{ROOT}/tables/reranked.parquet"
ALL_RERANKED_CSV = f"{ROOT}/tables/reranked.csv"
ALL_DIAGNOSED = f"{ROOT}/tables/diagnosed.parquet"
PUBLISHED = f"{ROOT}/tables/published.parquet"
PUBLISHED_CSV = f"{ROOT}/tables/published.csv"
CLAIMS = f"{ROOT}/tables/claims.csv"
CLAIMS_TEXT = f"{ROOT}/tables/claims.md"
FIGURE = {kind: f"{ROOT}/figures/{{figure}}.{kind}" for kind in ("pdf", "png", "svg", "csv")}
EXAMPLES = f"{ROOT}/examples/{{experiment}}.md"
EXAMPLES_CSV = f"{ROOT}/examples/{{experiment}}.csv"
CAPTION = f"{ROOT}/figures/{{figure}}.txt"
CASES = f"{ROOT}/case_studies_{{reranking}}.html"
PUBLISHED_RERANKING = f"{ROOT}/tables/published_reranking.parquet"
PUBLISHED_RERANKING_CSV = f"{ROOT}/tables/published_reranking.csv"
CLAIMS_RERANKING = f"{ROOT}/tables/claims_reranking.csv"
CLAIMS_RERANKING_TEXT = f"{ROOT}/tables/claims_reranking.md"
RERANKING_TABLES = {name: f"{ROOT}/tables/{name}.csv" for name in ("generators", "evaluators", "gains")}
REPORT = f"{ROOT}/report.html"


def log(rule: str, *wildcards: str) -> str:
    """Log file of a rule, named by its wildcards."""
    return _named("logs", rule, wildcards, "log")


def benchmark(rule: str, *wildcards: str) -> str:
    """Benchmark file of a rule, named by its wildcards."""
    return _named("benchmarks", rule, wildcards, "tsv")


def _named(folder: str, rule: str, wildcards: tuple[str, ...], suffix: str) -> str:
    name = "/".join([rule, *(f"{{{wildcard}}}" for wildcard in wildcards)])
    return f"{ROOT}/{folder}/{name}.{suffix}"
