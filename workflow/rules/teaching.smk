"""Published training sets: made into what generators and evaluators learn from."""


rule teach:
    message: "teach {wildcards.teaching}: {wildcards.gives} of a published training set"
    input: unpack(lambda w: front.inputs(RUNS.teach_inputs(w.teaching)))
    output: paths.TAUGHT
    wildcard_constraints: gives="lessons|labelled"
    log: paths.log("teach", "teaching", "gives")
    benchmark: paths.benchmark("teach", "teaching", "gives")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(120), gpu=0
    params:
        options=lambda w: RUNS.teach(w.teaching, w.gives),
        content=lambda w: RUNS.teaching_content(w.teaching),
        code=lambda w: fingerprint("stages.teach", RUNS.teaching_plugin(w.teaching)),
    shell:
        "python -m easy2hard.stages.teach --items {input.table:q} --hardness {input.hardness:q} {params.options}"
        " --out {output:q} > {log:q} 2>&1"
