"""Solutions: generators are trained, samples drawn and graded."""


rule train_generator:
    message: "train_generator {wildcards.generator}: from {wildcards.model}"
    input: unpack(lambda w: front.inputs(RUNS.train_generator_inputs(w.generator, w.model)))
    output: weights=paths.GENERATOR_WEIGHTS, record=paths.GENERATOR_RECORD
    log: paths.log("train_generator", "generator", "model")
    benchmark: paths.benchmark("train_generator", "generator", "model")
    conda: "../../envs/gpu.yaml"
    threads: RUNS.of_training("threads")
    resources: mem_mb=RUNS.of_training("mem_mb"), runtime=RUNS.of_training("runtime"), gpu=RUNS.of_training("gpus")
    params:
        options=lambda w: RUNS.train_generator(w.generator, w.model),
        files=lambda w: front.options(RUNS.train_generator_inputs(w.generator, w.model), leave=("model",)),
        content=lambda w: RUNS.model_content(w.model),
        code=lambda w: fingerprint("stages.train_generator", RUNS.generator_plugin(w.generator)),
    shell:
        "python -m easy2hard.stages.train_generator {params.files} {params.options} --out $(dirname {output.record:q})"
        " > {log:q} 2>&1"


rule sample:
    message: "sample {wildcards.sampling}: solutions by {wildcards.model}"
    input: unpack(lambda w: front.inputs(RUNS.sample_inputs(w.sampling, w.model)))
    output: paths.SAMPLES
    log: paths.log("sample", "sampling", "model")
    benchmark: paths.benchmark("sample", "sampling", "model")
    conda: "../../envs/gpu.yaml"
    threads: RUNS.of_model("threads")
    resources: mem_mb=RUNS.of_model("mem_mb"), runtime=RUNS.of_model("runtime"), gpu=RUNS.of_model("gpus")
    params:
        options=lambda w: RUNS.sample(w.sampling, w.model),
        files=lambda w: front.options(RUNS.sample_inputs(w.sampling, w.model), leave=("model", "named")),
        content=lambda w: RUNS.sample_content(w.sampling, w.model),
        code=lambda w: fingerprint("stages.sample", RUNS.engine_plugin(w.sampling), RUNS.sampled_generator(w.sampling)),
    shell: "python -m easy2hard.stages.sample {params.files} {params.options} --out {output:q} > {log:q} 2>&1"


rule grade:
    message: "grade {wildcards.sampling}: solutions by {wildcards.model}"
    input: unpack(lambda w: front.inputs(RUNS.grade_inputs(w.sampling, w.model)))
    output: paths.GRADES
    log: paths.log("grade", "sampling", "model")
    benchmark: paths.benchmark("grade", "sampling", "model")
    conda: "../../envs/cpu.yaml"
    threads: 1
    resources: mem_mb=front.more(4000), runtime=front.more(120), gpu=0
    params:
        options=lambda w: RUNS.grade(w.sampling),
        code=lambda w: fingerprint("stages.grade", RUNS.graded_dataset(w.sampling)),
    shell:
        "python -m easy2hard.stages.grade --samples {input.samples:q} --items {input.table:q} {params.options}"
        " --out {output:q} > {log:q} 2>&1"
