// Functions' names, from the symbol table of the file that holds them.
#include <elf.h>
#include <link.h>

#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "state.hpp"

namespace simt {
namespace {

struct File {
  std::uintptr_t address;  // that it is to hold
  std::string path;
  std::uintptr_t base = 0;  // of the addresses in it
};
int holds(dl_phdr_info* object, std::size_t, void* data) {
  File& file = *static_cast<File*>(data);
  for (const auto* part = object->dlpi_phdr; part != object->dlpi_phdr + object->dlpi_phnum; ++part)
    if (part->p_type == PT_LOAD && file.address - (object->dlpi_addr + part->p_vaddr) < part->p_memsz) {
      file.path = *object->dlpi_name ? object->dlpi_name : "/proc/self/exe";
      file.base = object->dlpi_addr;
      return 1;
    }
  return 0;
}

template <class T>
std::vector<T> read(std::ifstream& stream, std::uint64_t offset, std::uint64_t count) {
  std::vector<T> all(count);
  stream.seekg(static_cast<std::streamoff>(offset));
  stream.read(reinterpret_cast<char*>(all.data()), static_cast<std::streamsize>(count * sizeof(T)));
  return stream ? all : std::vector<T>();
}

using Names = std::map<std::uintptr_t, std::string>;  // by the address in the file
Names names_in(const std::string& path) {
  Names names;
  std::ifstream stream(path, std::ios::binary);
  const auto header = read<ElfW(Ehdr)>(stream, 0, 1);
  if (header.empty()) return names;
  const auto sections = read<ElfW(Shdr)>(stream, header[0].e_shoff, header[0].e_shnum);
  for (const auto& section : sections) {
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= sections.size()) continue;
    const auto& text = sections[section.sh_link];
    const auto strings = read<char>(stream, text.sh_offset, text.sh_size);
    for (const auto& symbol : read<ElfW(Sym)>(stream, section.sh_offset, section.sh_size / sizeof(ElfW(Sym))))
      if ((symbol.st_info & 0xf) == STT_FUNC && symbol.st_name < strings.size())
        names.emplace(symbol.st_value, &strings[symbol.st_name]);
  }
  return names;
}

}  // namespace

const char* symbol_in_file(const void* function) {
  static std::mutex mutex;
  static auto& files = *new std::map<std::string, Names>;
  File file{reinterpret_cast<std::uintptr_t>(function), {}};
  if (!function || !dl_iterate_phdr(holds, &file)) return nullptr;
  std::lock_guard lock(mutex);
  const auto [entry, fresh] = files.try_emplace(file.path);
  if (fresh) entry->second = names_in(file.path);
  const auto found = entry->second.find(file.address - file.base);
  return found == entry->second.end() ? nullptr : found->second.c_str();
}

}  // namespace simt
