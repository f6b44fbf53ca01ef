"""Re-ranking: votes, their accuracy, what evaluators are worth. Pure functions of files, no torch."""


rule rerank:
    message: "rerank {wildcards.reranking}: votes over samples"
    input: unpack(lambda w: front.inputs(RUNS.rerank_inputs(w.reranking)))
    output: table=paths.RERANKED, diagnosed=paths.DIAGNOSED
    log: paths.log("rerank", "reranking")
    benchmark: paths.benchmark("rerank", "reranking")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(4000), runtime=front.more(120), gpu=0
    params:
        options=lambda w: RUNS.rerank(w.reranking),
        files=lambda w: front.options(RUNS.rerank_inputs(w.reranking)),
        code=fingerprint("stages.rerank"),
    shell:
        "python -m easy2hard.stages.rerank {params.files} {params.options} --out {output.table:q}"
        " --diagnosed {output.diagnosed:q} > {log:q} 2>&1"


rule collect_reranked:
    message: "collect_reranked: all re-rankings in one table"
    input: rerankings=RUNS.reranked_files(paths.RERANKED), diagnosed=RUNS.reranked_files(paths.DIAGNOSED)
    output: reranked=paths.ALL_RERANKED, csv=paths.ALL_RERANKED_CSV, diagnosed=paths.ALL_DIAGNOSED
    log: paths.log("collect_reranked")
    benchmark: paths.benchmark("collect_reranked")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(4000), runtime=front.more(30), gpu=0
    params: code=fingerprint("stages.collect_reranked")
    shell:
        "python -m easy2hard.stages.collect_reranked --rerankings {input.rerankings:q} --diagnosed {input.diagnosed:q}"
        " --reranked {output.reranked:q} --csv {output.csv:q} --all-diagnosed {output.diagnosed:q} > {log:q} 2>&1"


rule check_reranking_claims:
    message: "check_reranking_claims: the second paper's claims against the re-rankings"
    input: reranked=paths.ALL_RERANKED, claims=front.published("claims_sun2024.yaml")
    output: table=paths.CLAIMS_RERANKING, text=paths.CLAIMS_RERANKING_TEXT
    log: paths.log("check_reranking_claims")
    benchmark: paths.benchmark("check_reranking_claims")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(30), gpu=0
    params: code=fingerprint("stages.check_claims")
    shell:
        "python -m easy2hard.stages.check_claims --reranked {input.reranked:q} --claims {input.claims:q}"
        " --out {output.table:q} --markdown {output.text:q} > {log:q} 2>&1"


rule compare_reranking:
    message: "compare_reranking: every published value of the second paper beside ours"
    input: reranked=paths.ALL_RERANKED, diagnosed=paths.ALL_DIAGNOSED, published=front.published_reranking()
    output: table=paths.PUBLISHED_RERANKING, csv=paths.PUBLISHED_RERANKING_CSV
    log: paths.log("compare_reranking")
    benchmark: paths.benchmark("compare_reranking")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(30), gpu=0
    params: options=lambda w: RUNS.compare_reranking(), code=fingerprint("stages.compare_reranking")
    shell:
        "python -m easy2hard.stages.compare_reranking --reranked {input.reranked:q} --diagnosed {input.diagnosed:q}"
        " --published {input.published:q} {params.options} --out {output.table:q} --csv {output.csv:q} > {log:q} 2>&1"


rule tabulate_reranking:
    message: "tabulate_reranking: generators, evaluators, gains over majority as tables"
    input: reranked=paths.ALL_RERANKED, diagnosed=paths.ALL_DIAGNOSED
    output: **paths.RERANKING_TABLES
    log: paths.log("tabulate_reranking")
    benchmark: paths.benchmark("tabulate_reranking")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(30), gpu=0
    params: options=lambda w: RUNS.compare_reranking(), code=fingerprint("stages.tabulate_reranking")
    shell:
        "python -m easy2hard.stages.tabulate_reranking --reranked {input.reranked:q} --diagnosed {input.diagnosed:q}"
        " {params.options} --generators {output.generators:q} --evaluators {output.evaluators:q}"
        " --gains {output.gains:q} > {log:q} 2>&1"
