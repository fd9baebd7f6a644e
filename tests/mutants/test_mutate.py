"""The mutator: what it changes, what it leaves alone, and that the text does the same when no mutant is alive."""

import re
import tomllib

from tests.mutants import mutate, run
from tests.mutants.scan import Source


def labels(body: str, head: str = "void f()") -> list[str]:
    return sorted(label for site in mutate._File(f"{head} {{ {body} }}\n").sites for label in site.labels)


def mutated(body: str) -> str:
    """The body as it is with its mutants numbered from 1."""
    return mutate._File(f"void f() {{ {body} }}\n").text(1).removeprefix("void f() { ").removesuffix(" }\n")


def test_barriers_and_other_statements_are_deleted():
    assert mutated("__syncthreads();") == "{ if (!mutant::on<1>()) __syncthreads(); }"
    assert mutated("if (a) x = 1; else y(2);").count("{ if (!mutant::on<") == 2  # in braces: no else is left dangling
    assert labels("const int x = 1; float y[4] = {}; ns::T<3> z(x); return x;") == []


def test_a_wait_lets_one_more_copy_be_in_flight():
    assert "ptx::cp_async_wait<(kStages - 2) + 1>(); else ptx::cp_async_wait<kStages - 2>();" in mutated(
        "ptx::cp_async_wait<kStages - 2>();"
    )


def test_limits_move_by_a_step_of_their_loop():
    assert mutated("for (int i = t; i < n; ++i) {}") == "for (int i = t; i < mutant::bound<1>(n, 1); ++i) {}"
    assert "i < mutant::tail<1>(n, (n) - (2 * k))" in mutated("for (int i = t; i < n; i += 2 * k) {}")
    assert "a + b < mutant::bound<2>(c + d, 1)) && mutant::both<4>(e)" in mutated("const bool x = a + b < c + d && e;")


def test_indices_are_swapped():
    assert labels("const int i = threadIdx.x;") == ["swap"]
    assert mutated("x = tile[y][x + 1];") == (
        "{ if (!mutant::on<1>()) x = tile[mutant::on<2>() ? x + 1 : y][mutant::on<2>() ? y : x + 1]; }"
    )
    assert mutated("const int i = a + e / k % 2;") == "const int i = a + mutant::rest<1>(mutant::over<2>(e, k), 2);"
    assert labels("float a[2][3], b[k][4] = {};") == []


def test_tails_are_dropped():
    assert "mutant::tail<1>(ceil_div(n, 4), (n) / (4))" in mutated("const int i = ceil_div(n, 4);")
    assert labels("const int i = (n + k - 1) / k;") == ["%", "tail"]
    assert labels("const int i = (n + 255) / 256;") == ["%", "tail"]
    assert labels("const int i = std::min(a, b);") == ["first", "second"]


def test_guards_are_loosened():
    assert labels("if (i < n) f(i);") == ["delete", "less", "more", "true"]
    assert labels("if (!a) f(1); else f(2);") == ["delete", "delete", "false", "true"]
    assert labels("const bool x = p == 0 && q;") == ["true", "true"]
    assert labels("const bool x = p == 0;") == ["flip"]
    assert labels("if (p || q) return;") == ["delete", "false", "false", "true"]


def test_constant_expressions_and_declarations_are_left_alone():
    for body in (
        "constexpr int k = a / b;",
        "static_assert(a % b == 0 && c);",
        "if constexpr (a < b) {}",
        "using T = Tile<a / b, 3>;",
    ):
        assert labels(body) == [], body
    assert labels("if constexpr (a < b) x = 1; else { y = 2; }") == ["delete", "delete"]
    assert labels("return n > 1 << 21;", head="static std::string needs(const Args& a)") == []
    assert mutate._File("constexpr int k = a / b;\nstruct S { int x = a < b; };\n").sites == []
    assert labels("", head="template <int k = a / b>\nvoid __launch_bounds__(a / b) f()") == []


def test_brackets_of_templates_launches_and_comparisons_are_told_apart():
    s = Source("f<A<B>, 2><<<g<1>(x), 3>>>(a < b, c > d);")
    pairs = {(s[i], s[j]) for i, j in s.match.items() if i < j}
    assert pairs == {("<", ">"), ("<<<", ">>>"), ("(", ")")}
    assert [s[i] for i in range(len(s.tokens)) if s.binary(i)] == ["<", ">"]


def test_every_mutant_of_the_repository_is_in_its_text_and_nothing_else_changed():
    for file in mutate.sources(run.ROOT):
        text = mutate.mutated(run.ROOT, file)
        numbers = set(map(int, re.findall(r"mutant::\w+<(\d+)>", text)))
        parsed = mutate._File((run.ROOT / file).read_text())
        first = mutate.first_number(file)
        for site in parsed.sites:
            assert first in numbers, f"{file}:{parsed.s.line(site.first)}: {site.labels}"
            first += len(site.labels)
        assert text.splitlines()[2:][0] == (run.ROOT / file).read_text().splitlines()[0]
        assert text.count("\n") == (run.ROOT / file).read_text().count("\n") + 2


def test_the_list_of_equivalent_mutants_names_mutants_and_gives_reasons():
    assert run.stale() == []
    for file, entries in tomllib.loads((run.HERE / "equivalent.toml").read_text()).items():
        for entry in entries:
            assert set(entry) == {"line", "mutants", "reason"}, f"{file}: {entry}"
            assert len(entry["reason"]) > 20, f"{file}: {entry}"
