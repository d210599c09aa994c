"""What each budget of docs/architecture.md is about: how it is measured, what it means to a learner, why it is missed.

Prose of docs/performance.md. A test holds the titles to the table in docs/architecture.md.
"""

from dataclasses import dataclass

UNKNOWN_REASON = "Missed in this run; no reason is known. The rounds show how noisy the machine was."


@dataclass(frozen=True)
class Budget:
    """``title`` as in docs/architecture.md; ``when_over``: the known reason where it is not kept."""

    name: str
    title: str
    how: str
    means: str
    when_over: str = UNKNOWN_REASON


BUDGETS = (
    Budget(
        "import",
        "`import course_utils`",
        "Two fresh interpreters take turns; each times one import with `time.perf_counter`, its own start left out. "
        "The best round of each side counts.",
        "The first line of a lesson costs nothing. torch and transformers are loaded when a model is, not before.",
    ),
    Budget(
        "start",
        "interpreter start to first Korean answer, bundled model",
        "A fresh interpreter loads the bundled model and answers lesson 00's question greedily; in turn another one "
        "imports torch and the three names of transformers that any such program needs. Files are in the system's "
        "cache. A notebook's kernel adds its own start to both sides.",
        "Whoever runs the first cell reads an answer soon after the libraries are there: most of the wait is theirs.",
    ),
    Budget(
        "overhead",
        "overhead over bare `model.generate`",
        "`load_pipeline()`'s pipeline and a second copy of the model that plain transformers loaded write the same "
        "tokens in turns; chat template, tokens and text are part of the pipeline's side. The median over all "
        "rounds counts, and both texts must be equal.",
        "The course's loading costs no speed: what is measured in a lesson holds for the library alone.",
        "The difference is smaller than the noise of a busy machine; the spread of the rounds shows that noise.",
    ),
    Budget(
        "decoding",
        "a decode step on 102,400 logits (temperature, top-k, top-p, draw)",
        "From the same float32 logits to a drawn token, on one thread: `course_utils.decoding` against "
        "transformers' processors, softmax and `torch.multinomial`. Three settings; both sides must keep the same "
        "tokens.",
        "What lessons 04 and 05 build by hand is fast enough at EXAONE's vocabulary to be used in the explorer.",
    ),
    Budget(
        "explorer",
        "explorer: slider to new picture, 102,400 logits",
        "A slider of `DecodingExplorer` is set and the new picture awaited, in Python, for ten moves that include "
        "the dearest one. The browser's own drawing comes on top and is not measured.",
        "The bars follow the slider while it moves: 16 ms is a picture at 60 a second.",
        "A machine with slower cores draws a picture less often than 60 times a second; the slider still follows.",
    ),
    Budget(
        "engine",
        "EXAONE 2.4B's shape on the CPU, llama.cpp in 4 bits",
        "Random weights of the exact shape, nothing downloaded: a GGUF (Q4_0) behind `GgufPipeline` against torch "
        "in bfloat16, as many threads on each side, twelve tokens after a short question.",
        "Without a GPU, EXAONE answers at about the speed of reading; torch writes one or two tokens a second there.",
        "Where the processor has AVX512-BF16 or AMX, torch uses it and the engine's wheel does not: torch is faster "
        "there, the engine is not slower. The tokens a second in the row are what a learner sees.",
    ),
    Budget(
        "grading",
        "grading 20 submissions against `nbgrader autograde`, both from the command line",
        "The same twenty submissions of one exercise set, whole, partly right and empty; both graders from the "
        "command line, start-up included, ours with its sandbox, feedback pages and report. Scores must agree.",
        "The row says how many submissions a minute: an instructor can grade a class again after each correction.",
        "nbgrader works on one submission after another and ours on all cores: with few cores the ratio is smaller.",
    ),
    Budget(
        "lessons",
        "all lessons against their saved output, strict nbval",
        "`make test-lessons TESTED=notebooks`: every cell of every lesson is run on the bundled model in a kernel "
        "of its own and its output compared with the saved one, two lessons at a time on two cores.",
        "Running a whole lesson takes seconds, so waiting is no part of a class's timing.",
    ),
    Budget(
        "suite",
        "`make test` on a clean clone, packages in pip's cache",
        "The last commit is cloned into an empty folder; an environment is made and filled from pip's cache, then "
        "all tests, lessons and exercise notebooks run. Measured in the same run as the other rows, never taken "
        "from an earlier one.",
        "Whoever changes the course knows within a coffee break whether it still holds; learners never wait for this.",
        "The suite has grown with exercises, grader and class server, whose tests start processes, browsers and "
        "sandboxes. More cores run more files side by side.",
    ),
    Budget(
        "model",
        "bundled model",
        "Bytes of all its files; growth of a fresh interpreter's resident memory from the libraries' import to the "
        "first answer.",
        "Nothing to download, and little memory beyond what the libraries themselves take.",
    ),
)
GPU = Budget(
    "gpu",
    "On a CUDA GPU",
    "`tools/bench_gpu.py`, on random weights of EXAONE 3.5 2.4B's shape.",
    "What lessons 03 to 05 feel like on a GPU such as Colab's T4.",
)
