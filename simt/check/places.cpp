#include "places.hpp"

#include <cxxabi.h>
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <execinfo.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "../runtime/state.hpp"
#include "../runtime/unseen.hpp"
#include "simt/lasting.hpp"

namespace simt::checking {

// The executable's; or the library's that holds simt, where a program loads one.
std::uintptr_t executable_begin = 0;
Region executable_data;

void find_executable() {
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void*) {
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& segment = info->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_W)) continue;
          const std::uintptr_t begin = (info->dlpi_addr + segment.p_vaddr) & ~std::uintptr_t{4095};
          executable_data = {begin, info->dlpi_addr + segment.p_vaddr + segment.p_memsz};
        }
        if (!executable_data.contains(&executable_begin)) return 0;
        executable_begin = info->dlpi_addr;
        return 1;
      },
      nullptr);
}

namespace {

// SIMT_NOT_USERS: the folders of simt's own headers and of CUDA's, separated by :
bool users(std::string_view file) {
  std::string_view folders = SIMT_NOT_USERS ":/usr/include:/usr/lib:/usr/local/include:/usr/local/cuda";
  while (!folders.empty()) {
    const std::string_view folder = folders.substr(0, folders.find(':'));
    if (!folder.empty() && file.substr(0, folder.size()) == folder) return false;
    folders.remove_prefix(std::min(folder.size() + 1, folders.size()));
  }
  return !file.empty();
}

bool is_pool(std::string_view file) { return file.ends_with("/cub/util_allocator.cuh"); }
bool is_library(std::string_view file) { return file.find("/thrust/") != file.npos && !users(file); }

// As people write it: relative to the working directory where it lies below.
std::string shown(const std::string& file) {
  std::error_code error;
  const std::string here = std::filesystem::current_path(error).string() + "/";
  return !error && file.rfind(here, 0) == 0 ? file.substr(here.size()) : file;
}

class DebugInformation {
 public:
  struct Entry {
    Place place;
    bool users;    // the innermost line is in a user's file
    bool placed;   // so is the place, at least
    bool library;  // a function of Thrust's is there, or inlined there
    bool pool;     // of CUB's caching allocator
  };
  // Reading debug information takes more stack than a fiber has.
  Entry find(std::uintptr_t pc) {
    UnseenLock lock(mutex_);
    const auto [entry, fresh] = known_.try_emplace(pc);
    if (fresh)
      std::thread([&, &to = entry->second] {
        Unseen unseen;
        to = look_up(pc);
      }).join();
    return entry->second;
  }

  bool has_object(std::uintptr_t address) {
    UnseenLock lock(mutex_);
    bool covered = false;
    std::thread([&] {
      Unseen unseen;
      if (!dwfl_) open();
      // By its first address: the tail of .bss is mapped from no file, and so is in no module.
      Dwfl_Module* module = dwfl_ ? dwfl_addrmodule(dwfl_, executable_begin) : nullptr;
      GElf_Off offset = 0;
      GElf_Sym symbol;
      covered = module &&
                dwfl_module_addrinfo(module, address, &offset, &symbol, nullptr, nullptr, nullptr) &&
                offset < symbol.st_size;
    }).join();
    return covered;
  }

 private:
  Entry look_up(Dwarf_Addr pc) {
    if (!dwfl_) open();
    Dwfl_Module* module = dwfl_ ? dwfl_addrmodule(dwfl_, pc) : nullptr;
    Dwarf_Addr bias = 0;
    Dwarf_Die* unit = module ? dwfl_module_addrdie(module, pc, &bias) : nullptr;
    if (!unit) return {};
    Place place;
    if (Dwarf_Line* line = dwarf_getsrc_die(unit, pc - bias)) {
      const char* file = dwarf_linesrc(line, nullptr, nullptr);
      place.file = file ? file : "";
      dwarf_lineno(line, &place.line);
    }
    const Place innermost = place;
    // The nest of inlined calls, from the innermost scope outwards. (dwarf_getscopes alone goes on with the
    // scopes of the inlined function's definition.)
    Dwarf_Die *innermost_scope = nullptr, *scopes = nullptr;
    int count = dwarf_getscopes(unit, pc - bias, &innermost_scope);
    if (count > 0) count = dwarf_getscopes_die(innermost_scope, &scopes);
    std::free(innermost_scope);
    bool library = is_library(innermost.file), pool = is_pool(innermost.file);
    for (int i = 0; i < count; ++i) {
      if (dwarf_tag(&scopes[i]) != DW_TAG_inlined_subroutine) continue;
      Dwarf_Attribute attribute;
      Dwarf_Word file = 0, line = 0;
      Dwarf_Files* files = nullptr;
      if (dwarf_formudata(dwarf_attr(&scopes[i], DW_AT_call_file, &attribute), &file) != 0 ||
          dwarf_formudata(dwarf_attr(&scopes[i], DW_AT_call_line, &attribute), &line) != 0 ||
          dwarf_getsrcfiles(unit, &files, nullptr) != 0)
        continue;
      const char* name = dwarf_filesrc(files, file, nullptr, nullptr);
      library = library || (name && is_library(name));
      pool = pool || (name && is_pool(name));
      if (!users(place.file)) place = {name ? name : "", static_cast<int>(line)};
    }
    std::free(scopes);
    if (!users(place.file)) place = innermost;
    const bool placed = users(place.file);
    place.file = shown(place.file);
    return {place, users(innermost.file), placed, library, pool};
  }

