"""Metrics, tables, claims: pure functions of files, no torch."""


rule evaluate:
    message: "evaluate {wildcards.experiment}: {wildcards.model}, {wildcards.method}"
    input: unpack(lambda w: front.inputs(RUNS.evaluate_inputs(w.experiment, w.model, w.method)))
    output: metrics=paths.METRICS, by_value=paths.BY_VALUE
    log: paths.log("evaluate", "experiment", "model", "method")
    benchmark: paths.benchmark("evaluate", "experiment", "model", "method")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(4000), runtime=front.more(60), gpu=0
    params:
        options=lambda w: RUNS.evaluate(w.experiment, w.model, w.method),
        files=lambda w: front.options(RUNS.evaluate_inputs(w.experiment, w.model, w.method)),
        code=fingerprint("stages.evaluate"),
    shell:
        "python -m easy2hard.stages.evaluate {params.files} {params.options}"
        " --out {output.metrics:q} --by-value {output.by_value:q} > {log:q} 2>&1"


rule collect:
    message: "collect: all metrics in one table"
    input:
        metrics=RUNS.metric_files(paths.METRICS),
        by_value=RUNS.metric_files(paths.BY_VALUE),
        correlations=RUNS.correlation_files(),
    output:
        results=paths.RESULTS,
        results_csv=paths.RESULTS_CSV,
        accuracy_by_value=paths.ALL_BY_VALUE,
        all_correlations=paths.ALL_CORRELATIONS,
    log: paths.log("collect")
    benchmark: paths.benchmark("collect")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(4000), runtime=front.more(30), gpu=0
    params: code=fingerprint("stages.collect")
    shell:
        "python -m easy2hard.stages.collect --metrics {input.metrics:q} --by-value {input.by_value:q}"
        " --correlations {input.correlations:q} --results {output.results:q} --results-csv {output.results_csv:q}"
        " --accuracy-by-value {output.accuracy_by_value:q} --all-correlations {output.all_correlations:q} > {log:q} 2>&1"


rule check_claims:
    message: "check_claims: the papers' claims against the results"
    input:
        results=paths.RESULTS,
        by_value=paths.ALL_BY_VALUE,
        correlations=paths.ALL_CORRELATIONS,
        claims=front.published("claims.yaml"),
    output: table=paths.CLAIMS, text=paths.CLAIMS_TEXT
    log: paths.log("check_claims")
    benchmark: paths.benchmark("check_claims")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(30), gpu=0
    params: code=fingerprint("stages.check_claims")
    shell:
        "python -m easy2hard.stages.check_claims --results {input.results:q} --accuracy-by-value {input.by_value:q}"
        " --correlations {input.correlations:q} --claims {input.claims:q} --out {output.table:q}"
        " --markdown {output.text:q} > {log:q} 2>&1"


rule compare:
    message: "compare: every published value beside ours"
    input:
        results=paths.RESULTS,
        by_value=paths.ALL_BY_VALUE,
        correlations=paths.ALL_CORRELATIONS,
        published=front.published("hase2024.csv"),
    output: table=paths.PUBLISHED, csv=paths.PUBLISHED_CSV
    log: paths.log("compare")
    benchmark: paths.benchmark("compare")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(30), gpu=0
    params: options=lambda w: RUNS.compare(), code=fingerprint("stages.compare")
    shell:
        "python -m easy2hard.stages.compare --results {input.results:q} --accuracy-by-value {input.by_value:q}"
        " --correlations {input.correlations:q} --published {input.published:q} {params.options}"
        " --out {output.table:q} --csv {output.csv:q} > {log:q} 2>&1"
