// A thread that computes for ever polls nothing and waits for nobody, so the executor never sees it again. A
// timer looks at it from a signal's handler, and ends its launch when it has been the same thread, at the
// same point of its block's life, for too long.
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "block.hpp"
#include "report.hpp"
#include "simt/lasting.hpp"
#include "simt/observer.hpp"

[[gnu::visibility("hidden")]] extern char __ehdr_start,
    etext;  // the linker's: this code, in a program or a library

namespace simt {

#ifdef __x86_64__
namespace {

constexpr int per_limit = 2;  // looks within a limit
constexpr int patience = 3;   // limits: a long computation is no hang
const int tick_signal = SIGRTMIN + 6;

/// What changes when a thread meets another, ends, or lets others run.
struct Moment {
  const Thread* thread;
  std::uint64_t block;
  unsigned block_epoch, warp_epoch, poll_rounds;
  friend bool operator==(const Moment&, const Moment&) = default;
};

struct Watched {
  timer_t timer;
  Moment latest{};
  int times = 0;
  const void* instruction = nullptr;

  Watched() {
    static const bool once = [] {
      struct sigaction action {};
      action.sa_sigaction = look;
      action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
      sigaction(tick_signal, &action, nullptr);
      return true;
    }();
    (void)once;
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = tick_signal;
    event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
    timer_create(CLOCK_MONOTONIC, &event, &timer);
  }
  ~Watched() { timer_delete(timer); }
  void set(std::chrono::nanoseconds period) {
    const auto s = std::chrono::duration_cast<std::chrono::seconds>(period);
    const timespec time{s.count(), (period - s).count()};
    const itimerspec setting{time, time};
    timer_settime(timer, 0, &setting, nullptr);
    times = 0;
  }
  static void look(int, siginfo_t*, void* context);
};

Watched& watched() { return of_thread<Watched>(); }

[[noreturn]] void end_launch() {
  ResidentBlock& block = resident(*current);
  const void* at = watched().instruction;
  std::string place = observer ? observer->where(at) : "";
  if (place.empty()) {
    char text[64];
    std::snprintf(text, sizeof text, "code address %#zx",
                  std::size_t(static_cast<const char*>(at) - &__ehdr_start));
    place = text;
  }
  const std::string what = "a hang: thread " + describe(current->index) + " has run for " +
                           std::to_string((patience * hang_limit()).count()) + " s at " + place +
                           " without meeting another";
  block.worker->deadlock(what.c_str(), current);
}

void Watched::look(int, siginfo_t*, void* context) {
  if (!current) return;
  Watched& self = watched();
  const ResidentBlock& block = resident(*current);
  const Moment now{current, block.serial, block.epoch, block.warp_epoch[current->warp()],
                   block.worker->poll_rounds};
  self.times = now == self.latest ? self.times + 1 : 0;
  self.latest = now;
  const auto at = reinterpret_cast<char*>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
  // Only in the program's own code: a library may hold a lock.
  if (self.times < patience * per_limit || at < &__ehdr_start || at >= &etext) return;
  self.instruction = at;
  go_on_with(end_launch, context);
}

}  // namespace

Watchdog::Watchdog() { watched().set(std::chrono::nanoseconds(hang_limit()) / per_limit); }
Watchdog::~Watchdog() { watched().set({}); }
#else
Watchdog::Watchdog() {}
Watchdog::~Watchdog() {}
#endif

}  // namespace simt
