#include "ptx_words.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <stdexcept>

namespace simt::rewriting {
namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

const std::map<std::string_view, const char*> types = {
    {"pred", "bool"},  {"b8", "b16"},   {"u8", "b16"},   {"s8", "b16"},  {"b16", "b16"}, {"u16", "b16"},
    {"s16", "b16"},    {"f16", "b16"},  {"b32", "b32"},  {"u32", "b32"}, {"s32", "b32"}, {"f16x2", "b32"},
    {"bf16", "b16"},   {"b64", "b64"},  {"u64", "b64"},  {"s64", "b64"}, {"f32", "f32"}, {"f64", "f64"},
    {"bf16x2", "b32"}, {"tf32", "b32"}, {"h", "b16"},    {"r", "b32"},   {"l", "b64"},   {"f", "f32"},
    {"d", "f64"},      {"q", "b128"},   {"b128", "b128"}};

bool is_video(std::string_view base) {
  for (std::string_view name : {"vadd", "vsub", "vavrg", "vabsdiff", "vmin", "vmax", "vset"})
    if (base == std::string(name) + "2" || base == std::string(name) + "4") return true;
  return false;
}

}  // namespace

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && blank(s.back())) s.remove_suffix(1);
  return s;
}

std::vector<std::string_view> split(std::string_view s, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (!s.empty()) {
    const std::size_t end = std::min(s.find_first_of(separators), s.size());
    const std::string_view part = trimmed(s.substr(0, end));
    if (!part.empty()) parts.push_back(part);
    s.remove_prefix(std::min(end + 1, s.size()));
  }
  return parts;
}

std::string type_of(std::string_view ptx) {
  const auto found = types.find(ptx);
  if (found == types.end())
    throw std::invalid_argument("PTX register type ." + std::string(ptx) + " is not supported");
  return found->second == std::string_view("bool") ? "bool" : std::string("::simt::ptx::") + found->second;
}

bool has_word(std::string_view mnemonic, std::string_view word) {
  const auto words = split(mnemonic, ".");
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string function_of(std::string_view mnemonic) {
  const std::string_view base = mnemonic.substr(0, mnemonic.find('.'));
  const bool memory = base == "ld" || base == "st", mbarrier = base == "mbarrier",
             atomic = base == "atom" || base == "red";
  if (base == "cvt") return "cvt<\"" + std::string(mnemonic.substr(4)) + "\">";
  if (mnemonic.starts_with("mma.sync.aligned.")) return "mma<\"" + std::string(mnemonic.substr(17)) + "\">()";
  if (is_video(base)) return "video<\"" + std::string(mnemonic) + "\">";
  for (std::string_view advice : {"prefetch", "prefetchu", "createpolicy", "applypriority", "discard"})
    if (base == advice) return std::string(base);
  std::string name;
  std::string_view type;
  bool strong = false;
  for (std::string_view part : split(mnemonic, ".")) {
    const auto among = [part](std::initializer_list<std::string_view> words) {
      return std::find(words.begin(), words.end(), part) != words.end();
    };
    if (base == "barrier" && part == "barrier" && mnemonic.find(".red.") != std::string_view::npos)
      part = "bar";
    if (memory && among({"nc", "ca", "cg", "cs", "lu", "cv", "wb", "wt", "v2", "v4", "v8", "gpu", "cta",
                         "cluster", "sys", "weak"}))
      continue;
    if (memory && among({"relaxed", "acquire", "release", "volatile", "mmio"})) {
      strong = true;
      continue;
    }
    if (mbarrier && among({"release", "acquire", "relaxed", "cta", "cluster"})) continue;
    if (atomic && among({"release", "acquire", "relaxed", "acq_rel", "cta", "cluster", "gpu", "sys", "global",
                         "v2", "v4", "v8"}))
      continue;
    if (atomic && types.count(part)) {  // it may stand before the operation
      type = part;
      continue;
    }
    if ((base == "bar" || base == "barrier") && among({"cta", "aligned"})) continue;
    if (base == "cp" && part == "tile") continue;
    if ((base == "ldmatrix" || base == "stmatrix") && part == "m8n8") continue;  // it may stand anywhere
    if (part == "ftz" || part == "noftz") continue;
    if (part.substr(0, 4) == "L1::" || part.substr(0, 4) == "L2::") continue;
    if (part == "shared::cta" || part == "shared::cluster") part = "shared";
    if (atomic && part == "shared") {  // it may stand behind the operation
      name.insert(base.size(), "_shared");
      continue;
    }
    if (!name.empty()) name += '_';
    for (char c : part)
      if (name_char(c))
        name += c;
      else if (!name.empty() && name.back() != '_')
        name += '_';
  }
  if (!type.empty()) name += '_' + std::string(type);
  return strong ? name.insert(2, "_strong") : name;
}

const char* fence_before(std::string_view mnemonic) {
  const std::string_view base = mnemonic.substr(0, mnemonic.find('.'));
  if (base != "st" && base != "atom" && base != "red") return nullptr;
  if (!has_word(mnemonic, "release") && !has_word(mnemonic, "acq_rel")) return nullptr;
  return has_word(mnemonic, "cta") ? "fence_acq_rel_cta" : "fence_acq_rel_gpu";
}

const char* real_arithmetic(std::string_view mnemonic) {
  const std::string_view base = mnemonic.substr(0, mnemonic.find('.'));
  for (std::string_view name :
       {"add", "sub", "mul",  "fma", "mad", "div", "rcp", "sqrt",     "rsqrt", "ex2",  "lg2",
        "sin", "cos", "tanh", "min", "max", "neg", "abs", "copysign", "setp",  "selp", "mov"})
    if (base == name)
      return mnemonic.ends_with(".f32") ? "f32" : mnemonic.ends_with(".f64") ? "f64" : nullptr;
  return nullptr;
}

}  // namespace simt::rewriting
