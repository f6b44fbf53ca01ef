"""Figures and the report: from stored tables alone, no torch."""


rule plot:
    message: "plot {wildcards.figure}"
    input:
        unpack(lambda w: RUNS.figure_tables(w.figure)),
        hardness=lambda w: RUNS.figure_hardness(w.figure),
        published=lambda w: front.overlay(RUNS, w.figure),
    output: **paths.FIGURE, caption=paths.CAPTION
    log: paths.log("plot", "figure")
    benchmark: paths.benchmark("plot", "figure")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(30), gpu=0
    params:
        options=lambda w: RUNS.plot(w.figure),
        files=lambda w: front.options(RUNS.figure_tables(w.figure)),
        code=lambda w: fingerprint("stages.plot", RUNS.figure_plugin(w.figure)),
    shell:
        "python -m easy2hard.stages.plot {params.options} {params.files} --hardness {input.hardness:q}"
        " --published {input.published:q} --pdf {output.pdf:q} --png {output.png:q} --svg {output.svg:q}"
        " --csv {output.csv:q} --caption {output.caption:q} > {log:q} 2>&1"


rule examples:
    message: "examples {wildcards.experiment}: prompts, and items before and after training"
    input: unpack(lambda w: front.inputs(RUNS.example_inputs(w.experiment)))
    output: page=paths.EXAMPLES, csv=paths.EXAMPLES_CSV
    log: paths.log("examples", "experiment")
    benchmark: paths.benchmark("examples", "experiment")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(30), gpu=0
    params:
        options=lambda w: RUNS.examples(w.experiment),
        files=lambda w: front.options(RUNS.example_inputs(w.experiment)),
        code=fingerprint("stages.examples"),
    shell: "python -m easy2hard.stages.examples {params.files} {params.options} --out {output.page:q} --csv {output.csv:q} > {log:q} 2>&1"


rule case_studies:
    message: "case_studies {wildcards.reranking}: problems on which votes disagree"
    input: unpack(lambda w: front.inputs(RUNS.case_inputs(w.reranking)))
    output: paths.CASES
    log: paths.log("case_studies", "reranking")
    benchmark: paths.benchmark("case_studies", "reranking")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(4000), runtime=front.more(30), gpu=0
    params:
        options=lambda w: RUNS.case_studies(w.reranking),
        files=lambda w: front.options(RUNS.case_inputs(w.reranking)),
        code=fingerprint("stages.case_studies"),
    shell: "python -m easy2hard.stages.case_studies {params.files} {params.options} --out {output:q} > {log:q} 2>&1"


rule write_report:
    message: "write_report: one page with all of it"
    input:
        unpack(lambda w: front.report_inputs(RUNS)),
        page=[front.shipped("report", name) for name in ("page.html", "style.css")],
    output: paths.REPORT
    log: paths.log("report")
    benchmark: paths.benchmark("report")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(30), gpu=0
    params:
        options=lambda w: RUNS.report(),
        files=lambda w: front.options(front.report_inputs(RUNS)),
        code=fingerprint("stages.report"),
    shell: "python -m easy2hard.stages.report {params.files} {params.options} --out {output:q} > {log:q} 2>&1"
