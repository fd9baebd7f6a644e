// The program behind ./ladder: one verb a run. It prints JSON (one object a line for long work, so that
// progress can be shown and an interrupted run loses nothing); people read it through ./ladder.
#include <CLI/CLI.hpp>
#include <iostream>
#include <thread>

#include "bench/bench.hpp"
#include "bench/count.hpp"
#include "bench/crossover.hpp"
#include "bench/peaks.hpp"
#include "bench/verbs.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Warpladder's rungs: list, verify and measure them. Prints JSON; ./ladder prints tables."};
  app.require_subcommand(1);
  bench::Selection selection;
  const auto select = [&](CLI::App* verb) {
    verb->add_option("ids", selection.ids, "chapters or rungs: 03-gemm, 03-gemm/05_…; all when none");
    verb->add_option("--shape", selection.shape,
                     "one shape: m=33,n=17 or 33x17; the others take their defaults");
    verb->add_option("--shapes", selection.shapes, "a named set of shapes")
        ->check(CLI::IsMember({"edge", "count", "bench"}));
    verb->add_option("--at-most", selection.at_most, "so many shapes of the set, spread over it");
    verb->add_option("--seed", selection.seed, "of the inputs");
  };

  app.add_subcommand("list", "every rung and baseline")->callback([] { bench::list(std::cout); });
  int status = 0;
  auto* verify = app.add_subcommand("verify", "compare rungs with their FP64 oracle");
  select(verify);
  std::size_t jobs = std::thread::hardware_concurrency();
  verify->add_option("--jobs", jobs, "processes, on simt; one a core when not said")
      ->check(CLI::Range(1, 1024));
  verify->callback([&] { status = bench::verify_all(selection, std::cout, jobs); });

  bench::CrossoverOptions crossing;
  auto* crossover =
      app.add_subcommand("crossover", "from which size on a GPU wins, copies to it and back included");
  crossover->add_option("--out", crossing.out, "the result file");
  crossover->callback(
      [&] { status = bench::crossover(crossing, std::vector<std::string>(argv, argv + argc), std::cout); });

  bench::BenchRequest request;
  request.argv.assign(argv, argv + argc);
  auto* bench = app.add_subcommand("bench", "time rungs beside the best baseline");
  select(bench);
  bench->add_option("--out", request.out, "the result file to write");
  bench->add_option("--where", request.where, "only rungs that run there")
      ->check(CLI::IsMember({"gpu", "cpu"}));
  bench->add_option("--budget", request.sampler.budget_s, "seconds of sampling a case")
      ->check(CLI::Range(1e-3, 1e5));
  bench->add_option("--relative-error", request.sampler.relative_error, "of the median, at which to stop")
      ->check(CLI::Range(1e-6, 0.5));
  bench->add_flag("--hot", request.hot, "leave the operands in the cache");
  bench->add_option("--peaks", request.peaks,
                    "measured peaks; else bench/results/<device>/peaks.json, if there");
  bench->add_option("--google-benchmark", request.google_benchmark, "Google Benchmark's own JSON, as well");
  bench->callback([&] {
    if (bench->count("--shapes") == 0) selection.shapes = "bench";
    status = bench::bench_all(selection, request, std::cout);
  });

  auto* count = app.add_subcommand("count", "what rungs do, counted on simt (the simt-check build)");
  select(count);
  count->add_option("--out", request.out, "the result file to write");
  count->callback([&] {
    if (count->count("--shapes") == 0) selection.shapes = "count";
    status = bench::count_all(selection, request.out, request.argv, std::cout);
  });

  auto* peaks = app.add_subcommand("peaks", "what this GPU can do at best");
  peaks->add_option("--out", request.out, "the result file to write");
  peaks->callback([&] { status = bench::peaks_all(request.out, request.argv, std::cout); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  } catch (const bench::BadInput& e) {
    std::cerr << "warpladder: " << e.what() << '\n';
    return 2;
  } catch (const bench::DeviceError& e) {
    std::cerr << "warpladder: " << e.what() << '\n';
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr << "warpladder: out of memory: use a smaller shape\n";
    return 2;
  }
  return status;
}
