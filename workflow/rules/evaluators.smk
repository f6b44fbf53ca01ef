"""Evaluators: what they learn from, their training, the scores they give."""


rule label:
    message: "label {wildcards.evaluator}: solutions by {wildcards.model} to learn from"
    input: unpack(lambda w: front.inputs(RUNS.label_inputs(w.evaluator, w.model)))
    output: paths.LABELLED
    log: paths.log("label", "evaluator", "model")
    benchmark: paths.benchmark("label", "evaluator", "model")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(8000), runtime=front.more(60), gpu=0
    params:
        options=lambda w: RUNS.label(w.evaluator),
        files=lambda w: front.options(RUNS.label_inputs(w.evaluator, w.model)),
        code=lambda w: fingerprint("stages.label", RUNS.evaluator_plugin(w.evaluator)),
    shell: "python -m easy2hard.stages.label {params.files} {params.options} --out {output:q} > {log:q} 2>&1"


rule train_evaluator:
    message: "train_evaluator {wildcards.evaluator}: from {wildcards.model}"
    input: labelled=paths.LABELLED, model=lambda w: RUNS.model_files(w.model)
    output: weights=paths.EVALUATOR_WEIGHTS, record=paths.EVALUATOR_RECORD
    log: paths.log("train_evaluator", "evaluator", "model")
    benchmark: paths.benchmark("train_evaluator", "evaluator", "model")
    conda: "../../envs/gpu.yaml"
    threads: RUNS.of_training("threads")
    resources: mem_mb=RUNS.of_training("mem_mb"), runtime=RUNS.of_training("runtime"), gpu=RUNS.of_training("gpus")
    params:
        options=lambda w: RUNS.train_evaluator(w.evaluator, w.model),
        content=lambda w: RUNS.model_content(w.model),
        code=lambda w: fingerprint("stages.train_evaluator", RUNS.evaluator_plugin(w.evaluator)),
    shell:
        "python -m easy2hard.stages.train_evaluator --labelled {input.labelled:q} {params.options}"
        " --out $(dirname {output.record:q}) > {log:q} 2>&1"


rule score:
    message: "score {wildcards.sampling}: solutions by {wildcards.model}, scored by {wildcards.evaluator} ({wildcards.judge})"
    input: unpack(lambda w: front.inputs(RUNS.score_inputs(w.sampling, w.model, w.evaluator, w.judge)))
    output: paths.SCORES
    log: paths.log("score", "sampling", "model", "evaluator", "judge")
    benchmark: paths.benchmark("score", "sampling", "model", "evaluator", "judge")
    conda: "../../envs/gpu.yaml"
    threads: RUNS.of_model("threads", "judge")
    resources:
        mem_mb=RUNS.of_model("mem_mb", "judge"),
        runtime=RUNS.of_model("runtime", "judge"),
        gpu=RUNS.of_model("gpus", "judge"),
    params:
        options=lambda w: RUNS.score(w.sampling, w.evaluator, w.judge),
        code=fingerprint("stages.score"),
    shell:
        "python -m easy2hard.stages.score --samples {input.samples:q} --items {input.table:q} {params.options}"
        " --out {output:q} > {log:q} 2>&1"
