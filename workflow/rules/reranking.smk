"""Re-ranking: votes, their accuracy, what evaluators are worth. Pure functions of files, no torch."""


rule rerank:
    message: "rerank {wildcards.reranking}: votes over samples"
    input: unpack(lambda w: front.inputs(RUNS.rerank_inputs(w.reranking)))
    output: table=paths.RERANKED, diagnosed=paths.DIAGNOSED
    log: paths.log("rerank", "reranking")
    benchmark: paths.benchmark("rerank", "reranking")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=4000, runtime=120, gpus=0
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
    resources: mem_mb=4000, runtime=30, gpus=0
    params: code=fingerprint("stages.collect_reranked")
    shell:
        "python -m easy2hard.stages.collect_reranked --rerankings {input.rerankings:q} --diagnosed {input.diagnosed:q}"
        " --reranked {output.reranked:q} --csv {output.csv:q} --all-diagnosed {output.diagnosed:q} > {log:q} 2>&1"
