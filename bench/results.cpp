#include "bench/results.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "bench/roofline.hpp"
#include "bench/shape.hpp"

namespace bench {

using Json = nlohmann::ordered_json;

void write_atomically(const std::string& path, const std::string& text) {
  namespace fs = std::filesystem;
  const auto refuse = [&](int error) {
    throw BadInput(
        "cannot write " + path + ": " + std::strerror(error) + ": " +
        (error == ENOSPC || error == EDQUOT ? "free some space" : "choose another place with --out"));
  };
  const fs::path folder = fs::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error) refuse(error.value());
  if (fs::is_directory(path, error)) refuse(EISDIR);
  const std::string temporary = path + "." + std::to_string(getpid()) + ".tmp";
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) refuse(errno);
  int failed = 0;
  for (std::size_t done = 0; done < text.size() && failed == 0;) {
    const ssize_t n = write(file, text.data() + done, text.size() - done);
    if (n > 0)
      done += static_cast<std::size_t>(n);
    else if (errno != EINTR)
      failed = n < 0 ? errno : EIO;
  }
  if (failed == 0 && fsync(file) != 0 && errno != EINVAL) failed = errno;
  if (close(file) != 0 && failed == 0) failed = errno;
  if (failed == 0 && rename(temporary.c_str(), path.c_str()) != 0) failed = errno;
  if (failed != 0) {
    unlink(temporary.c_str());
    refuse(failed);
  }
}

ResultFile::ResultFile(std::string path, Json head) : path_(std::move(path)), head_(std::move(head)) {
  write(false);
}

void ResultFile::add(const Json& row) {
  rows_.push_back(row.dump());
  write(false);
}

void ResultFile::finish(Json head) {
  head_ = std::move(head);
  write(true);
}

void ResultFile::write(bool complete) {
  if (path_.empty()) return;
  // One row a line: a diff of two files shows which rows differ.
  head_["complete"] = complete;
  std::string text = head_.dump(1);
  text.resize(text.size() - 2);  // the last newline and brace
  text += ",\n \"rows\": [";
  for (std::size_t i = 0; i < rows_.size(); ++i) text += (i ? ",\n  " : "\n  ") + rows_[i];
  write_atomically(path_, text + "\n ]\n}\n");
}

Json result_head(const std::string& kind, const std::string& device_kind, const std::string& device_name,
                 Json environment) {
  // What simt counts is the same on every CPU; a time is the GPU's that took it.
  const std::string folder = device_kind == "simt" ? "simt" : slug(device_name);
  return {{"schema", 1},
          {"kind", kind},
          {"complete", false},
          {"device", {{"kind", device_kind}, {"name", device_name}, {"slug", folder}}},
          {"environment", std::move(environment)}};
}

}  // namespace bench
