// simt-cc: compiles CUDA C++ for simt. It takes the host compiler's options (and most of nvcc's):
// `usage` below says which; and
//   simt-cc --launch g++ -c x.cu -o x.o   as CMake's CXX_COMPILER_LAUNCHER; sources other than .cu pass
//   through
// Each .cu is preprocessed, rewritten (see rewrite/rewrite.hpp) and compiled as C++20.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

#include "../rewrite/rewrite.hpp"
#include "../rewrite/sides.hpp"
#include "command.hpp"
#include "paths.hpp"
#include "process.hpp"

namespace {

using simt::cc::Command;
using Arguments = std::vector<std::string>;
namespace fs = std::filesystem;

void append(Arguments& to, const Arguments& from) { to.insert(to.end(), from.begin(), from.end()); }

Arguments separated(const char* list) {  // by ;
  Arguments parts;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ';');) parts.push_back(word);
  return parts;
}

// Instrumentation only: the callbacks are the checker's. The accesses that are counted are to be the
// source's: no optimisation beyond -O1, and a float4 is loaded as one (by GCC; clang takes it apart). -Wtsan:
// fences, which the checker sees. Debug information: lines only, but of every statement.
const Arguments checked = {"-fsanitize=thread",
                           "-g1",
                           "-gstatement-frontiers",
                           "-O1",
                           "-fno-tree-vectorize",
                           "-fno-tree-sra",
                           "-Wno-tsan",
                           "--param=tsan-distinguish-volatile=1",
                           "--param=tsan-instrument-func-entry-exit=0",
                           "-Wa,--defsym,simt_is_checked=1"};
// Threads that exchange through volatile memory must take turns: of such a file's accesses the executor is
// told (runtime/volatile.cpp).
const Arguments told_of_volatile = {"-fsanitize=thread", "-Wno-tsan", "--param=tsan-distinguish-volatile=1",
                                    "--param=tsan-instrument-func-entry-exit=0"};
// CUDA programs are C++17, which has nothing against volatile and [=] in a method, and whose u8"…" is of
// char; and nvcc has nothing against `register`. The host sources beside them may use what CUDA 13 took away
// as well.
const Arguments language = {"-std=c++20",        "-fstack-clash-protection",
                            "-ffp-contract=off", "-Wno-unknown-pragmas",
                            "-Wno-attributes",   "-Wno-volatile",
                            "-Wno-deprecated",   "-Wno-register",
                            "-Wno-psabi",        "-fno-char8_t"};
const Arguments host_header = {"-include", "simt/host.hpp"};

// simt's own headers come before the user's -I, which may name a CUDA toolkit; CUDA's come last.
const Arguments own_headers = {"-I", simt::cc::simt_include};
Arguments cuda_headers() {
  Arguments argv;
  for (const std::string& folder : separated(simt::cc::cuda_includes)) append(argv, {"-isystem", folder});
  return argv;
}

std::string preprocess(const Command& c, const std::string& file, const Arguments& more, int& status) {
  Arguments argv = {c.compiler.back()};  // no cache: its launcher stays out of this step
  append(argv, own_headers);
  append(argv, c.flags);
  append(argv, language);
  if (c.check) append(argv, checked);  // for __SANITIZE_THREAD__
  append(argv, {"-E", "-include", "simt/cuda.hpp"});
  append(argv, cuda_headers());
  append(argv, more);
  append(argv, {"-x", "c++", file});
  std::string text;
  status = simt::cc::run(argv, &text);
  return text;
}

// The preprocessor's own options; those for dependencies name `object` where they do not say what.
Arguments with_dependencies(const Command& c, const std::string& object) {
  Arguments argv = c.preprocessor;
  bool dependencies = false, named = false, target = false;
  for (const std::string& a : c.preprocessor) {
    dependencies = dependencies || a == "-MD" || a == "-MMD";
    named = named || a == "-MF";
    target = target || a == "-MT" || a == "-MQ";
  }
  if (dependencies && !named) append(argv, {"-MF", fs::path(object).replace_extension(".d").string()});
  if (dependencies && !target) append(argv, {"-MT", object});
  return argv;
}

