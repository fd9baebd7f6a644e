#include "command.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>
#include <string_view>

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

std::vector<std::string> split(std::string_view s, char separator) {
  std::vector<std::string> parts;
  for (std::size_t end; (end = s.find(separator)) != std::string_view::npos; s.remove_prefix(end + 1))
    parts.emplace_back(s.substr(0, end));
  parts.emplace_back(s);
  return parts;
}

// "RTX 4090" -> rtx4090
std::string plain(std::string s) {
  s.erase(std::remove(s.begin(), s.end(), ' '), s.end());
  std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return std::tolower(c); });
  return s;
}

}  // namespace

bool is_host_source(const std::string& argument) {
  return argument[0] != '-' && ends_with_any(argument, {".cpp", ".cc", ".cxx", ".c"});
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
    const std::string a = rest[i];
    auto value = [&]() -> std::string {
      if (i + 1 >= rest.size()) throw std::invalid_argument("option " + a + " needs a value");
      return rest[++i];
    };
    if (a == "-o")
      c.output = value();
    else if (a == "-c" || a == "-dc")
      c.compile_only = true;
    else if (a == "-E")
      c.print = true;
    else if (a == "--check")
      c.check = true;
    else if (a == "--gpu")
      c.flags.push_back("-DSIMT_DEFAULT_GPU=\"" + plain(value()) + "\"");
    else if (a == "-lcublas" || a == "-lcublas_static")
      c.blas = true;
    else if (a == "-save-temps")
      c.keep = true;
    else if (one_of(a, {"-MD", "-MMD", "-MP", "-M", "-MM"}))
      c.preprocessor.push_back(a);
    else if (one_of(a, {"-MF", "-MT", "-MQ", "-include"}))
      c.preprocessor.insert(c.preprocessor.end(), {a, value()});
    else if (a == "-x" || a == "--x")
      all_cuda = value() == "cu";
    else if (one_of(a, {"-gencode", "-arch", "-code", "-ccbin", "--generate-code", "-maxrregcount",
                        "--maxrregcount", "--gpu-architecture", "--gpu-code", "-rdc", "-cudart", "--cudart",
                        "-default-stream", "--default-stream", "-std", "--std", "-t", "--threads"}))
      value();
    else if (starts_with_any(a, {"-arch=",
                                 "-gencode=",
                                 "--generate-code=",
                                 "--gpu-architecture",
                                 "-code=",
                                 "--expt-",
                                 "-expt-",
                                 "--extended-lambda",
                                 "-extended-lambda",
                                 "-lineinfo",
                                 "--generate-line-info",
                                 "-maxrregcount",
                                 "--maxrregcount",
                                 "-use_fast_math",
                                 "--use_fast_math",
                                 "--ptxas-options",
                                 "-Xptxas=",
                                 "-rdc=",
                                 "--relocatable-device-code",
                                 "-std=",
                                 "--std=",
                                 "-t=",
                                 "--threads",
                                 "-diag-suppress",
                                 "-Wno-deprecated-gpu-targets",
                                 "-res-usage",
                                 "--resource-usage",
                                 "-allow-unsupported-compiler",
                                 "-cudart=",
                                 "--cudart=",
                                 "-default-stream=",
                                 "--default-stream=",
                                 "-lcudart",
                                 "-lcuda",
                                 "-lcudadevrt",
                                 "-lcurand",
                                 "-ccbin="}))
      continue;
    else if (one_of(a, {"-Xptxas", "-Xcudafe", "-Xnvlink", "-Xfatbin"}))
      value();
    else if (a == "-G")
      c.flags.push_back("-g");
    else if (starts_with_any(a, {"-Xcompiler", "--compiler-options"}))
      for (const std::string& flag : split(a.find('=') == a.npos ? value() : a.substr(a.find('=') + 1), ','))
        rest.insert(rest.begin() + static_cast<std::ptrdiff_t>(i + 1), flag);
    else if (one_of(a, {"-I", "-D", "-U", "-isystem", "-iquote"}))
      c.flags.insert(c.flags.end(), {a, value()});
    else if (one_of(a, {"-L", "-Xlinker"}))
      c.others.insert(c.others.end(), {a, value()});
    else if (starts_with_any(a, {"-l", "-L", "-Wl,"}))
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