  void open() {
    static const Dwfl_Callbacks callbacks = {dwfl_linux_proc_find_elf, dwfl_standard_find_debuginfo, nullptr,
                                             nullptr};
    dwfl_ = dwfl_begin(&callbacks);
    if (!dwfl_) return;
    if (dwfl_linux_proc_report(dwfl_, getpid()) != 0)
      dwfl_ = nullptr;
    else
      dwfl_report_end(dwfl_, nullptr, nullptr);
  }

  std::mutex mutex_;
  Dwfl* dwfl_ = nullptr;
  std::map<std::uintptr_t, Entry> known_;
};

std::mutex sites_mutex;
[[gnu::init_priority(before_program)]] Lasting<std::map<Place, Code>> all_codes;
[[gnu::init_priority(before_program)]] Lasting<std::vector<Place>> all_sites;
auto& site_codes = all_codes.object;
auto& sites = all_sites.object;

DebugInformation& debug_information() {
  static DebugInformation& instance = *new DebugInformation;
  return instance;
}

}  // namespace

Code to_code(const Site& site) {
  if (!site.line) return 0;
  UnseenLock lock(sites_mutex);
  const auto [entry, fresh] = site_codes.try_emplace({site.file, site.line}, first_site + sites.size());
  if (fresh) sites.push_back({shown(site.file), site.line});
  return entry->second;
}

Place place_of(Code code) {
  if (code >= first_site) {
    UnseenLock lock(sites_mutex);
    return sites[code - first_site];
  }
  return code ? debug_information().find(executable_begin + code - 1).place : Place{};
}

bool in_object(std::uintptr_t address) { return debug_information().has_object(address); }

const char* function_name(const void* function) {
  static std::mutex& mutex = *new std::mutex;
  static auto& names = *new std::map<const void*, std::string>;
  UnseenLock lock(mutex);
  const auto [entry, fresh] = names.try_emplace(function);
  std::string& name = entry->second;
  if (!fresh) return name.c_str();
  if (const char* symbol = symbol_in_file(function)) name = symbol;
  if (char* demangled = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, nullptr)) {
    name = demangled;
    std::free(demangled);
  }
  for (const std::string_view around : {"(anonymous namespace)::", "void "})
    if (const auto at = name.find(around); at != name.npos) name.erase(at, around.size());
  std::size_t end = 0;  // the parameters' begin
  for (int depth = 0; end < name.size() && (depth > 0 || name[end] != '('); ++end)
    depth += (name[end] == '<') - (name[end] == '>');
  name.resize(end);
  if (name.empty()) name = "(by address)";
  return name.c_str();
}

bool in_users_code(Code code) {
  if (!code || code >= first_site) return false;
  // Threads ask for the same few places over and over.
  static thread_local const auto memory = std::make_unique<std::array<std::pair<Code, bool>, 256>>();
  auto& known = *memory;  // not in place: what a program loads has little room for that
  auto& [latest, answer] = known[code % known.size()];
  if (latest != code) {
    answer = debug_information().find(executable_begin + code - 1).users;
    latest = code;
  }
  return answer;
}

Code calling_code() {
  void* stack[24];
  const int depth = backtrace(stack, 24);
  for (int i = 0; i < depth; ++i)
    if (const Code code = to_code(stack[i]);
        code && debug_information().find(executable_begin + code - 1).placed)
      return code;
  return 0;
}

bool called_by_library(const void* return_address) {
  static thread_local std::map<const void*, bool> known;
  const auto [entry, fresh] = known.try_emplace(return_address, false);
  if (!fresh) return entry->second;
  void* stack[64];
  const int depth = backtrace(stack, 64);
  for (int i = 0; i < depth && !entry->second; ++i)
    if (const Code code = to_code(stack[i]))
      entry->second = debug_information().find(executable_begin + code - 1).library;
  return entry->second;
}

bool in_pool(std::span<void* const> return_addresses) {
  return std::any_of(return_addresses.begin(), return_addresses.end(), [](void* address) {
    return debug_information().find(reinterpret_cast<std::uintptr_t>(address) - 1).pool;
  });
}

CallSite call_site(std::span<void* const> return_addresses) {
  for (const void* address : return_addresses) {
    const auto entry = debug_information().find(reinterpret_cast<std::uintptr_t>(address) - 1);
    if (entry.placed) return {entry.place, address};
  }
  return {};
}

}  // namespace simt::checking
