"""The speed comparison lets both draw the same patients, and its stored table is its own."""

import json

from benchmarks import simulation
from medlearn import rl

TABLE = json.loads(simulation.PATH.read_text(encoding="utf-8"))


def test_stored_table_has_the_contestants_of_the_command():
    names = [row["what"] for row in TABLE["rows"]]
    assert len(names) == len(simulation.PATIENTS) + 2 and "Gymnasium" in names[0]
    assert all(len(row["rounds"]) == simulation.ROUNDS for row in TABLE["rows"])
    assert all(row["highest"] == max(row["rounds"]) for row in TABLE["rows"])
    # What the lesson says: side by side is many times faster than one after another.
    alone, together = (TABLE["rows"][k]["median"] for k in (1, 3))
    assert together > 10 * alone
    # The aim: a million steps a second of one core.
    assert max(row["highest"] for row in TABLE["rows"]) > 1e6


def test_both_contestants_run():
    benchmark = rl.icu_sepsis()
    theirs = simulation.package_steps_a_second(0.2)
    assert theirs > 100
    assert simulation.our_steps_a_second(benchmark, 1000, 0.2) > theirs
    assert simulation.records_a_second(benchmark, 1000) > 0
