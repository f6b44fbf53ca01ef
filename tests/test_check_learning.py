"""Faults of the second study's config: what is learnt from, what is solved, what does not fit; one line each."""

from __future__ import annotations

import copy

import pytest
import test_config
from easy2hard import check, front
from easy2hard.errors import UserError
from easy2hard.runs import Runs

OTHER = {  # a second generator, which writes in another format, and solutions of it
    "generators": {"other": {"plugin": "base", "format": "prm800k", "problems": {"dataset": "maths"}}},
    "samplings": {"others": {"generator": "other", "problems": {"dataset": "maths"}, "n": 4}},
}
FAULTS = {
    # id: (overlay, what the only line must say)
    "a generator learns from what is tested": (
        {"generators": {"sft_easy": {"problems": {"part": "test"}}}},
        "rerankings.maths: solves 'test' problems of dataset 'maths' that 'sft_easy' learns from",
    ),
    "an evaluator learns from what is tested": (
        {"evaluators": {"prm": {"samplings": ["test_easy"]}}},
        "rerankings.maths: solves 'test' problems of dataset 'maths' that 'prm' learns from",
    ),
    "a part that does not exist": (
        {"samplings": {"learn_easy": {"problems": {"part": "tset"}}}},
        "samplings.learn_easy.problems.part: unknown part of dataset 'maths' 'tset'; allowed: main, test, validation",
    ),
    "a level that does not exist": (
        {"samplings": {"learn_easy": {"problems": {"condition": "value_9"}}}},
        "samplings.learn_easy.problems.condition: part 'main' has no 'value_9' problems",
    ),
    "a bucket that is empty": (
        {"generators": {"sft_easy": {"problems": {"condition": "medium"}}}},
        "generators.sft_easy.problems.condition: part 'main' has no 'medium' problems",
    ),
    "more problems than there are": (
        {"generators": {"sft_easy": {"problems": {"size": 4501}}}},
        "generators.sft_easy.problems.size: 4501 asked for, but there are 4500 'easy' problems of part 'main'",
    ),
    "a mixture": (
        {"samplings": {"learn_easy": {"problems": {"condition": "mix_30"}}}},
        "samplings.learn_easy.problems.condition: 'mix_30' mixes two pools; allowed here: easy",
    ),
    "two formats to learn from": (
        OTHER | {"evaluators": {"orm": {"samplings": ["learn_easy", "others"]}}},
        "evaluators.orm.samplings: are written in several solution formats: maths_world, prm800k; expected one",
    ),
    "another format to learn from than to rank": (
        OTHER | {"evaluators": {"orm": {"samplings": ["others"]}}},
        "rerankings.maths.evaluators: 'orm' reads format 'prm800k', what is ranked is 'maths_world'",
    ),
    "a format that can not be read": (
        {"generators": {"sft_easy": {"format": {"name": "own", "breaks": "("}}}},
        "generators.sft_easy.format: format.breaks: not a regular expression",
    ),
    "an aggregation twice": (
        {"rerankings": {"maths": {"best_of_n": ["min", "min"]}}},
        "rerankings.maths.best_of_n: expected each once, found min, min",
    ),
    "case studies without a weighted vote": (
        {"rerankings": {"maths": {"weighted": []}}},
        "rerankings.maths.cases: show weighted votes by the first of 'weighted', which is empty",
    ),
    "more samples than are drawn": (
        {"rerankings": {"maths": {"numbers": [1, 128]}}},
        "rerankings.maths.numbers: 128 samples a problem, but 'test_easy' draws 64",
    ),
    "a greedy sampling that is none": (
        {"rerankings": {"maths": {"greedy": "test_easy"}}},
        "rerankings.maths.greedy: sampling 'test_easy' has temperature 1; expected 0",
    ),
    "an unknown judge": (
        {"rerankings": {"maths": {"judge": "tiny_math_1"}}},
        "rerankings.maths.judge: unknown model 'tiny_math_1'",
    ),
    "a replicate of nothing": (
        {"rerankings": {"maths": {"models": ["tiny_maths_1"]}}},
        "rerankings.maths.replicates: expected at least two models",
    ),
    "an option of another engine": (
        {"samplings": {"learn_easy": {"engine_options": {"url": "http://here"}}}},
        "samplings.learn_easy.engine_options.url: unknown key; allowed: rows, shard",
    ),
}


def merged(overlay: dict) -> dict:
    """The default config with an overlay."""
    config = copy.deepcopy(test_config.DEFAULT)
    front.merge(config, overlay)
    return config


def said(overlay: dict) -> list[str]:
    """Faults of the default config with an overlay."""
    try:
        check.load(merged(overlay))
    except UserError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_line(name):
    overlay, reason = FAULTS[name]
    (line,) = said(overlay)
    assert line.startswith(reason)


def test_fixed_exemplars_are_an_input_and_must_be_there(tmp_path):
    file = tmp_path / "own.jsonl"
    shown = {"plugin": "icl", "options": {"exemplars": "own.jsonl"}}
    overlay = {"generators": {"base": shown}, "data_root": str(tmp_path)}
    (line,) = said(overlay)
    assert line.startswith("generators.base.options.exemplars: no such file or folder")
    file.write_text("{}\n")
    table = Runs(check.load(merged(overlay)))
    assert table.sample_inputs("learn_easy", "tiny_maths_1")["named"] == [str(file)]
    assert f'"exemplars": "{file}"' in table.sample("learn_easy", "tiny_maths_1").replace("\\", "")
    before = table.sample_content("learn_easy", "tiny_maths_1")
    file.write_text("{ }\n")
    assert table.sample_content("learn_easy", "tiny_maths_1") != before


def test_conditions_that_exclude_each_other_share_no_problem():
    solved = {"part": "main", "condition": "hard"}
    hard = {"samplings": {name: {"problems": solved} for name in ("test_easy", "greedy_easy")}}
    assert said(hard) == []
    by_value = {name: {"problems": solved | {"condition": "value_5"}} for name in hard["samplings"]}
    assert len(said({"samplings": by_value})) == 4  # whether level 5 is easy is for the table of hardness to tell


def test_a_dataset_that_only_evaluators_learn_from_must_be_there():
    math = {"plugin": "math", "source": {"path": "/nowhere/math"}, "measures": ["level"]}
    overlay = {
        "datasets": {"math": math},
        "generators": {"other": {"plugin": "base", "format": "maths_world", "problems": {"dataset": "math"}}},
        "samplings": {"others": {"generator": "other", "problems": {"dataset": "math"}, "n": 4}},
        "evaluators": {"orm": {"samplings": ["others"]}},
    }
    (line,) = said(overlay)
    assert line.startswith("datasets.math.source.path: no such file or folder")
