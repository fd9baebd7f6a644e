// Writes a result file (results.schema.json) so that whoever looks, at any time, finds a whole one.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace bench {

// Replaces a file's contents at once: written under a temporary name in the same folder, then renamed. Throws
// BadInput, one line that says what to do, where it cannot be written or the disk is full; nothing is left
// behind then.
void write_atomically(const std::string& path, const std::string& text);

class ResultFile {
 public:
  // An empty path keeps the rows in memory only. Writes the file with no row, so that a folder that cannot be
  // written is told before the work and not after it. Throws BadInput.
  ResultFile(std::string path, nlohmann::ordered_json head);
  void add(const nlohmann::ordered_json& row);
  // Marks the file complete, with this head.
  void finish(nlohmann::ordered_json head);
  std::size_t rows() const { return rows_.size(); }

 private:
  void write(bool complete);
  std::string path_;
  nlohmann::ordered_json head_;
  std::vector<std::string> rows_;
};

// The head of a file: everything but its rows.
nlohmann::ordered_json result_head(const std::string& kind, const std::string& device_kind,
                                   const std::string& device_name, nlohmann::ordered_json environment);

}  // namespace bench
