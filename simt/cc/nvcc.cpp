#include "nvcc.hpp"

#include <algorithm>
#include <iterator>

namespace simt::cc {
namespace {

using enum NvccOption::Fate;

// What the host compiler has under the same name (-c, -o, -I, -g, -shared, …) is not in here.
constexpr NvccOption options[] = {
    {"allow-unsupported-compiler", "", false},
    {"archiver-binary", "arbin", true},
    {"archive-options", "Xarchive", true},
    {"augment-host-linker-script", "aug-hls", false},
    {"brief-diagnostics", "brief-diag", true},
    {"clean-targets", "clean", false},
    {"compile", "", false, renamed, "-c"},
    {"compiler-bindir", "ccbin", true},
    {"compiler-options", "Xcompiler", true, renamed, "-Xcompiler"},
    {"compress-mode", "", true},
    {"cubin", "", false, refused},
    {"cudadevrt", "", true},
    {"cudart", "", true},
    {"debug", "", false, renamed, "-g"},
    {"default-stream", "", true, renamed, "-default-stream"},
    {"define-macro", "", true, renamed, "-D"},
    {"dependency-output", "", true, renamed, "-MF"},
    {"device-c", "dc", false, renamed, "-c"},
    {"device-debug", "G", false, renamed, "-g"},
    {"device-link", "dlink", false, renamed, "-dlink"},
    {"device-w", "dw", false, renamed, "-c"},
    {"diag-error", "", true},
    {"diag-suppress", "", true},
    {"diag-warn", "", true},
    {"disable-optimizer-constants", "disable-optimizer-consts", false},
    {"disable-warnings", "", false, renamed, "-w"},
    {"display-error-number", "err-no", false},
    {"dlink-time-opt", "dlto", false},
    {"dryrun", "", false, refused},
    {"entries", "e", true},
    {"expt-extended-lambda", "", false},
    {"expt-relaxed-constexpr", "", false},
    {"extended-lambda", "", false},
    {"extensible-whole-program", "ewp", false},
    {"extra-device-vectorization", "", false},
    {"fatbin", "", false, refused},
    {"fmad", "", true},
    {"forward-unknown-opts", "", false},
    {"forward-unknown-to-host-compiler", "", false},
    {"forward-unknown-to-host-linker", "", false},
    {"ftz", "", true},
    {"gen-opt-lto", "", false},
    {"generate-code", "gencode", true},
    {"generate-dependencies", "", false, renamed, "-M"},
    {"generate-dependencies-with-compile", "", false, renamed, "-MD"},
    {"generate-line-info", "lineinfo", false},
    {"gpu-architecture", "arch", true},
    {"gpu-code", "code", true},
    {"help", "h", false, renamed, "--help"},
    {"include-path", "", true, renamed, "-I"},
    {"keep", "", false, renamed, "-save-temps"},
    {"keep-dir", "", true},
    {"keep-device-functions", "", false},
    {"lib", "", false, renamed, "-lib"},
    {"library", "", true, renamed, "-l"},
    {"library-path", "", true, renamed, "-L"},
    {"link", "", false},
    {"linker-options", "Xlinker", true, renamed, "-Xlinker"},
    {"lto", "", false},
    {"machine", "", true},
    {"maxrregcount", "", true},
    {"no-compress", "", false},
    {"no-device-link", "nodlink", false},
    {"no-display-error-number", "no-err-no", false},
    {"no-exceptions", "noeh", false, renamed, "-fno-exceptions"},
    {"no-host-device-initializer-list", "nohdinitlist", false},
    {"no-host-device-move-forward", "nohdmoveforward", false},
    {"nvlink-options", "Xnvlink", true},
    {"objdir-as-tempdir", "objtemp", false},
    {"Ofast-compile", "Ofc", true},
    {"optimization-info", "opt-info", true},
    {"optimize", "", true, renamed, "-O"},
    {"options-file", "optf", true, renamed, "@"},
    {"optix-ir", "", false, refused},
    {"output-file", "", true, renamed, "-o"},
    {"pre-include", "", true, renamed, "-include"},
    {"prec-div", "", true},
    {"prec-sqrt", "", true},
    {"preprocess", "", false, renamed, "-E"},
    {"profile", "", false, renamed, "-pg"},
    {"ptx", "", false, refused},
    {"ptxas-options", "Xptxas", true},
    {"relocatable-device-code", "rdc", true},
    {"resource-usage", "res-usage", false},
    {"restrict", "", false},
    {"run", "", false, renamed, "-run"},
    {"run-args", "", true, renamed, "-run-args"},
    {"shared", "", false, renamed, "-shared"},
    {"source-in-ptx", "src-in-ptx", false},
    {"split-compile", "", true},
    {"split-compile-extended", "", true},
    {"std", "", true},
    {"system-include", "", true, renamed, "-isystem"},
    {"threads", "t", true},
    {"time", "", true},
    {"undefine-macro", "", true, renamed, "-U"},
    {"use-local-env", "", false},
    {"use_fast_math", "", false},
    {"version", "V", false, renamed, "--version"},
    {"Wdefault-stream-launch", "", false},
    {"Wext-lambda-captures-this", "", false},
    {"Wmissing-launch-bounds", "", false},
    {"Wno-deprecated-gpu-targets", "", false},
    {"Xcudafe", "", true},
    {"Xfatbin", "", true},
    {"x", "", true, renamed, "-x"},
};

}  // namespace

const NvccOption* nvcc_option(std::string_view argument) {
  if (argument.size() < 2 || argument[0] != '-') return nullptr;
  argument = argument.substr(0, argument.find('='));
  argument.remove_prefix(argument[1] == '-' ? 2 : 1);
  if (argument.empty()) return nullptr;
  const auto found = std::find_if(std::begin(options), std::end(options), [argument](const NvccOption& o) {
    return o.name == argument || o.alias == argument;
  });
  return found == std::end(options) ? nullptr : found;
}

}  // namespace simt::cc
