#include "mistakes.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace simt::checking {
namespace {

// All instances of a template share its mistakes.
std::string_view template_of(const std::string& kernel) {
  return std::string_view(kernel).substr(0, kernel.find('<'));
}
bool same_places(const Finding& f, const Finding& g) {
  return f.place.line && std::minmax(f.place, f.other) == std::minmax(g.place, g.other);
}

bool of_an_early_return(const Finding& f) { return f.cause.starts_with("an early return"); }

bool of_an_initialisation(const Finding& f) { return f.cause.ends_with("the mbarrier's initialisation"); }

// An access to what a copy has yet to bring. Races beside a bulk copy's may be another mistake.
bool of_a_bulk_copy(const Finding& f) { return f.cause.starts_with("a missing or too weak wait for"); }
bool of_a_wait(const Finding& f) {  // the executor's words for copies that nobody waited for, too
  return f.kind == "async" &&
         (f.cause.starts_with("a missing or too weak wait") || f.cause.starts_with("cp.async.wait_group"));
}
bool of_a_copy(const Finding& f) {
  return of_a_wait(f) || (f.kind == "async" && f.cause.starts_with("a missing __syncthreads()"));
}

}  // namespace

bool Mistakes::waits(const std::string& file, Lines lines) const {
  const auto met = barriers_.lower_bound({file, lines.first});
  return (met != barriers_.end() && met->file == file && met->line <= lines.last) ||
         Source::of(file).has_wait(lines);
}

// None, where both accesses are one line that no loop without a barrier repeats: threads meet there at one
// time.
void Mistakes::find_barriers_for(Mistake& race) const {
  const auto& [place, other] = std::minmax(race.first.finding.place, race.first.finding.other);
  const Source& source = Source::of(place.file);
  const Lines function = source.function_around(place.line);
  if (place.file != other.file || !function.first || !function.has(other.line)) return;
  const auto add = [&](int after, int until) {
    for (int line = after + 1; line <= until; ++line) race.barriers.insert(line);
  };
  const Lines loop = source.loop_around(place.line, other.line);
  const bool loop_waits = loop.first && waits(place.file, loop);
  race.certain = true;
  if (loop.first && (!loop_waits || (place < other && waits(place.file, {place.line, other.line})))) {
    race.certain = loop_waits;  // one turn of the loop races with the next
    add(loop.first, place.line);
    add(other.line, loop.last);
  } else {
    add(place.line, other.line);
    // A barrier in a loop also orders all but its last turn before what comes behind it.
    const Lines left = source.loop_around(place.line, place.line);
    if (left.first && !left.has(other.line) && !waits(place.file, left)) {
      race.certain = false;
      add(left.first, place.line);
    }
  }
}

bool Mistakes::follows(const Mistake& wanted, Mistake& known) {
  const Suspect& suspect = wanted.first;
  const Finding &f = suspect.finding, &g = known.first.finding;
  const auto outside = [](const Finding& finding) {
    return finding.kind == "out-of-bounds" || finding.kind == "use-after-free";
  };
  if (f.kind == "unread-error") return outside(g) && f.place == g.place;  // why the call refused
  if (template_of(f.kernel) != template_of(g.kernel)) return false;
  if (f.kind == g.kind && !f.kernel.empty() && same_places(f, g)) return true;
  if (f.kernel != g.kernel) return false;
  if (of_an_early_return(f)) return of_an_early_return(g);
  if (f.kind == "uninitialised" && suspect.shared && of_an_early_return(g)) return true;  // nobody loaded it
  if (of_an_initialisation(f) && of_an_initialisation(g)) return true;
  const bool raced = !of_a_bulk_copy(f) && known.places.count(f.place);
  if (wanted.of_a_copy ? known.of_a_copy || raced : f.kind == "uninitialised" && suspect.shared && raced) {
    known.of_a_copy = known.of_a_copy || wanted.of_a_copy;
    return true;
  }
  const bool one_object = suspect.address && known.first.address && suspect.object == known.first.object &&
                          suspect.shared == known.first.shared;
  if (one_object) {
    if (f.kind == g.kind && (f.kind == "use-after-free" || f.kind == "uninitialised" || f.kind == "async"))
      return true;
    const bool one_line = f.place == g.place || f.place == g.other || f.other == g.place ||
                          (f.other.line && f.other == g.other);
    // In global memory, one access that comes too early or too late races with many.
    if (one_line && !suspect.shared && f.kind == "race" && g.kind == "race") return true;
    // Who comes before a copy, or another thread, has written finds what was there.
    const auto early = [](const Finding& finding) {
      return finding.kind == "async" || finding.kind == "race";
    };
    if (one_line && ((f.kind == "uninitialised" && early(g)) || (early(f) && g.kind == "uninitialised")))
      return true;
    // A wrong index, which also comes to a neighbour's place, and never to its own.
    if (g.kind == "out-of-bounds" && suspect.shared && f.kind == "uninitialised") return true;
    if (g.kind == "out-of-bounds" && f.kind == "race" && f.place == g.place && f.other == g.place)
      return true;
  } else if (!suspect.shared || !wanted.certain || !known.certain) {
    return false;
  }
  if (f.kind != g.kind) return false;
  if (f.kind != "race")
    return f.kind == "out-of-bounds" && f.block == g.block && (suspect.shared || f.thread == g.thread) &&
           suspect.address == known.first.address;
  std::set<int> both;
  std::set_intersection(wanted.barriers.begin(), wanted.barriers.end(), known.barriers.begin(),
                        known.barriers.end(), std::inserter(both, both.end()));
  if (both.empty() || f.place.file != g.place.file) return false;
  known.barriers = both;
  known.certain = known.certain && wanted.certain;
  known.places.insert(wanted.places.begin(), wanted.places.end());
  return true;
}

int Mistakes::indirectness(const Finding& finding) {
  if (finding.kind == "uninitialised") return 3;
  return finding.kind == "race" ? 1 : of_a_copy(finding) && !of_a_wait(finding) ? 2 : 0;
}

std::size_t Mistakes::behind(const Suspect& suspect) {
  Mistake wanted;
  wanted.first = suspect;
  wanted.of_a_copy = of_a_copy(suspect.finding);
  if (suspect.shared && suspect.finding.kind == "race") {
    wanted.places = {suspect.finding.place, suspect.finding.other};
    find_barriers_for(wanted);
  }
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (follows(wanted, all_[i])) return i;
  all_.push_back(wanted);
  return all_.size() - 1;
}

}  // namespace simt::checking
