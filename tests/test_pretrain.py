"""Corpus, tokenizer and pretraining: files of the DAG, equal bytes for equal seeds, no model that has not learnt."""

from __future__ import annotations

import json

import pytest

torch = pytest.importorskip("torch")

from easy2hard import corpora, tables  # noqa: E402
from easy2hard.errors import UserError  # noqa: E402
from easy2hard.models import architectures, word_tokenizer  # noqa: E402
from easy2hard.stages import corpus, pretrain  # noqa: E402

WORLD = {"documents": 200, "objects": 8, "main": [4, 0, 0, 0, 0], "held_out": [4, 0, 0, 0, 0], "document_tokens": 32}
QUICK = {"hidden": 16, "feed_forward": 16, "heads": 2, "layers": 1, "gate_every": 4, "gate_updates": 8, "exam": 10}
PASSES = {**QUICK, "gate_accuracy": 0.0, "least_updates": 8, "decay": 3}
FAILS = {**QUICK, "gate_accuracy": 1.0, "least_updates": 0, "attempts": 2}


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    corpus.main("worlds/qa", WORLD, 1, folder / "corpus.parquet", folder / "tokenizer")
    return folder


def run(text, pretraining, out, seed=0):
    pretrain.main(text / "corpus.parquet", text / "tokenizer", "worlds/qa", WORLD, pretraining, seed, out)
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def made(text, tmp_path_factory):
    return run(text, PASSES, tmp_path_factory.mktemp("made") / "model")


def test_corpus_files_are_equal_for_equal_seeds(text, tmp_path):
    corpus.main("worlds/qa", WORLD, 1, tmp_path / "corpus.parquet", tmp_path / "tokenizer")
    for name in ("corpus.parquet", "tokenizer/tokenizer.json", "tokenizer/tokenizer_config.json"):
        assert (tmp_path / name).read_bytes() == (text / name).read_bytes()
    told = tables.metadata(text / "corpus.parquet")
    assert sum(told["documents"].values()) == 200


def test_tokenizer_gives_one_token_a_word_and_the_text_back(text):
    from transformers import AutoTokenizer

    loaded = AutoTokenizer.from_pretrained(text / "tokenizer")
    document = tables.read(text / "corpus.parquet", tables.CORPUS)["text"].iloc[0]
    ids = loaded(document)["input_ids"]
    assert ids[0] == loaded.bos_token_id and len(ids) == len(document.split()) + 1
    assert loaded.decode(ids, skip_special_tokens=True) == document
    assert loaded.tokenize("<textbook> most kettle ? red") == ["<textbook>", "most", "kettle", "?", "red"]
    assert loaded.tokenize("most kettle ?\nteapot") == ["most", "kettle", "?", "<unk>"]
    named = (loaded.pad_token, loaded.bos_token, loaded.eos_token, loaded.unk_token)
    assert named == corpora.SPECIALS and len({*loaded.convert_tokens_to_ids(list(named))}) == 4


def test_two_runs_write_the_same_bytes(text, made, tmp_path):
    assert run(text, PASSES, tmp_path / "again") == made
    assert run(text, PASSES, tmp_path / "other", seed=1)["model.safetensors"] != made["model.safetensors"]


def test_the_folder_loads_with_transformers(text, made, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    run(text, PASSES, tmp_path / "model")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "model")
    words = AutoTokenizer.from_pretrained(tmp_path / "model")
    assert model.dtype == torch.float32
    assert model.config.vocab_size == len(words) == 4 + 4 + 4 + 8
    assert model.config.max_position_embeddings == words.model_max_length == 32
    assert model.config.tie_word_embeddings and torch.equal(model.lm_head.weight, model.model.embed_tokens.weight)


@pytest.mark.parametrize("architecture", ["mixtral", "mamba", "mamba2", "rwkv"])
def test_other_architectures_are_pretrained_and_load(text, architecture, tmp_path):
    from easy2hard.models import load

    asked = {**PASSES, "layers": 2, "gate_updates": 2, "gate_every": 2, "least_updates": 2, "decay": 1}
    asked["architecture"] = architecture
    first = run(text, asked, tmp_path / "model")
    model = load.load_causal(tmp_path / "model", {})
    assert model.config.model_type == architecture and load.max_tokens(model) == 32
    told = json.loads(first["record.json"])["settings"]
    assert told["architecture"] == architecture
    moved = architectures.build(corpora.Pretraining(**asked), model.config.vocab_size, 32, 0).state_dict()
    assert not any(torch.equal(value, moved[name]) for name, value in model.state_dict().items() if value.ndim > 1)


