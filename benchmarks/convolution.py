"""How fast medlearn.scratch.Conv2D is beside Keras and beside a Python loop over windows.

    uv run python -m benchmarks.convolution

Every case is a forward pass and the gradients for x, kernel and bias, in float32, with as many
threads for NumPy as for TensorFlow. Keras runs in a compiled tf.function. The loop goes over
pictures, windows and filters and leaves the products inside a window to NumPy. All three start
from the same weights, and their results are compared. Prints a table and writes
benchmarks/tables/convolution_2_threads.json (another number: --threads 1). Let nothing else run
meanwhile: threads that have to wait for one another spoil the figures. About two minutes.
"""

import argparse
import datetime
import json
import platform
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

TABLES = Path(__file__).parent / "tables"
KERNEL_SIZE = 3
# (batch, height, width, channels), filters. The first two are those with an aim.
CASES = [
    ((32, 28, 28, 1), 32),
    ((32, 14, 14, 32), 64),
    ((8, 28, 28, 1), 32),
    ((128, 28, 28, 1), 32),
    ((32, 56, 56, 1), 32),
    ((32, 112, 112, 1), 8),
    ((32, 28, 28, 1), 8),
    ((32, 28, 28, 1), 128),
    ((32, 14, 14, 8), 16),
    ((32, 14, 14, 64), 128),
]
LOOP_LIMIT = 1_500_000  # windows times filters: the loop is left out above


def loop_step(x, kernel, bias, dy):
    """Forward and backward pass as the definition reads; (y, dx, d_kernel, d_bias)."""
    size = kernel.shape[0]
    y, dx = np.zeros(dy.shape, x.dtype), np.zeros_like(x)
    d_kernel, d_bias = np.zeros_like(kernel), np.zeros_like(bias)
    for b, i, j, f in np.ndindex(dy.shape):
        window = x[b, i : i + size, j : j + size]
        y[b, i, j, f] = np.sum(window * kernel[..., f]) + bias[f]
        d_kernel[..., f] += dy[b, i, j, f] * window
        dx[b, i : i + size, j : j + size] += dy[b, i, j, f] * kernel[..., f]
        d_bias[f] += dy[b, i, j, f]
    return y, dx, d_kernel, d_bias


def scratch_step(layer, x, dy):
    """The same by medlearn.scratch."""
    y, dx = layer.forward(x, training=True), layer.backward(dy)
    return y, dx, layer.grads["kernel"], layer.grads["bias"]


def keras_step(layer):
    """The same by Keras: a compiled function of (x, dy)."""
    import tensorflow as tf

    @tf.function
    def step(x, dy):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        return y, *tape.gradient(y, [x, *layer.trainable_weights], output_gradients=dy)

    return step


def milliseconds(call, repeats):
    """Wall time of each of some calls."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    return times


def largest_difference(ours, others):
    """Largest difference of any result, relative to that result's largest entry."""
    return max(
        float(np.max(np.abs(a - np.asarray(b))) / np.max(np.abs(b)))
        for a, b in zip(ours, others, strict=True)
    )


def measure(shape, filters, repeats, rounds):
    """One row of the table."""
    import keras
    import tensorflow as tf

    from medlearn import scratch

    rng = np.random.default_rng(0)
    x = rng.normal(size=shape).astype(np.float32)
    ours = scratch.Conv2D(filters, KERNEL_SIZE, seed=0)
    dy = rng.normal(size=ours.forward(x).shape).astype(np.float32)
    theirs = keras.layers.Conv2D(filters, KERNEL_SIZE)
    theirs.build(shape)
    theirs.set_weights(ours.get_weights())
    step, tensors = keras_step(theirs), (tf.constant(x), tf.constant(dy))
    calls = {"scratch": lambda: scratch_step(ours, x, dy), "keras": lambda: step(*tensors)}
    results = {name: call() for name, call in calls.items()}
    row = {
        "x": list(shape), "filters": filters,
        "difference_from_keras": largest_difference(results["scratch"], results["keras"]),
    }
    times = {name: [] for name in calls}
    # In turns: where something else disturbs, it disturbs both.
    for _ in range(rounds):
        for name, call in calls.items():
            milliseconds(call, 5)
            times[name] += milliseconds(call, repeats)
    for name, values in times.items():
        row[f"{name}_ms"] = float(np.median(values))
        row[f"{name}_ms_lowest"] = float(np.min(values))
    row["times_keras"] = row["scratch_ms"] / row["keras_ms"]
    row["times_keras_lowest"] = row["scratch_ms_lowest"] / row["keras_ms_lowest"]
    if dy.size <= LOOP_LIMIT:
        weights = ours.get_weights()
        start = time.perf_counter()
        looped = loop_step(x, *weights, dy)
        row["loop_ms"] = 1000 * (time.perf_counter() - start)
        row["loop_over_scratch"] = row["loop_ms"] / row["scratch_ms"]
        row["difference_from_loop"] = largest_difference(results["scratch"], looped)
    return row


def processor():
    """The processor's name, where the system tells."""
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def matrix_product():
    """The library behind NumPy's matrix product, and the processor that it takes this one for.

    OpenBLAS may know no better than to use the instructions of an older processor; the variable
    OPENBLAS_CORETYPE (SkylakeX, say) then makes every product here faster.
    """
    from threadpoolctl import threadpool_info

    return ", ".join(
        f"{library['internal_api']} {library['version']} ({library.get('architecture')})"
        for library in threadpool_info()
        if library["user_api"] == "blas"
    )


def settings(threads, repeats, rounds):
    """What the figures depend on."""
    names = ("numpy", "tensorflow", "keras")
    return {
        "date": datetime.date.today().isoformat(), "processor": processor(),
        "matrix_product": matrix_product(), "threads": threads,
        "kernel_size": KERNEL_SIZE, "repeats": repeats, "rounds": rounds, "seed": 0,
        "python": platform.python_version(), **{name: version(name) for name in names},
    }


def line(row):
    """A row of the table as text."""
    case = f"{tuple(row['x'])!s:20} {row['filters']:4}"
    loop = "".ljust(19)
    if "loop_ms" in row:
        loop = f"{row['loop_ms']:10.0f} {row['loop_over_scratch']:7.0f}x"
    return (
        f"{case} {row['scratch_ms']:8.2f} {row['keras_ms']:8.2f} {row['times_keras']:6.2f}"
        f" {row['scratch_ms_lowest']:8.2f} {row['keras_ms_lowest']:8.2f}"
        f" {row['times_keras_lowest']:6.2f} {loop}"
    )


def table_path(threads):
    """Where the table of a run with that many threads is stored."""
    return TABLES / f"convolution_{threads}_thread{'s' if threads > 1 else ''}.json"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    from threadpoolctl import threadpool_limits

    from medlearn import lesson

    lesson.load_keras(options.threads)
    print("forward and backward, milliseconds: median (ours, Keras, ratio), lowest, Python loop")
    rows = []
    with threadpool_limits(options.threads):
        for shape, filters in CASES:
            rows.append(measure(shape, filters, options.repeats, options.rounds))
            print(line(rows[-1]), flush=True)
    record = {"settings": settings(options.threads, options.repeats, options.rounds), "rows": rows}
    text = json.dumps(record, indent=1) + "\n"
    table_path(options.threads).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
