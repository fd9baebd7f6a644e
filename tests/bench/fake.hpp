// Entries that no registry knows, to test the harness with.
#pragma once

#include "bench/registry.hpp"

template <class P>
bench::Entry fake_entry(std::function<void(const typename P::Args&, const bench::Context&)> run,
                        bench::Where where = bench::Where::cpu, std::string name = "fake") {
  bench::Entry e;
  e.chapter = "00-test";
  e.name = std::move(name);
  e.problem = P::kName;
  e.where = where;
  e.dims = P::dims;
  e.shapes = P::shapes;
  e.make = [](const bench::Shape& shape) { return std::make_unique<P>(shape.complete(P::dims())); };
  e.needs = [](const bench::Problem&) { return std::string(); };
  e.workspace = [](const bench::Problem&) { return std::size_t(0); };
  e.run = [run](const bench::Problem& p, std::span<void* const> data, const bench::Context& c) {
    run(static_cast<const P&>(p).bind(data), c);
  };
  e.prepare = [](const bench::Problem&, std::span<void* const>, const bench::Context&) {};
  e.detail = [](const bench::Problem&) { return std::string(); };
  return e;
}
