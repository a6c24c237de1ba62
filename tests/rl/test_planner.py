"""The planner advises where it may, declines where it must, and says why."""

import numpy as np
import pytest

from medlearn import rl
from medlearn.rl.learning_from_records import NO_ADVICE

RECORDS = 30_000


@pytest.fixture(scope="module")
def sepsis():
    return rl.icu_sepsis()


@pytest.fixture(scope="module")
def planner(sepsis):
    records = rl.simulate(sepsis.process, sepsis.clinicians, RECORDS, seed=0)
    return rl.TreatmentPlanner(resamples=20).fit(records, 716, sepsis.action_names)


@pytest.fixture(scope="module")
def everything(planner):
    return [planner.recommend(state) for state in range(713)]


def test_advice_is_better_than_usual_care_in_truth(sepsis, planner):
    usual = rl.value(sepsis.process, sepsis.clinicians)
    assert rl.value(sepsis.process, planner.policy(sepsis.clinicians)) > usual + 0.01


def test_both_kinds_of_answer_occur(everything):
    advised = [each for each in everything if each.action is not None]
    assert 50 < len(advised) < 650
    for each in advised:
        assert each.reason == "" and each.gain.low > 0
        assert each.options[0].action == each.action and each.options[0].name == each.name
        assert each.options[0].share > 0.05 and each.options[0].count >= 20
        assert 0 <= each.with_plan.low <= each.with_plan.value <= each.with_plan.high <= 1
        assert not each.options[0].shown_worse
    for each in everything:
        if each.action is None:
            assert each.reason and each.name == ""


def test_every_reason_occurs_and_says_what_it_should(everything):
    reasons = {each.reason[:20] for each in everything if each.action is None}
    assert len(reasons) >= 2
    rare = [each for each in everything if each.reason.startswith("only")]
    assert rare and all("at least 20 are needed" in each.reason for each in rare)
    assert all(each.decisions < 80 and each.options == () for each in rare)


def test_support_is_counted_right(sepsis, planner):
    records = rl.simulate(sepsis.process, sepsis.clinicians, RECORDS, seed=0)
    advice = planner.recommend(2)
    here = records.state == 2
    assert advice.decisions == here.sum()
    for option in advice.options:
        rows = here & (records.action == option.action)
        assert option.count == rows.sum()
        assert option.patients == len(np.unique(records.patient[rows]))
        assert option.share == pytest.approx(rows.sum() / here.sum())


def test_gain_of_the_one_decision_is_near_the_exact_one(sepsis, planner, everything):
    """It now and the plan afterwards, less usual care now and the plan afterwards."""
    plan = rl.policy_of(planner.plan.advice, sepsis.clinicians)
    exact = rl.action_values(sepsis.process, rl.evaluate(sepsis.process, plan))
    common = [each for each in everything if each.options and each.decisions > 300]
    assert len(common) > 50
    held, differences = [], []
    for each in common:
        dose = planner.plan.advice[each.state]
        truth = exact[each.state] @ (np.eye(25)[dose] - sepsis.clinicians[each.state])
        held.append(each.gain_now.low <= truth <= each.gain_now.high)
        differences.append(each.gain_now.value - truth)
        assert each.gain_now.low <= each.gain_now.value <= each.gain_now.high
    assert np.mean(held) > 0.8 and abs(np.mean(differences)) < 0.01


def test_no_gain_of_a_dose_where_there_is_none(everything):
    without = [each for each in everything if not each.options]
    assert without and all(each.gain_now is None for each in without)


def test_text_says_the_dose_the_support_and_the_warning(everything):
    advised = next(each for each in everything if each.action is not None)
    text = str(advised)
    assert advised.name in text and "expected survival with the plan" in text
    assert f"of it by this dose alone   {advised.gain_now:+.2f}" in text
    assert "given" in text and "patients" in text
    declined = next(each for each in everything if each.action is None)
    assert str(declined).splitlines()[1].startswith("No recommendation: ")
    for each in (text, str(declined)):
        assert each.endswith("not advice for any patient.")


def test_same_seed_same_planner(sepsis, planner):
    records = rl.simulate(sepsis.process, sepsis.clinicians, RECORDS, seed=0)
    again = rl.TreatmentPlanner(resamples=20).fit(records, 716, sepsis.action_names)
    assert again.advice.tolist() == planner.advice.tolist()
    assert again.recommend(5) == planner.recommend(5)


def test_stricter_support_leaves_less_to_advise(sepsis):
    records = rl.simulate(sepsis.process, sepsis.clinicians, 3000, seed=1)
    shares = [
        (rl.TreatmentPlanner(min_share=share, resamples=10).fit(records).plan.advice >= 0).sum()
        for share in (0.05, 0.3, 0.6)
    ]
    assert shares[0] >= shares[1] > shares[2]


def test_tiny_records_give_no_recommendation_anywhere(sepsis):
    records = rl.simulate(sepsis.process, sepsis.clinicians, 20, seed=0)
    planner = rl.TreatmentPlanner(resamples=10).fit(records)
    assert (planner.advice == NO_ADVICE).all()
    state = int(records.state[0])
    assert "are needed" in planner.recommend(state).reason


@pytest.mark.parametrize(("state", "error", "message"), [
    (-1, ValueError, "there is no state -1"),
    (716, ValueError, "give one from 0 to"),
    (714, ValueError, "is over"),
    (713, ValueError, "is over"),
    (2.0, TypeError, "give a whole number"),
    ("2", TypeError, "give a whole number"),
    (True, TypeError, "give a whole number"),
])
def test_bad_states_are_refused(planner, state, error, message):
    with pytest.raises(error, match=message):
        planner.recommend(state)


def test_numpy_numbers_are_states(planner):
    assert planner.recommend(np.int64(3)) == planner.recommend(3)


def test_misuse_is_refused(sepsis):
    with pytest.raises(RuntimeError, match="call fit"):
        rl.TreatmentPlanner().recommend(0)
    with pytest.raises(ValueError, match="at least 10"):
        rl.TreatmentPlanner(resamples=1)
    with pytest.raises(ValueError, match="such as 0.95"):
        rl.TreatmentPlanner(confidence=95)
    records = rl.simulate(sepsis.process, sepsis.clinicians, 1, seed=0)
    with pytest.raises(ValueError, match="at least 2"):
        rl.TreatmentPlanner().fit(records)
