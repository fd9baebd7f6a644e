#include "process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

extern char** environ;

namespace simt::cc {

int run(const std::vector<std::string>& argv, std::string* capture) {
  int pipe[2] = {-1, -1};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (capture) {
    if (pipe2(pipe, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
  }
  std::vector<char*> pointers;
  for (const std::string& a : argv) pointers.push_back(const_cast<char*>(a.c_str()));
  pointers.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawnp(&child, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (capture) close(pipe[1]);
  if (error != 0) {
    if (capture) close(pipe[0]);
    throw std::system_error(error, std::generic_category(), "cannot run " + argv[0]);
  }
  if (capture) {
    std::array<char, 1 << 16> buffer;
    for (ssize_t n; (n = read(pipe[0], buffer.data(), buffer.size())) != 0;) {
      if (n > 0)
        capture->append(buffer.data(), static_cast<std::size_t>(n));
      else if (errno != EINTR)
        break;
    }
    close(pipe[0]);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace simt::cc