def test_the_record_tells_the_gate_and_the_ceiling(made):
    told = json.loads(made["record.json"])
    assert told["seed"] == 0 and told["updates"] == 11 and told["tokens_read"] == 11 * PASSES_BATCH * 32
    assert [updates for updates, _ in told["attempts"][0]["curve"]] == [4, 8, 11]
    assert set(told["final_accuracy"]) == {"tagged", "untagged", "in_context"}
    assert set(told["final_accuracy"]["tagged"]) == {"1", "2", "3", "4", "5"}


PASSES_BATCH = corpora.Pretraining().batch


def test_a_missed_gate_restarts_with_another_seed_and_then_fails_loudly(text, tmp_path, capsys):
    with pytest.raises(UserError, match=r"no seed reached accuracy 1.0 .* seed 0 by level .* seed 1000 by level"):
        run(text, FAILS, tmp_path / "model")
    assert "seed 0 missed the gate" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_seed_that_passes_later_is_recorded_with_those_before(text, tmp_path):
    from easy2hard.models import pretrain as trainer

    words = word_tokenizer.load(text / "tokenizer")
    tokens = torch.randint(4, words.get_vocab_size(), (40, 12), generator=torch.Generator().manual_seed(0))
    answers = iter([{1: 0.0}, {1: 0.0}, {1: 0.9}, {1: 0.9}, {1: 0.9}])
    settings = corpora.Pretraining(**{**PASSES, "gate_accuracy": 0.8, "gate_levels": [1]})
    _, attempts = trainer.train([tokens], 7, words.get_vocab_size(), settings, 5, lambda model: next(answers))
    told = [(attempt.seed, attempt.passed, attempt.updates) for attempt in attempts]
    assert told == [(5, False, 8), (1005, True, 11)]


def test_a_decay_that_spoils_the_model_does_not_pass(text):
    from easy2hard.models import pretrain as trainer

    tokens = torch.randint(4, 20, (40, 12), generator=torch.Generator().manual_seed(0))
    answers = iter([{1: 0.9}, {1: 0.9}, {1: 0.2}])
    settings = corpora.Pretraining(**{**PASSES, "gate_accuracy": 0.8, "gate_levels": [1], "attempts": 1})
    with pytest.raises(UserError, match="pretraining failed"):
        trainer.train([tokens], 7, 20, settings, 5, lambda model: next(answers))


def test_a_corpus_that_does_not_fit_the_tokenizer_is_refused(text, tmp_path):
    frame = tables.read(text / "corpus.parquet", tables.CORPUS)
    words = word_tokenizer.load(text / "tokenizer")
    same = [row.ids for row in words.encode_batch(list(frame["text"]))]
    assert pretrain.encode(words.get_vocab(), frame["text"], tmp_path) == same
    frame.loc[3, "text"] = frame.loc[3, "text"].replace("most", "moast", 1)
    with pytest.raises(UserError, match="document 3 has the word 'moast'"):
        pretrain.encode(words.get_vocab(), frame["text"], tmp_path)


def test_a_dataset_without_a_corpus_is_no_world():
    with pytest.raises(UserError, match="is no world to pretrain on: it has no"):
        corpora.world("arc")


def test_a_vocabulary_that_repeats_a_word_is_refused():
    with pytest.raises(UserError, match="words occur twice: red"):
        word_tokenizer.build(["red", "blue", "red"])


