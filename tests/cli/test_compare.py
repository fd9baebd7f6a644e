"""compare's verdicts, on made-up samples."""

import random

import pytest
import samples

from cli.compare import Verdict, difference, holm, judge
from cli.results import load


def times(centre: float, spread: float, seed: int, count: int = 11) -> list[float]:
    noise = random.Random(seed)
    return [centre * (1 + noise.gauss(0, spread)) for _ in range(count)]


@pytest.mark.parametrize(
    ("new", "spread", "verdict"),
    [
        (1.00, 0.003, Verdict.same),
        (1.01, 0.0005, Verdict.same),  # certain, but under the least effect of 2%
        (1.05, 0.003, Verdict.slower),
        (0.95, 0.003, Verdict.faster),
    ],
)
def test_verdicts(new, spread, verdict):
    assert judge(*difference(times(1, spread, 1), times(new, spread, 2))) is verdict


def test_a_large_difference_within_the_noise_is_ambiguous():
    old = [1.0, 1.3, 0.8, 1.2, 0.9, 1.1, 0.7, 1.25, 1.0]
    effect, p = difference(old, [t * 1.04 for t in old])
    assert judge(effect, p) is Verdict.ambiguous
    assert effect == pytest.approx(0.04)
    assert p > 0.05


def test_one_outlier_is_no_regression():
    old = times(1, 0.002, 3)
    assert judge(*difference(old, [*times(1, 0.002, 4)[:-1], 9.0])) is Verdict.same


def test_holm_corrects_as_its_author_does():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0] and holm([0.04]) == [0.04] and holm([]) == []


def test_many_rows_of_noise_raise_no_alarm():
    """200 pairs that did not change: by themselves some have a p below 0.05 and differ by 2% or more."""
    pairs = [difference(times(1, 0.03, seed), times(1, 0.03, 1000 + seed)) for seed in range(200)]
    alone = [judge(*pair) for pair in pairs]
    together = [judge(effect, p) for (effect, _), p in zip(pairs, holm([p for _, p in pairs]), strict=True)]
    assert sum(v in (Verdict.slower, Verdict.faster) for v in alone) > 2
    assert not any(v in (Verdict.slower, Verdict.faster) for v in together)


@pytest.fixture
def pair(tmp_path):
    def make(**change):
        old = samples.save(samples.bench(), tmp_path / "old.json")
        new = samples.save(samples.bench(**{"seed": 2} | change), tmp_path / "new.json")
        return str(old), str(new)

    return make


def test_the_same_again_is_no_regression(ladder, pair):
    answer = ladder("compare", *pair())
    assert answer.status == 0
    assert "slower" not in answer.out and "same" in answer.out
    assert "comparisons at once (Holm)" in answer.out


def test_a_regression_ends_with_status_1(ladder, pair):
    answer = ladder("compare", *pair(factor=1.1))
    assert answer.status == 1
    assert answer.out.count("slower") == sum(r["status"] == "ok" for r in samples.bench()["rows"])


def test_different_gpus_are_not_compared(ladder, pair):
    answer = ladder("compare", *pair(device="Another GPU"))
    assert answer.status == 2
    assert "different GPUs" in answer.err


def test_a_rung_that_is_wrong_now_is_a_regression(ladder, tmp_path):
    data = samples.bench(seed=2)
    row = data["rows"][1]
    for name in ("time", "rate", "ceiling", "vs"):
        del row[name]
    row |= {"status": "failed", "message": "C[row 3, column 5] is wrong"}
    old = samples.save(samples.bench(), tmp_path / "old.json")
    answer = ladder("compare", str(old), str(samples.save(data, tmp_path / "new.json")))
    assert answer.status == 1
    assert "broken: C[row 3, column 5]" in answer.out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "is no JSON"),
        ("[]", "no result file of Warpladder"),
        ('{"kind": "bench"}', "no result file of Warpladder"),
        ('{"schema": 99}', "schema version 99"),
        ('{"schema": 1, "kind": "bench"}', "is broken at the top"),
    ],
)
def test_broken_and_foreign_files(ladder, tmp_path, text, words):
    path = tmp_path / "x.json"
    path.write_text(text)
    answer = ladder("compare", str(path), str(path))
    assert answer.status == 2
    assert answer.err.count("\n") == 1 and words in answer.err


def test_counts_are_not_times(ladder, tmp_path):
    path = str(samples.save(samples.counts(), tmp_path / "c.json"))
    answer = ladder("compare", path, path)
    assert answer.status == 2
    assert "holds counts, not times" in answer.err


def test_the_samples_fit_the_schema(tmp_path):
    for make in (samples.bench, samples.peaks, samples.counts):
        assert load(samples.save(make(), tmp_path / "x.json")).rows
