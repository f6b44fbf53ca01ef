"""Everything that needs torch: pretraining a world's model, hidden states, predictions."""


rule corpus:
    message: "corpus {wildcards.world}: text to pretrain on, and its tokenizer"
    output: corpus=paths.CORPUS, tokenizer=paths.TOKENIZER
    log: paths.log("corpus", "world")
    benchmark: paths.benchmark("corpus", "world")
    conda: "../../envs/gpu.yaml"
    threads: 1
    resources: mem_mb=front.more(2000), runtime=front.more(30), gpu=0
    params:
        options=lambda w: RUNS.corpus(w.world),
        code=lambda w: fingerprint("stages.corpus", RUNS.dataset_plugin(w.world)),
    shell: "python -m easy2hard.stages.corpus {params.options} --out {output.corpus:q} --tokenizer $(dirname {output.tokenizer:q}) > {log:q} 2>&1"


rule pretrain:
    message: "pretrain {wildcards.model}: on the text of a generated world"
    input:
        corpus=lambda w: paths.CORPUS.format(world=RUNS.world(w.model)),
        tokenizer=lambda w: paths.TOKENIZER.format(world=RUNS.world(w.model)),
    output: weights=paths.WEIGHTS, record=paths.RECORD
    log: paths.log("pretrain", "model")
    benchmark: paths.benchmark("pretrain", "model")
    conda: "../../envs/gpu.yaml"
    threads: RUNS.of_model("threads")
    resources: mem_mb=RUNS.of_model("mem_mb"), runtime=RUNS.of_model("runtime"), gpu=RUNS.of_model("gpus")
    params:
        options=lambda w: RUNS.pretrain(w.model),
        code=lambda w: fingerprint("stages.pretrain", RUNS.dataset_plugin(RUNS.world(w.model))),
    shell:
        "python -m easy2hard.stages.pretrain --corpus {input.corpus:q} --tokenizer $(dirname {input.tokenizer:q}) {params.options}"
        " --out $(dirname {output.record:q}) > {log:q} 2>&1"


rule encode:
    message: "encode {wildcards.dataset}: hidden states of {wildcards.model}, {wildcards.encoding}"
    input: table=paths.ITEMS, model=lambda w: RUNS.model_files(w.model)
    output: paths.STATES
    log: paths.log("encode", "dataset", "model", "encoding")
    benchmark: paths.benchmark("encode", "dataset", "model", "encoding")
    conda: "../../envs/gpu.yaml"
    threads: RUNS.of_model("threads")
    resources: mem_mb=RUNS.of_model("mem_mb"), runtime=RUNS.of_model("runtime"), gpu=RUNS.of_model("gpus")
    params:
        options=lambda w: RUNS.encode(w.dataset, w.model, w.encoding),
        content=lambda w: RUNS.model_content(w.model),
        code=fingerprint("stages.encode"),
    shell: "python -m easy2hard.stages.encode --items {input.table:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule nll:
    message: "nll {wildcards.dataset}, {wildcards.model}: likelihood of questions, answers, reasoning"
    input: table=paths.ITEMS, model=lambda w: RUNS.model_files(w.model)
    output: paths.NLL
    log: paths.log("nll", "dataset", "model")
    benchmark: paths.benchmark("nll", "dataset", "model")
    conda: "../../envs/gpu.yaml"
    threads: RUNS.of_model("threads")
    resources: mem_mb=RUNS.of_model("mem_mb"), runtime=RUNS.of_model("runtime"), gpu=RUNS.of_model("gpus")
    params: options=lambda w: RUNS.nll(w.model), code=fingerprint("stages.nll")
    shell: "python -m easy2hard.stages.nll --items {input.table:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule predict_unsupervised:
    message: "predict {wildcards.dataset}: {wildcards.model}, {wildcards.method}, without training"
    input: table=paths.ITEMS, model=lambda w: RUNS.model_files(w.model)
    output: paths.UNSUPERVISED
    log: paths.log("predict_unsupervised", "dataset", "model", "method")
    benchmark: paths.benchmark("predict_unsupervised", "dataset", "model", "method")
    conda: "../../envs/gpu.yaml"
    threads: RUNS.of_model("threads")
    resources: mem_mb=RUNS.of_model("mem_mb"), runtime=RUNS.of_model("runtime"), gpu=RUNS.of_model("gpus")
    params:
        options=lambda w: RUNS.predict_unsupervised(w.dataset, w.model, w.method),
        content=lambda w: RUNS.model_content(w.model),
        code=lambda w: fingerprint("stages.predict", RUNS.method_plugin(w.method)),
    shell: "python -m easy2hard.stages.predict --items {input.table:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule predict:
    message: "predict {wildcards.split}: {wildcards.model}, {wildcards.method}, {wildcards.part}"
    input: unpack(lambda w: front.inputs(RUNS.predict_inputs(w.split, w.model, w.method, w.part)))
    output: paths.PREDICTIONS
    log: paths.log("predict", "split", "model", "method", "part")
    benchmark: paths.benchmark("predict", "split", "model", "method", "part")
    conda: "../../envs/gpu.yaml"
    threads: RUNS.of_model("threads")
    resources: mem_mb=RUNS.of_model("mem_mb"), runtime=RUNS.of_model("runtime"), gpu=RUNS.of_model("gpus")
    params:
        options=lambda w: RUNS.predict(w.split, w.model, w.method, w.part),
        files=lambda w: front.options(RUNS.predict_inputs(w.split, w.model, w.method, w.part), leave=("model",)),
        content=lambda w: RUNS.model_content(w.model),
        code=lambda w: fingerprint("stages.predict", RUNS.method_plugin(w.method)),
    shell: "python -m easy2hard.stages.predict {params.files} {params.options} --out {output:q} > {log:q} 2>&1"
