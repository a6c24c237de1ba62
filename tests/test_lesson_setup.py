"""What a notebook sets up first: its seed, and Keras without start-up chatter."""

import os
import subprocess
import sys

import pytest

from medlearn import lesson


def python(code, **variables):
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=180,
    )


def test_seed_is_zero_unless_the_variable_says_otherwise(monkeypatch):
    monkeypatch.delenv("MEDLEARN_SEED", raising=False)
    assert lesson.seed() == 0
    monkeypatch.setenv("MEDLEARN_SEED", "")
    assert lesson.seed() == 0
    monkeypatch.setenv("MEDLEARN_SEED", "41")
    assert lesson.seed() == 41


@pytest.mark.parametrize("text", ["-1", "1.5", "one", "4294967296", "²"])
def test_seed_of_another_kind_is_refused_with_advice(monkeypatch, text):
    monkeypatch.setenv("MEDLEARN_SEED", text)
    with pytest.raises(ValueError, match="whole number from 0 to 4294967295"):
        lesson.seed()


def test_one_thread_for_matrix_products():
    run = python(
        "import numpy as np; from medlearn import lesson; lesson.use_one_thread();"
        "from threadpoolctl import threadpool_info; np.ones((2, 2)) @ np.ones((2, 2));"
        "print({pool['num_threads'] for pool in threadpool_info()})"
    )
    expected = {"{1}\n"} | ({"set()\n"} if sys.platform == "darwin" else set())
    assert run.stdout in expected, run.stderr


def test_keras_loads_quietly_with_two_threads_and_the_seed():
    run = python(
        "from medlearn import lesson; keras = lesson.load_keras(); import tensorflow as tf;"
        "import numpy as np;"
        "first = keras.random.uniform((1,)); keras.utils.set_random_seed(9);"
        "assert np.allclose(first, keras.random.uniform((1,)));"
        "assert tf.config.threading.get_intra_op_parallelism_threads() == 2;"
        "assert lesson.load_keras() is keras;"
        "layers = keras.layers;"
        "reader = keras.Sequential([layers.Embedding(5, 3, mask_zero=True), layers.GRU(2)]);"
        "reader(np.array([[1, 2, 0]]))",  # a mask prints a line of its own on some processors
        MEDLEARN_SEED="9",
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert run.stdout == ""


def test_tensorflow_used_before_says_what_to_do():
    run = python(
        "import tensorflow as tf; tf.zeros(1); from medlearn import lesson; lesson.load_keras()"
    )
    assert run.returncode == 1
    assert "restart the kernel and call lesson.load_keras() before" in run.stderr


def test_what_is_not_start_up_chatter_is_passed_on():
    run = python(
        "import os; from medlearn.lesson import _start_up_lines_dropped as dropped\n"
        "with dropped():\n"
        "    os.write(2, b'I0000 oneDNN custom operations are on. More.\\nE0000 disk on fire\\n')"
    )
    assert run.stderr == "E0000 disk on fire\n"


def test_chatter_is_passed_on_when_the_import_fails():
    run = python(
        "import os; from medlearn.lesson import _start_up_lines_dropped as dropped\n"
        "with dropped():\n"
        "    os.write(2, b'why it failed\\n')\n"
        "    raise ImportError('no tensorflow')"
    )
    assert run.returncode == 1
    assert "why it failed" in run.stderr and "no tensorflow" in run.stderr


def test_other_backend_is_refused():
    run = python("from medlearn import lesson; lesson.load_keras()", KERAS_BACKEND="numpy")
    assert run.returncode == 1
    assert "restart the kernel with KERAS_BACKEND=tensorflow" in run.stderr
