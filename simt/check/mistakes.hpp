// Which findings come of one mistake: a missing barrier makes many accesses race, and others read what is not
// there yet, an early return misses many barriers, a weak wait meets many copies. Where that is in doubt,
// they are two.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "simt/check.hpp"
#include "source.hpp"

namespace simt::checking {

// A finding, and what tells whether it follows from another.
struct Suspect {
  Finding finding;
  std::uintptr_t address = 0;    // 0: it is not about memory
  const void* object = nullptr;  // that holds the address, or is nearest
  bool shared = false;           // memory
};

class Mistakes {
 public:
  // The number of the mistake that is behind the finding: an earlier one's, or the next. To be asked in the
  // order of the findings' last lines, for so it takes the fewest barriers to mend all races, and of what may
  // come of races last.
  std::size_t behind(const Suspect& suspect);
  // Of one mistake's findings, those of the lowest number name it best.
  static int indirectness(const Finding& finding);
  void note_barrier(const Place& place) { barriers_.insert(place); }

 private:
  struct Mistake {
    Suspect first;
    std::set<int> barriers;  // before any of these lines a barrier would order all of its races
    bool certain = false;    // that it would, whatever else is wrong
    std::set<Place> places;  // of races
    bool of_a_copy = false;  // that has not landed is one of its findings
  };
  static bool follows(const Mistake& wanted, Mistake& known);
  void find_barriers_for(Mistake& race) const;
  bool waits(const std::string& file, Lines lines) const;  // at a barrier

  std::vector<Mistake> all_;
  std::set<Place> barriers_;  // that blocks met at
};

}  // namespace simt::checking
