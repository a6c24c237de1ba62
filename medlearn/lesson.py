"""What a notebook sets up before it begins: its seed, and Keras without start-up chatter."""

import os
import re
import sys
import tempfile
from contextlib import contextmanager

__all__ = ["load_keras", "seed", "use_one_thread"]

# What TensorFlow 2.21 prints at import and at the first operation on a machine without a GPU.
# It says nothing that a learner can act on; any other line is passed on.
START_UP_LINES = re.compile(
    r"All log messages before absl::InitializeLog"
    r"|oneDNN custom operations are on"
    r"|Could not find cuda drivers"
    r"|optimized to use available CPU instructions"
    r"|^To enable the following instructions"
    r"|failed call to cuInit"
    r"|Cannot dlopen some GPU libraries"
    r"|oneDNN supports DT_BOOL only on platforms with AVX-512"
)


def seed():
    """The seed of this run: the variable ``MEDLEARN_SEED``, or 0.

    Every random number of a lesson follows from it, so that its claims can be tried with others:
    ``MEDLEARN_SEED=7 medlearn lab``.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the variable is not a whole number from 0 to 2**32 - 1.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict("os.environ", MEDLEARN_SEED="7"):
    ...     seed()
    7
    """
    text = os.environ.get("MEDLEARN_SEED", "").strip() or "0"
    if not text.isascii() or not text.isdigit() or int(text) >= 2**32:
        raise ValueError(
            f"MEDLEARN_SEED is {text!r}; set it to a whole number from 0 to 4294967295, or unset it"
        )
    return int(text)


def use_one_thread():
    """Keep the matrix products of NumPy and SciPy on one thread, until the kernel ends.

    Several threads help with large matrices; with the small ones of a first network, sharing the
    work costs more than the work itself. Has no effect where NumPy computes with Apple's
    Accelerate.

    Examples
    --------
    >>> use_one_thread()
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1)


@contextmanager
def _start_up_lines_dropped():
    """Hold back file descriptor 2 (C++ writes there), then print what is not start-up chatter."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            held_back.seek(0)
            for line in held_back.read().decode(errors="replace").splitlines():
                if not START_UP_LINES.search(line):
                    print(line, file=sys.stderr)


def load_keras(threads=2):
    """Import Keras with the TensorFlow backend, quietly and reproducibly.

    Takes 8 to 12 s the first time. Sets the number of threads (results depend on it) and seeds
    Python, NumPy and TensorFlow with :func:`seed`.

    Parameters
    ----------
    threads : int
        Threads for one operation, and operations at once.

    Returns
    -------
    module
        ``keras``.

    Raises
    ------
    RuntimeError
        If another backend is asked for, or TensorFlow has already been used with other threads.
    """
    if os.environ.setdefault("KERAS_BACKEND", "tensorflow") != "tensorflow":
        raise RuntimeError(
            f"KERAS_BACKEND is {os.environ['KERAS_BACKEND']!r}, and the course runs on TensorFlow: "
            "restart the kernel with KERAS_BACKEND=tensorflow, or unset it"
        )
    with _start_up_lines_dropped():
        import keras
        import tensorflow as tf

        if tf.config.threading.get_intra_op_parallelism_threads() != threads:
            try:
                tf.config.threading.set_intra_op_parallelism_threads(threads)
                tf.config.threading.set_inter_op_parallelism_threads(threads)
            except RuntimeError as error:
                raise RuntimeError(
                    "TensorFlow has already been used with other threads: restart the kernel and "
                    "call lesson.load_keras() before anything else of TensorFlow"
                ) from error
        keras.utils.set_random_seed(seed())
        tf.zeros(1)  # the first operation prints start-up lines too,
        tf.transpose([[True]])  # and so does the first on a mask
    return keras
