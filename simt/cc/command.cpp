#include "command.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "nvcc.hpp"

namespace simt::cc {
namespace {

bool starts_with_any(std::string_view s, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view p) { return s.substr(0, p.size()) == p; });
}

bool ends_with_any(const std::string& s, std::initializer_list<const char*> suffixes) {
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [&](const char* suffix) { return s.ends_with(suffix); });
}

bool one_of(std::string_view s, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), s) != words.end();
}

// The options in -Xcompiler "-Wall -Wextra,-O2"
std::vector<std::string> split(std::string_view s) {
  std::vector<std::string> parts;
  for (std::size_t end; !s.empty(); s.remove_prefix(std::min(end + 1, s.size()))) {
    end = std::min(s.find_first_of(", "), s.size());
    if (end > 0) parts.emplace_back(s.substr(0, end));
  }
  return parts;
}

/// The options in a file of them, between blanks; quotes and backslashes keep a blank in one.
std::vector<std::string> options_in(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) throw std::invalid_argument("there is no file " + file);
  std::vector<std::string> words;
  bool inside = false;  // of a word
  char quote = 0;
  for (char c; stream.get(c);) {
    if (!quote && std::isspace(static_cast<unsigned char>(c))) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back(), inside = true;
    if (c == quote)
      quote = 0;
    else if (!quote && (c == '"' || c == '\''))
      quote = c;
    else if (c != '\\' || quote == '\'' || stream.get(c))
      words.back() += c;
  }
  return words;
}

// "RTX 4090" -> rtx4090
std::string plain(std::string s) {
  s.erase(std::remove(s.begin(), s.end(), ' '), s.end());
  std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return std::tolower(c); });
  return s;
}

/// What nvcc's -Werror takes: kinds of its own.
bool nvcc_warnings(std::string_view s) {
  return starts_with_any(s, {"all-warnings", "cross-execution-space-call", "reorder", "default-stream-launch",
                             "missing-launch-bounds", "ext-lambda-captures-this", "deprecated-declarations"});
}

/// Libraries whose part is simt's, or that do nothing without a GPU.
bool of_cuda(std::string_view library) {
  return one_of(library, {"cudart", "cudart_static", "cuda", "cudadevrt", "curand", "curand_static", "cublas",
                          "cublas_static", "cublasLt", "culibos", "nvToolsExt", "nvidia-ml"});
}

}  // namespace

// CMake names libraries by their files: of CUDA's, "cudart" of /…/libcudart.so.
std::string library_of_cuda(const std::string& argument) {
  const std::string file = argument.substr(argument.find_last_of('/') + 1);
  if (argument[0] == '-' || !starts_with_any(file, {"lib"})) return "";
  const std::string library = file.substr(3, file.find('.') - 3);
  return of_cuda(library) ? library : "";
}

bool is_host_source(const std::string& argument) {
  return argument[0] != '-' && ends_with_any(argument, {".cpp", ".cc", ".cxx", ".C", ".c++", ".c"});
}