// Whether a file of the user's asks for __CUDA_ARCH__; simt's headers and CUDA's do not count.
bool asks_for_side(const std::string& text) {
  std::set<std::string> seen;
  std::istringstream lines(text);
  for (std::string line, name; std::getline(lines, line);) {
    std::istringstream words(line);
    char hash = 0;
    int number = 0;
    if (line.empty() || line[0] != '#' || !(words >> hash >> number >> std::quoted(name)) ||
        line.ends_with(" 3"))
      continue;
    if (name.starts_with(simt::cc::simt_include) || !seen.insert(name).second || !fs::is_regular_file(name))
      continue;
    std::ifstream file(name);
    const std::string contents{std::istreambuf_iterator<char>(file), {}};
    if (contents.find("__CUDA_ARCH__") == contents.npos) continue;
    bool of_cuda = false;
    for (fs::path folder = fs::path(name).parent_path(); folder.has_relative_path();
         folder = folder.parent_path())
      of_cuda = of_cuda || fs::exists(folder / "cuda_runtime_api.h");
    if (!of_cuda) return true;
  }
  return false;
}

// The source as the device sees it, and the host where that differs.
std::string both_sides(const Command& c, const std::string& file, const std::string& object, int& status) {
  std::string text = preprocess(c, file, with_dependencies(c, object), status);
  if (status != 0 || c.dependencies || !asks_for_side(text)) return text;
  Arguments included;
  for (std::size_t i = 0; i + 1 < c.preprocessor.size(); ++i)
    if (c.preprocessor[i] == "-include") append(included, {"-include", c.preprocessor[i + 1]});
  append(included, {"-DSIMT_HOST_SIDE"});
  return simt::rewriting::join_sides(text, preprocess(c, file, included, status));
}

int compile(Command& c, const std::string& file, const std::string& object) {
  int status = 0;
  const std::string text = both_sides(c, file, object, status);
  c.blas = c.blas || text.find(simt::cc::simt_include + std::string("/cublas_v2.h")) != std::string::npos;
  if (status != 0) return status;
  if (c.dependencies) {
    std::cout << text;
    return 0;
  }
  simt::rewriting::Rewritten rewritten = simt::rewriting::rewrite(text, c.cpp20);
  for (const auto& e : rewritten.errors)
    std::cerr << e.file << ":" << e.line << ": error: " << e.message << " [simt]\n";
  if (!rewritten.errors.empty()) return 1;
  if (c.print) {
    std::cout << rewritten.text;
    return 0;
  }
  const std::string intermediate = object + ".ii";
  {
    std::ofstream out(intermediate, std::ios::binary);
    out << rewritten.text;
    if (!out.flush()) throw std::runtime_error("cannot write " + intermediate);
  }
  Arguments argv = c.compiler;
  // nvcc optimises kernels unless told otherwise, lets one type's memory be read as another's, and a GPU's
  // integers wrap around.
  if (!c.launcher) append(argv, {"-O2", "-fno-strict-aliasing", "-fwrapv"});
  append(argv, c.flags);
  append(argv, language);
  if (c.check)
    append(argv, checked);
  else if (rewritten.has_volatile)
    append(argv, told_of_volatile);
  if (text.find("/cub/block/") != std::string::npos)
    append(argv,
           {"-fpermissive"});  // CUB redeclares names of its own, which GCC before 13 has no other option for
  append(argv, {"-x", "c++-cpp-output", "-c", intermediate, "-o", object});
  status = simt::cc::run(argv);
  if (!c.keep) fs::remove(intermediate);
  return status;
}

int compile_host(Command& c, const std::string& file, const std::string& object) {
  const bool is_c = fs::path(file).extension() == ".c";
  Arguments argv = c.compiler;
  append(argv, {"-O2"});
  append(argv, own_headers);
  append(argv, c.flags);
  if (is_c) append(argv, {"-UCUDA_API_PER_THREAD_DEFAULT_STREAM"});  // of C++ alone: simt/default_stream.hpp
  if (!is_c) append(argv, language);
  if (!is_c) append(argv, host_header);
  append(argv, cuda_headers());
  append(argv, c.preprocessor);
  append(argv, {"-x", is_c ? "c" : "c++", "-c", file, "-o", object});
  return simt::cc::run(argv);
}

// The functions and variables that an object defines for all others to see.
std::set<std::string> definitions(const std::string& object) {
  std::string text;
  if (simt::cc::run({"nm", "-P", "-g", "--defined-only", object}, &text) != 0)
    throw std::runtime_error("nm cannot read " + object);
  std::set<std::string> names;
  std::istringstream lines(text);
  for (std::string line, name, type; std::getline(lines, line);)
    if (std::istringstream(line) >> name >> type && std::string("TDBRGS").find(type) != std::string::npos)
      names.insert(name);
  return names;
}

