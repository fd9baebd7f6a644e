#pragma once
// Of a function of std:: that the program and simt both use, the linker keeps one copy: perhaps the
// program's, which tells the checker of every access.
#include <mutex>

namespace simt {

/// Whether what this OS thread does now is simt's own work: its accesses go unseen.
extern constinit thread_local bool unseen;

class Unseen {
 public:
  Unseen() { unseen = true; }
  ~Unseen() { unseen = before_; }
  Unseen(const Unseen&) = delete;

 private:
  bool before_ = unseen;
};

/// Holds a lock that the checker may ask for at an access.
template <class Mutex>
class UnseenLock {
 public:
  explicit UnseenLock(Mutex& mutex) : lock_(mutex) {}

 private:
  Unseen unseen_;
  std::lock_guard<Mutex> lock_;
};

}  // namespace simt
