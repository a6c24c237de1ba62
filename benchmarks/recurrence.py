"""How fast the recurrent layers of medlearn.scratch are beside Keras.

    uv run python -m benchmarks.recurrence

Every case is a forward pass over sequences and the gradients for x and all weights, in float32,
with as many threads for NumPy as for TensorFlow. Keras runs in a compiled tf.function, as it does
in `fit`. Both start from the same weights, and their results are compared. Prints a table and
writes benchmarks/tables/recurrence_1_thread.json (another number: --threads 2). Let nothing else
run meanwhile. About two minutes.
"""

import argparse
import json
import time

import numpy as np

from . import convolution
from .convolution import keras_step, largest_difference

TABLES = convolution.TABLES
# Layer, its arguments, (batch, time, features), units. The first three are those with an aim.
CASES = [
    ("SimpleRNN", {}, (32, 187, 1), 64),
    ("LSTM", {}, (32, 187, 1), 64),
    ("GRU", {}, (32, 187, 1), 64),
    ("GRU", {"reset_after": False}, (32, 187, 1), 64),
    ("LSTM", {"return_sequences": True}, (32, 187, 1), 64),
    ("SimpleRNN", {}, (32, 60, 1), 24),
    ("LSTM", {}, (32, 60, 1), 24),
    ("GRU", {}, (32, 60, 1), 24),
    ("LSTM", {}, (64, 100, 16), 128),
]


def scratch_step(layer, x, dy):
    """Output, gradient for x, gradients of the weights in Keras's order, by medlearn.scratch."""
    y, dx = layer.forward(x, training=True), layer.backward(dy)
    return y, dx, *(layer.grads[name] for name in layer.params)


def contestants(kind, arguments, shape, units, seed=0):
    """Two functions without arguments that do the same work, by name."""
    import keras
    import tensorflow as tf

    from medlearn import scratch

    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape).astype(np.float32)
    ours = getattr(scratch, kind)(units, seed=seed, **arguments)
    dy = rng.normal(size=ours.forward(x).shape).astype(np.float32)
    theirs = getattr(keras.layers, kind)(units, **arguments)
    theirs.build(shape)
    theirs.set_weights(ours.get_weights())
    step, tensors = keras_step(theirs), (tf.constant(x), tf.constant(dy))
    return {"scratch": lambda: scratch_step(ours, x, dy), "keras": lambda: step(*tensors)}


def measure(kind, arguments, shape, units, repeats, rounds):
    """One row of the table: wall and processor milliseconds of a forward and backward pass."""
    calls = contestants(kind, arguments, shape, units)
    results = {name: call() for name, call in calls.items()}
    row = {
        "layer": kind, "arguments": arguments, "x": list(shape), "units": units,
        "difference_from_keras": largest_difference(results["scratch"], results["keras"]),
    }
    wall, processor = ({name: [] for name in calls} for _ in range(2))
    # In turns: where something else disturbs, it disturbs both.
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.process_time()
            wall[name] += convolution.milliseconds(call, repeats)
            processor[name].append(1000 * (time.process_time() - start) / repeats)
    for name in calls:
        row[f"{name}_ms"] = float(np.median(wall[name]))
        row[f"{name}_ms_lowest"] = float(np.min(wall[name]))
        row[f"{name}_processor_ms"] = float(np.min(processor[name]))
    for figure in ("ms", "ms_lowest", "processor_ms"):
        row[f"times_keras_{figure}"] = row[f"scratch_{figure}"] / row[f"keras_{figure}"]
    return row


def line(row):
    """A row of the table as text."""
    arguments = "".join(f" {name}={value}" for name, value in row["arguments"].items())
    figures = "  ".join(
        f"{row[f'scratch_{figure}']:7.2f} {row[f'keras_{figure}']:7.2f} "
        f"{row[f'times_keras_{figure}']:5.2f}"
        for figure in ("ms", "ms_lowest", "processor_ms")
    )
    case = f"{row['layer']}({row['units']}){arguments}"
    return f"{case:32} {tuple(row['x'])!s:14} {figures}"


def table_path(threads):
    """Where the table of a run with that many threads is stored."""
    return TABLES / f"recurrence_{threads}_thread{'s' if threads > 1 else ''}.json"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    from threadpoolctl import threadpool_limits

    from medlearn import lesson

    lesson.load_keras(options.threads)
    print("forward and backward, milliseconds (ours, Keras, ratio): median, lowest, processor time")
    rows = []
    with threadpool_limits(options.threads):
        for case in CASES:
            rows.append(measure(*case, options.repeats, options.rounds))
            print(line(rows[-1]), flush=True)
    settings = convolution.settings(options.threads, options.repeats, options.rounds)
    del settings["kernel_size"]
    text = json.dumps({"settings": settings, "rows": rows}, indent=1) + "\n"
    table_path(options.threads).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