def test_levels_of_an_exam_go_by_level(text):
    from easy2hard.datasets.worlds import qa
    from easy2hard.models import exam

    words = word_tokenizer.load(text / "tokenizer")
    questions = qa.exam(qa.Options(**WORLD), 0, 6)
    made = exam.papers(questions, words, ["<textbook>"] * len(questions), None)
    assert {level: tuple(paper.tokens.shape) for level, paper in made.items()} == {
        1: (8, 5), 2: (6, 7), 3: (6, 9), 4: (6, 11), 5: (6, 13),
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"heads": 3}, "multiple of twice heads"),
        ({"least_updates": 99}, "above gate_updates"),
        ({"gate_levels": [6]}, "unknown level '6'; allowed: 1, 2, 3, 4, 5"),
        ({"hiden": 16}, "hiden"),
    ],
)
def test_impossible_settings_are_refused_before_training(text, tmp_path, given, told):
    with pytest.raises(UserError, match=told):
        run(text, {**PASSES, **given}, tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_demonstrations_are_true_and_never_the_question_itself():
    from easy2hard.datasets.worlds import qa
    from easy2hard.models import exam

    questions = qa.exam(qa.Options(**WORLD), 0, 6)
    answered = dict(zip(questions["question"], questions["answer"], strict=True))
    for question, shown in zip(questions["question"], exam.demonstrations(questions, 0), strict=True):
        pairs = dict(pair.rsplit(" ", 1) for pair in shown.replace(" most", "\nmost").split("\n"))
        assert len(pairs) == 6 and question not in pairs
        assert pairs == {name: answered[name] for name in pairs}


MATHS = {"documents": 300, "main": [3] * 5, "validation": [2] * 5, "test": [2] * 5}


@pytest.fixture(scope="module")
def maths_text(tmp_path_factory):
    folder = tmp_path_factory.mktemp("maths")
    corpus.main("worlds/maths", MATHS, 1, folder / "corpus.parquet", folder / "tokenizer")
    return folder


def run_maths(text, out, **given):
    settings = {**PASSES, **given}
    pretrain.main(text / "corpus.parquet", text / "tokenizer", "worlds/maths", MATHS, settings, 0, out)
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def solver(maths_text, tmp_path_factory):
    return run_maths(maths_text, tmp_path_factory.mktemp("solver") / "model")


def test_a_world_of_worked_solutions_is_pretrained_and_examined_by_solving(solver):
    told = json.loads(solver["record.json"])
    assert told["updates"] == 11 and set(told["final_accuracy"]) == {"tagged", "untagged"}
    assert set(told["final_accuracy"]["tagged"]) == {"1", "2", "3", "4", "5"}
    assert json.loads(solver["config.json"])["max_position_embeddings"] == 33
    assert 11 * PASSES_BATCH * 33 * 0.8 < told["tokens_read"] <= 11 * PASSES_BATCH * 33


def test_replicates_read_one_corpus_from_other_weights_in_another_order(maths_text, solver, tmp_path):
    other = run_maths(maths_text, tmp_path / "model", seed=1)
    assert other["tokenizer.json"] == solver["tokenizer.json"]
    assert other["model.safetensors"] != solver["model.safetensors"]
    assert json.loads(other["record.json"])["seed"] == pretrain.replicate(0, 1) != pretrain.replicate(0, 0) == 0


def test_batches_hold_documents_of_one_length_and_about_as_many_tokens():
    from easy2hard.models import pretrain as trainer

    tokens = [torch.full((50, 4), 4), torch.full((30, 8), 8), torch.full((2, 12), 12)]
    drawn = trainer._batches(tokens, 3, 0)
    shapes = [tuple(next(drawn).shape) for _ in range(2 * (50 // 9 + 30 // 4))]
    assert set(shapes) == {(9, 4), (4, 8)}  # two documents of length 12 make no batch of three
    assert shapes.count((9, 4)) == 2 * (50 // 9) and sorted(shapes[:12]) == sorted(shapes[12:])
    assert shapes[:12] not in (sorted(shapes[:12]), sorted(shapes[:12], reverse=True))
    with pytest.raises(UserError, match="the corpus has 2, 2 documents of a length, fewer than a batch of 3"):
        next(trainer._batches([torch.zeros(2, 4), torch.zeros(2, 5)], 3, 0))


def test_a_model_that_copies_a_solution_is_marked_by_its_answer(maths_text):
    from easy2hard.datasets.worlds import maths
    from easy2hard.models import exam

    words = word_tokenizer.load(maths_text / "tokenizer")
    questions = maths.exam(maths.Options(**MATHS), 0, 4)
    papers = exam.papers(questions, words, ["<textbook>"] * len(questions), "maths_world")
    assert {level: paper.tokens.shape[1] for level, paper in papers.items()} == {n: 5 + 2 * n for n in range(1, 6)}
    paper = papers[2]
    right = [f"ans {answer} <eos> ans 0" for answer in paper.answers]
    scripts = torch.tensor([words.encode(text, add_special_tokens=False).ids for text in right])
    scripts[1] = torch.tensor(words.encode("ans #1 <eos> ans 0", add_special_tokens=False).ids)
    assert paper.right(Scripted(scripts)).tolist() == [True, False, True, True]
    assert [words.decode(row) for row in exam.solve(Scripted(scripts), paper.tokens)][0] == f"ans {paper.answers[0]}"


class Scripted:
    """Stands for a model that writes given tokens, whatever it is asked."""

    def __init__(self, scripts):
        from transformers import LlamaConfig

        self.scripts, self.place = scripts, 0
        self.config = LlamaConfig(max_position_embeddings=40, eos_token_id=2, num_hidden_layers=1)

    def __call__(self, tokens, **_):
        from types import SimpleNamespace

        logits = torch.nn.functional.one_hot(self.scripts[:, self.place], 64).float()
        self.place += 1
        return SimpleNamespace(logits=logits[:, None])
