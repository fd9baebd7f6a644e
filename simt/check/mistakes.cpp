#include "mistakes.hpp"

#include <algorithm>
#include <iterator>

namespace simt::checking {
namespace {

bool of_an_early_return(const Finding& f) { return f.cause.starts_with("an early return"); }

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
  if (f.kind != g.kind || f.kernel != g.kernel) return false;
  if (of_an_early_return(f)) return of_an_early_return(g);
  if (!suspect.address || suspect.object != known.first.object) {
    if (!suspect.shared || !wanted.certain || !known.certain) return false;
  }
  if (f.kind == "use-after-free") return true;
  if (f.kind != "race")
    return f.kind == "out-of-bounds" && f.block == g.block && f.thread == g.thread &&
           suspect.address == known.first.address;
  std::set<int> both;
  std::set_intersection(wanted.barriers.begin(), wanted.barriers.end(), known.barriers.begin(),
                        known.barriers.end(), std::inserter(both, both.end()));
  if (both.empty() || f.place.file != g.place.file) return false;
  known.barriers = both;
  known.certain = known.certain && wanted.certain;
  return true;
}

std::size_t Mistakes::behind(const Suspect& suspect) {
  Mistake wanted{suspect, {}};
  if (suspect.shared && suspect.finding.kind == "race") find_barriers_for(wanted);
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (follows(wanted, all_[i])) return i;
  all_.push_back(wanted);
  return all_.size() - 1;
}

}  // namespace simt::checking
