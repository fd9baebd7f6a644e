// A compiler command line, taken apart into what each step of compiling a .cu file for simt needs.
#pragma once

#include <string>
#include <vector>

namespace simt::cc {

struct Command {
  std::vector<std::string> compiler;      // perhaps behind a launcher: {"ccache", "g++"}
  std::vector<std::string> flags;         // everything that is none of the below, in order
  std::vector<std::string> preprocessor;  // -M… and -include: for the preprocessing step alone
  std::vector<std::string> kernels;       // .cu files
  std::vector<std::string> others;        // further sources, objects, archives and -l…, in order
  std::string output;                     // -o; empty where not given
  bool compile_only = false;              // -c
  bool print = false;                     // -E: show the rewritten text
  bool dependencies = false;              // -M, -MM: show those and do no more
  bool archive = false;                   // -lib: a static library of the objects
  bool shared = false;                    // -shared: a library that programs load
  bool device_link = false;               // -dlink: an object, empty here
  bool run = false;                       // -run: the executable, when it is there
  std::vector<std::string> run_arguments;
  bool help = false, version = false;
  bool check = false;     // --check: instrument and link the checker
  bool cpp20 = false;     // -std=c++20 or later
  bool keep = false;      // -save-temps: leave the rewritten text beside the object
  bool blas = false;      // -lcublas: link OpenBLAS behind cuBLAS's names
  bool launcher = false;  // began with --launch: CMake's target links simt itself
};

bool is_host_source(const std::string& argument);  // C or C++

// argv without argv[0]. nvcc's own options are dropped or translated, so that its command lines work as they
// are. Throws std::invalid_argument with a one-line message.
Command parse(const std::vector<std::string>& arguments, const std::string& default_compiler);

}  // namespace simt::cc