Command parse(const std::vector<std::string>& arguments, const std::string& default_compiler) {
  Command c;
  std::size_t i = 0;
  if (!arguments.empty() && arguments[0] == "--launch") {
    c.launcher = true;
    for (i = 1; i < arguments.size() && arguments[i][0] != '-'; ++i) c.compiler.push_back(arguments[i]);
  }
  if (c.compiler.empty()) c.compiler = {default_compiler};

  std::vector<std::string> rest(arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
  bool all_cuda = false;  // -x cu
  for (i = 0; i < rest.size(); ++i) {
    std::string a = rest[i];
    auto next = [&]() -> std::string {
      if (i + 1 >= rest.size()) throw std::invalid_argument("option " + a + " needs a value");
      return rest[++i];
    };
    std::optional<std::string> given;
    if (const NvccOption* option = nvcc_option(a)) {
      if (option->fate == NvccOption::Fate::refused)
        throw std::invalid_argument("option " + a +
                                    ": simt compiles for this CPU, and makes no code of a GPU's");
      const std::size_t equals = a.find('=');
      if (option->takes_value) given = equals == a.npos ? next() : a.substr(equals + 1);
      if (option->name == "std") c.cpp20 = ends_with_any(*given, {"20", "2a", "23", "2b", "26", "2c"});
      if (option->fate == NvccOption::Fate::dropped) continue;
      a = option->host;
    }
    auto value = [&] { return given ? *given : next(); };
    if (a == "-o")
      c.output = value();
    else if (a == "-c")
      c.compile_only = true;
    else if (a.size() > 2 && a.starts_with("-t") && a.find_first_not_of("0123456789", 2) == a.npos)
      continue;  // -t4, which nvcc takes beside -t 4
    else if (a == "-E")
      c.print = true;
    else if (a == "-lib")
      c.archive = true;
    else if (a == "-dlink")
      c.device_link = true;
    else if (a == "-run")
      c.run = true;
    else if (a == "-run-args")
      c.run_arguments.push_back(value());
    else if (a == "--help")
      c.help = true;
    else if (a == "--version")
      c.version = true;
    else if (a == "--check")
      c.check = true;
    else if (a == "--gpu")
      c.flags.push_back("-DSIMT_DEFAULT_GPU=\"" + plain(value()) + "\"");
    else if (a == "-default-stream") {
      const std::string which = value();
      if (!one_of(which, {"per-thread", "legacy", "null"}))
        throw std::invalid_argument("option " + a + " takes legacy, null or per-thread, not " + which);
      if (which == "per-thread") c.flags.push_back("-DCUDA_API_PER_THREAD_DEFAULT_STREAM=1");
    } else if (a == "-shared")
      c.shared = true, c.flags.push_back("-fPIC");
    else if (a == "-save-temps")
      c.keep = true;
    else if (a == "-M" || a == "-MM")
      c.preprocessor.push_back(a), c.dependencies = true;
    else if (one_of(a, {"-MD", "-MMD", "-MP"}))
      c.preprocessor.push_back(a);
    else if (one_of(a, {"-MF", "-MT", "-MQ", "-include"}))
      c.preprocessor.insert(c.preprocessor.end(), {a, value()});
    else if (a == "-x")
      all_cuda = value() == "cu";
    else if ((a == "-Werror" || a == "--Werror") && i + 1 < rest.size() && nvcc_warnings(rest[i + 1]))
      ++i;
    else if (starts_with_any(a, {"-Werror=", "--Werror="}) && nvcc_warnings(a.substr(a.find('=') + 1)))
      continue;
    else if (a == "-Xcompiler") {
      const std::vector<std::string> flags = split(value());
      rest.insert(rest.begin() + static_cast<std::ptrdiff_t>(i + 1), flags.begin(), flags.end());
    } else if (a[0] == '@') {
      const std::vector<std::string> words = options_in(a == "@" ? value() : a.substr(1));
      rest.insert(rest.begin() + static_cast<std::ptrdiff_t>(i + 1), words.begin(), words.end());
    } else if (one_of(a, {"-I", "-D", "-U", "-isystem", "-iquote"}))
      c.flags.insert(c.flags.end(), {a, value()});
    else if (a == "-O" && given)
      c.flags.push_back(a + *given);
    else if (a == "-Xlinker")
      for (const std::string& part : split(value())) c.others.insert(c.others.end(), {a, part});
    else if (a == "-L")
      c.others.insert(c.others.end(), {a, value()});
    else if (a == "-l" || starts_with_any(a, {"-l"}) || !library_of_cuda(a).empty()) {
      const std::string library = a == "-l" ? value() : a[0] == '-' ? a.substr(2) : library_of_cuda(a);
      c.blas = c.blas || library == "cublas" || library == "cublas_static";
      if (!of_cuda(library)) c.others.push_back("-l" + library);
    } else if (starts_with_any(a, {"-L", "-Wl,"}))
      c.others.push_back(a);
    else if (ends_with_any(a, {".cu"}) || (all_cuda && is_host_source(a)))
      c.kernels.push_back(a);
    else if (!a.empty() && a[0] == '-')
      c.flags.push_back(a);
    else
      c.others.push_back(a);
  }
  return c;
}

}  // namespace simt::cc
