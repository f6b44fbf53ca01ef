"""Items, hardness, splits: no torch, no GPU."""


rule fetch:
    message: "fetch {wildcards.dataset}: items from their source"
    input: lambda w: RUNS.source_files(w.dataset)
    output: paths.ITEMS
    log: paths.log("fetch", "dataset")
    benchmark: paths.benchmark("fetch", "dataset")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(4000), runtime=front.more(60), gpu=0
    params:
        options=lambda w: RUNS.fetch(w.dataset),
        content=lambda w: RUNS.source_content(w.dataset),
        code=lambda w: fingerprint("stages.fetch", RUNS.dataset_plugin(w.dataset)),
    shell: "python -m easy2hard.stages.fetch {params.options} --out {output:q} > {log:q} 2>&1"


rule annotate:
    message: "annotate {wildcards.dataset}: hardness by {wildcards.measure}"
    input: table=paths.ITEMS
    output: paths.HARDNESS
    wildcard_constraints: measure=front.BY_ITEMS
    log: paths.log("annotate", "dataset", "measure")
    benchmark: paths.benchmark("annotate", "dataset", "measure")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(30), gpu=0
    params:
        options=lambda w: RUNS.annotate(w.dataset, w.measure),
        code=lambda w: fingerprint("stages.annotate", f"hardness.{w.measure}"),
    shell: "python -m easy2hard.stages.annotate --items {input.table:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule annotate_by_models:
    message: "annotate_by_models {wildcards.dataset}: hardness by {wildcards.measure}"
    input: unpack(lambda w: front.inputs(RUNS.by_models_inputs(w.dataset, w.measure)))
    output: paths.HARDNESS
    wildcard_constraints: measure=front.BY_MODELS
    log: paths.log("annotate_by_models", "dataset", "measure")
    benchmark: paths.benchmark("annotate_by_models", "dataset", "measure")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(4000), runtime=front.more(30), gpu=0
    params:
        options=lambda w: RUNS.by_models(w.dataset, w.measure),
        files=lambda w: front.options(RUNS.by_models_inputs(w.dataset, w.measure)),
        code=fingerprint("stages.annotate_by_models"),
    shell: "python -m easy2hard.stages.annotate_by_models {params.files} {params.options} --out {output:q} > {log:q} 2>&1"


rule card:
    message: "card {wildcards.dataset}: what its hardness tables hold"
    input: table=paths.ITEMS, hardness=lambda w: RUNS.measure_files(w.dataset)
    output: paths.CARD
    log: paths.log("card", "dataset")
    benchmark: paths.benchmark("card", "dataset")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(30), gpu=0
    params: code=fingerprint("stages.card")
    shell: "python -m easy2hard.stages.card --items {input.table:q} --hardness {input.hardness:q} --out {output:q} > {log:q} 2>&1"


rule correlate:
    message: "correlate {wildcards.dataset}: rank correlations between measures"
    input: table=paths.ITEMS, hardness=lambda w: RUNS.measure_files(w.dataset)
    output: paths.CORRELATIONS
    log: paths.log("correlate", "dataset")
    benchmark: paths.benchmark("correlate", "dataset")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(30), gpu=0
    params: code=fingerprint("stages.correlate")
    shell:
        "python -m easy2hard.stages.correlate --items {input.table:q} --hardness {input.hardness:q}"
        " --dataset {wildcards.dataset:q} --out {output:q} > {log:q} 2>&1"


rule split:
    message: "split {wildcards.split}: training and test sets by {wildcards.measure}"
    input: unpack(lambda w: front.inputs(RUNS.split_inputs(w.split, w.measure)))
    output: paths.SPLITS
    wildcard_constraints: measure=front.BY_MEASURE
    log: paths.log("split", "split", "measure")
    benchmark: paths.benchmark("split", "split", "measure")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(4000), runtime=front.more(60), gpu=0
    params:
        options=lambda w: RUNS.split(w.split, w.measure),
        files=lambda w: front.options(RUNS.split_inputs(w.split, w.measure)),
        code=fingerprint("stages.split"),
    shell: "python -m easy2hard.stages.split {params.files} {params.options} --out {output:q} > {log:q} 2>&1"


rule split_apart:
    message: "split_apart {wildcards.split}: training sets of the items held apart"
    input: table=lambda w: paths.ITEMS.format(dataset=RUNS.config.splits[w.split].dataset)
    output: paths.SPLITS
    wildcard_constraints: measure=front.BY_NONE
    log: paths.log("split_apart", "split", "measure")
    benchmark: paths.benchmark("split_apart", "split", "measure")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(4000), runtime=front.more(60), gpu=0
    params: options=lambda w: RUNS.split_apart(w.split), code=fingerprint("stages.split_apart")
    shell: "python -m easy2hard.stages.split_apart --items {input.table:q} {params.options} --out {output:q} > {log:q} 2>&1"
