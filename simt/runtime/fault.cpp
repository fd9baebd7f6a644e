// A fault in a simulated thread (a null pointer, an overflowing stack) ends its launch, not the program; a
// division by zero does not even that. The host's own faults are shown to the observer on their way.
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
  bool called = false;  // what faulted was a call of what is no function

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
  const std::string what = stacks().called ? std::string("a call of a function at ") + address
                                           : std::string("an illegal memory access at ") + address +
                                                 ", or a stack of more than 248 KiB";
  if (observer)
    observer->fault(what.c_str(), stacks().instruction);
  else
    report(block.launch->site,
           what + ", in block " + describe(block.index) + ", thread " + describe(current->index));
  block.worker->abandon(cudaErrorIllegalAddress);
}

/// The host's fault, to be told by whoever watches; then the program ends as it would without.
void end_program(int signal, const siginfo_t& info, const void* instruction, const void* stack) {
  ::signal(signal, SIG_DFL);
  if (!observer) return;
  if (signal == SIGABRT) return observer->host_faulted(nullptr, nullptr, nullptr);
  if (signal == SIGFPE)
    return observer->host_faulted("the host divides by zero", "a size or a count that is zero", instruction);
  constexpr std::ptrdiff_t near = 64 * 1024;
  const auto distance = static_cast<const char*>(info.si_addr) - static_cast<const char*>(stack);
  if (stack && -near < distance && distance < near)
    return observer->host_faulted("the host's stack is full",
                                  "an array as a local variable that is larger than the stack (ulimit -s): "
                                  "allocate it; or a recursion without end",
                                  instruction);
  char message[64] = "the host accesses a wild address";
  if (info.si_code != SI_KERNEL)
    std::snprintf(message, sizeof message, "the host accesses %#zx, where it has no memory",
                  reinterpret_cast<std::size_t>(info.si_addr));
  observer->host_faulted(message, "a null pointer, an index far outside, or memory that was given back",
                         instruction);
}

void on_fault(int signal, siginfo_t* info, [[maybe_unused]] void* context) {
  const void *instruction = nullptr, *stack = nullptr;
#ifdef __x86_64__
  const auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  instruction = reinterpret_cast<void*>(registers[REG_RIP]);
  stack = reinterpret_cast<void*>(registers[REG_RSP]);
  if (const Trap trap = current && signal == SIGFPE ? divide_as_gpu(context) : Trap::other;
      trap != Trap::other) {
    if (trap == Trap::by_zero && observer) observer->divided_by_zero(instruction);
    return;
  }
  if (current && signal != SIGABRT) {
    stacks().address = info->si_addr;
    stacks().called = instruction == info->si_addr;
    stacks().instruction =  // of a call, the byte before where it would return to
        stacks().called ? static_cast<const char*>(*static_cast<const void* const*>(stack)) - 1 : instruction;
    return go_on_with(give_up, context);
  }
#endif
  end_program(signal, *info, instruction, stack);
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
    for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGABRT}) {
      if (signal == SIGABRT && !observer) continue;
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