// What a .cu file defines for the device, nvcc keeps within the file. Here that shows where several objects
// define one name; the first `kernels` of them are those of .cu files.
int keep_within_files(const Arguments& objects, std::size_t kernels) {
  std::vector<std::set<std::string>> defined;
  std::map<std::string, int> times;
  for (const std::string& object : objects)
    for (const std::string& name : defined.emplace_back(definitions(object))) ++times[name];
  for (std::size_t i = 0; i < kernels; ++i) {
    Arguments argv = {"objcopy"};
    for (const std::string& name : defined[i])
      if (times[name] > 1) argv.push_back("--localize-symbol=" + name);
    argv.push_back(objects[i]);
    if (argv.size() == 2) continue;
    if (const int status = simt::cc::run(argv)) return status;
  }
  return 0;
}

// Of an object or an archive: by the symbol that `checked` has the assembler define.
bool is_checked(const std::string& file) {
  if (file[0] == '-' || !fs::is_regular_file(file)) return false;
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  return bytes.find("simt_is_checked") != bytes.npos;
}

int link(const Command& c, const Arguments& objects) {
  Arguments argv = c.compiler;
  append(argv, c.flags);
  if (c.shared) append(argv, {"-shared"});
  // What a program loads later is to find this program's simt, and not to bring its own.
  const std::string exports = simt::cc::library_dir + std::string("/simt.exports");
  if (!c.shared && fs::exists(exports)) append(argv, {"-Wl,--dynamic-list=" + exports});
  append(argv, {"-o", c.output.empty() ? "a.out" : c.output});
  append(argv, objects);
  for (const std::string& other : c.others)
    if (!simt::cc::is_host_source(other)) argv.push_back(other);
  append(argv, {std::string("-L") + simt::cc::library_dir});
  const Arguments openblas = separated(simt::cc::openblas);
  if (c.blas && openblas.empty())
    throw std::runtime_error("cuBLAS's calls are done by OpenBLAS, which was not found when simt was built");
  if (c.blas) append(argv, {"-lsimt_blas"});
  const bool checker = c.check || std::any_of(c.others.begin(), c.others.end(), is_checked);
  if (checker) append(argv, {"-lsimt_check"});
  append(argv,
         {"-lsimt", "-lboost_context", "-pthread", "-Wl,--wrap=malloc,--wrap=free"});  // runtime/heap.cpp
  if (checker) append(argv, {"-Wl,--as-needed", "-ldw"});
  if (c.blas) append(argv, openblas);
  return simt::cc::run(argv);
}

constexpr const char* usage =
    "simt-cc compiles CUDA C++ to run on this CPU. It takes nvcc's options and the host compiler's.\n"
    "  simt-cc x.cu -o x              an executable\n"
    "  simt-cc --check x.cu -o x      ... that reports races, bad accesses and the like when it runs\n"
    "  simt-cc --gpu h100 x.cu -o x   ... as on that GPU, where SIMT_GPU does not say otherwise\n"
    "  simt-cc -run x.cu              ... and runs it\n"
    "  simt-cc -c x.cu -o x.o         an object; -lib makes a static library, -shared one that programs "
    "load\n"
    "  simt-cc -E x.cu                what the rewriter makes of it\n";

// In the words that Makefiles look for.
int print_version(const Command& c) {
  Arguments argv = c.compiler;
  append(argv, cuda_headers());
  append(argv, {"-E", "-P", "-x", "c++", "-include", "driver_types.h", "-include", "cuda_runtime_api.h",
                "-imacros", "cuda_runtime_api.h", "-dM", "/dev/null"});
  std::string text;
  const int status = simt::cc::run(argv, &text);
  const std::size_t found = text.find("CUDART_VERSION ");
  const int version = found == text.npos ? 0 : std::atoi(text.c_str() + found + 15);
  const std::string release = std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
  std::cout << "simt-cc: CUDA C++ on a CPU, with CUDA's headers of release " << release << ", V" << release
            << ".0\n(in place of nvcc: NVIDIA (R) Cuda compiler driver)\n";  // by which CMake knows one
  return status;
}

// In the words that CMake looks for where nvcc -v tells what it does: the toolkit's place, and how the host
// links, which is by this program.
void print_steps() {
  const std::string toolkit = simt::cc::toolkit, libraries = "-L" + toolkit + "/lib64 -lcudart";
  std::cerr << "#$ TOP=" << toolkit << "\n#$ NVVMIR_LIBRARY_DIR=" << toolkit
            << "/nvvm/libdevice\n#$ PATH=\n#$ LIBRARIES= " << libraries << "\n#$ cicc -arch compute_90\n#$ "
            << fs::read_symlink("/proc/self/exe").string() << " -o a.out " << libraries << "\n";
}

