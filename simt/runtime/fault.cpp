// A fault in a simulated thread (a null pointer, an overflowing stack) ends its launch, not the program.
#include <signal.h>
#include <ucontext.h>

#include <cstdio>
#include <memory>
#include <string>

#include "block.hpp"
#include "report.hpp"
#include "simt/lasting.hpp"
#include "simt/observer.hpp"

namespace simt {
namespace {

constexpr std::size_t stack_size = 256 * 1024;

/// Of an OS thread: one stack for the signal's handler, one to go on with after it.
struct FaultStacks {
  std::unique_ptr<char[]> handler{new char[stack_size]}, after{new char[stack_size]};
  const void *address = nullptr, *instruction = nullptr;

  FaultStacks() {
    stack_t stack{};
    stack.ss_sp = handler.get();
    stack.ss_size = stack_size;
    sigaltstack(&stack, nullptr);
  }
  ~FaultStacks() {
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
  }
};

FaultStacks& stacks() { return of_thread<FaultStacks>(); }

/// Runs in the faulting thread's place, as an ordinary function.
[[noreturn]] void give_up() {
  ResidentBlock& block = resident(*current);
  char address[32];
  std::snprintf(address, sizeof address, "%p", stacks().address);
  const std::string what =
      std::string("an illegal memory access at ") + address + ", or a stack of more than 248 KiB";
  if (observer)
    observer->fault(what.c_str(), stacks().instruction);
  else
    report(block.launch->site,
           what + ", in block " + describe(block.index) + ", thread " + describe(current->index));
  block.worker->abandon(cudaErrorIllegalAddress);
}

void on_fault(int signal, siginfo_t* info, [[maybe_unused]] void* context) {
#ifdef __x86_64__
  if (current) {
    stacks().address = info->si_addr;
    stacks().instruction =
        reinterpret_cast<void*>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
    return go_on_with(give_up, context);
  }
#endif
  ::signal(signal, SIG_DFL);
  raise(signal);
}

}  // namespace

#ifdef __x86_64__
void go_on_with(void (*function)(), void* context) {
  auto* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const auto top = reinterpret_cast<greg_t>(stacks().after.get() + stack_size) / 16 * 16;
  registers[REG_RSP] = top - 8;  // as after a call
  registers[REG_RIP] = reinterpret_cast<greg_t>(function);
}
#endif

void catch_faults() {
  stacks();
  static const bool once = [] {
    struct sigaction action {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (int signal : {SIGSEGV, SIGBUS}) {
      struct sigaction before {};
      sigaction(signal, nullptr, &before);
      if (before.sa_handler == SIG_DFL && !(before.sa_flags & SA_SIGINFO))
        sigaction(signal, &action, nullptr);
    }
    return true;
  }();
  (void)once;
}

}  // namespace simt