// What the user named is there, and something that can be compiled or linked.
void look_at_files(const Command& c, const Arguments& sources) {
  const auto there = [](const std::string& name) {
    if (fs::is_directory(name)) throw std::invalid_argument(name + " is a folder");
    if (!fs::exists(name)) throw std::invalid_argument("there is no file " + name);
  };
  for (const std::string& source : sources) there(source);
  for (std::size_t i = 0; i < c.others.size(); ++i) {
    const std::string& other = c.others[i];
    if (other == "-L" || other == "-Xlinker") ++i;
    if (other[0] == '-' || simt::cc::is_host_source(other)) continue;
    there(other);
    const std::string kind = fs::path(other).extension().string();
    const bool linkable = kind == ".o" || kind == ".a" || kind == ".obj" || kind == ".lo" || kind == ".s" ||
                          kind == ".S" ||
                          fs::path(other).filename().string().find(".so") != std::string::npos;
    if (!linkable)
      throw std::invalid_argument(other +
                                  " is neither a source (.cu, .cpp, .c, ...) nor an object or a library");
  }
  const fs::path folder = fs::path(c.output).parent_path();
  if (!folder.empty() && !fs::is_directory(folder))
    throw std::invalid_argument("there is no folder " + folder.string() + " to put " + c.output + " in");
}

int archive(const Command& c, const Arguments& objects) {
  const std::string library = c.output.empty() ? "a.a" : c.output;
  fs::remove(library);
  Arguments argv = {"ar", "rcs", library};
  append(argv, objects);
  for (const std::string& other : c.others)
    if (other.ends_with(".o")) argv.push_back(other);
  return simt::cc::run(argv);
}

// The executable that was made, found here rather than on the PATH.
int execute(const Command& c) {
  Arguments argv = {fs::absolute(c.output.empty() ? "a.out" : c.output).string()};
  append(argv, c.run_arguments);
  return simt::cc::run(argv);
}

int drive(const Arguments& arguments) {
  Command c = simt::cc::parse(arguments, simt::cc::compiler);
  if (c.launcher && c.kernels.empty()) {  // a host source, or a link: none of our business
    return simt::cc::run(Arguments(arguments.begin() + 1, arguments.end()));
  }
  if (c.help) {
    std::cout << usage;
    return 0;
  }
  if (c.version) return print_version(c);
  if (std::find(c.flags.begin(), c.flags.end(), "-v") != c.flags.end()) print_steps();
  Arguments sources = c.kernels;
  for (const std::string& other : c.others)
    if (!c.print && simt::cc::is_host_source(other)) sources.push_back(other);
  if (sources.empty() && c.others.empty()) throw std::invalid_argument("no input file; simt-cc x.cu -o x");
  if (c.compile_only && !c.output.empty() && sources.size() != 1)
    throw std::invalid_argument("-o with -c needs exactly one source file");
  look_at_files(c, sources);
  if (c.device_link) {  // device code is the host's, and linked with it
    Arguments argv = c.compiler;
    append(argv, {"-x", "c++", "-c", "/dev/null", "-o", c.output.empty() ? "a_dlink.o" : c.output});
    return simt::cc::run(argv);
  }

  Arguments objects;
  const std::string scratch = (fs::temp_directory_path() / ("simt-cc-" + std::to_string(getpid()))).string();
  int status = 0;
  for (std::size_t i = 0; i < sources.size() && status == 0; ++i) {
    std::string object = scratch + "-" + std::to_string(i) + ".o";
    if (c.compile_only || c.dependencies)
      object = c.output.empty() ? fs::path(sources[i]).filename().replace_extension(".o").string() : c.output;
    objects.push_back(object);
    status = (i < c.kernels.size() ? compile : compile_host)(c, sources[i], object);
  }
  if (c.compile_only || c.print || c.dependencies) return status;
  if (status == 0 && objects.size() > 1) status = keep_within_files(objects, c.kernels.size());
  if (status == 0) status = c.archive ? archive(c, objects) : link(c, objects);
  for (const std::string& object : objects) fs::remove(object);
  return status == 0 && c.run ? execute(c) : status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return drive(Arguments(argv + 1, argv + argc));
  } catch (const std::exception& e) {
    std::cerr << "simt-cc: " << e.what() << "\n";
    return 2;
  }
}
