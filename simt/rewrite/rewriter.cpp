#include "rewriter.hpp"

#include <algorithm>

namespace simt::rewriting {

Rewritten rewrite(std::string_view preprocessed, bool cpp20) { return Rewriter(preprocessed).run(cpp20); }

Rewritten Rewriter::run(bool cpp20) {
  if (!cpp20) hide_newer_names();
  for (std::size_t i = 0; i < source_.size();) {
    const std::string_view t = source_.text(i);
    if (source_.is(i, Kind::Identifier)) {
      if (t == "__shared__")
        i = shared_declaration(i);
      else if (t == "asm" || t == "__asm__" || t == "__asm")
        i = assembly(i);
      else if (t == "__global__")
        i = global_function(i);
      else if (t == "__launch_bounds__")
        i = launch_bounds(i);
      else if (t == "reinterpret_cast")
        i = pointer_cast(i);
      else if (t == "__attribute__")
        i = device_variable(i);
      else if (!cpp20 && (t == "class" || t == "struct"))
        i = class_definition(i);
      else if (!cpp20 && (t == "concept" || t == "requires" || t == "consteval" || t == "constinit"))
        i = newer_word(i);
      else if (shared_objects_.count(t))
        i = member_of_shared(i);
      else if (t.starts_with("cuda"))
        i = dropped_status(i);
      else {
        // CUDA's headers make it a macro, which libstdc++'s __attribute__((__noinline__)) would not survive.
        if (t == "__noinline__" && !source_.is(i - 1, "(") && !source_.is(i - 1, ","))
          replace(i, i, "__attribute__((noinline))");
        if (t == "__cluster_dims__") fail(i, "simt does not execute thread block clusters");
        if (t == "volatile" && !source_.in_system_header(source_[i].begin)) has_volatile_ = true;
        ++i;
      }
    } else {
      if (t == "<") {
        i = launch(i);
        continue;
      }
      if (t == "(" && source_.partner(i) != none && source_.partner(i) <= i + 4 &&
          source_.partner(i) >= i + 3) {
        i = pointer_cast(i);
        continue;
      }
      if (t == "~" && !cpp20) destructor_name(i);
      if (t == "{") enter(i);
      if (t == "}") leave();
      if (t == "[" && source_.is(i + 1, "=") && !shared_names_.empty()) capture_shared_by_reference(i);
      ++i;
    }
  }
  return {apply(), std::move(errors_), has_volatile_};
}

// `namespace a::b {`, `extern "C" {`, or any other brace.
void Rewriter::enter(std::size_t brace) {
  Scope scope{false, "", shared_names_.size()};
  std::size_t i = brace;
  while (i > 0 && (source_.is(i - 1, Kind::Identifier) || source_.is(i - 1, "::")) &&
         !source_.is(i - 1, "namespace"))
    --i;
  if (i > 0 && source_.is(i - 1, "namespace"))
    scope = {true, source_.flat(i, brace), shared_names_.size()};
  else if (brace > 1 && source_.is(brace - 1, Kind::String) && source_.is(brace - 2, "extern"))
    scope.is_namespace = true;
  scopes_.push_back(std::move(scope));
}

void Rewriter::leave() {
  if (scopes_.empty()) return;
  shared_names_.resize(std::min(shared_names_.size(), scopes_.back().shared_names));
  scopes_.pop_back();
}

bool Rewriter::at_namespace_scope() const {
  return std::all_of(scopes_.begin(), scopes_.end(), [](const Scope& s) { return s.is_namespace; });
}

void Rewriter::replace(std::size_t first_token, std::size_t last_token, std::string text) {
  edits_.push_back({source_[first_token].begin, source_[last_token].end, std::move(text)});
}

void Rewriter::fail(std::size_t token, std::string message) {
  const Location at = source_.locate(source_[token].begin);
  errors_.push_back({at.file, at.line, std::move(message)});
}

std::string Rewriter::site(std::size_t token, std::string_view name) const {
  const Location at = source_.locate(source_[token].begin);
  // The file's name stands in the line marker as a literal's inside already.
  return "{" + quoted(name) + ", \"" + at.file + "\", " + std::to_string(at.line) + "}";
}

// An edit that swallows line breaks or markers is followed by a marker that puts the line number right again.
std::string Rewriter::apply() const {
  std::vector<const Edit*> order;
  for (const Edit& e : edits_) order.push_back(&e);
  std::stable_sort(order.begin(), order.end(),
                   [](const Edit* a, const Edit* b) { return a->begin < b->begin; });
  const std::string_view text = source_.text();
  std::string out;
  out.reserve(text.size() + 256 * edits_.size());
  std::size_t done = 0;
  for (const Edit* e : order) {
    if (e->begin < done) continue;  // inside text that was moved as a whole
    out += text.substr(done, e->begin - done);
    out += e->text;
    done = e->end;
    if (text.substr(e->begin, e->end - e->begin).find('\n') == std::string_view::npos) continue;
    const Location at = source_.locate(e->end);
    out += "\n# " + std::to_string(at.line) + " \"" + at.file + "\"" + (at.system ? " 3" : "") + "\n";
  }
  out += text.substr(done);
  return out;
}

std::string quoted(std::string_view s) {
  std::string out = "\"";
  for (char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + '"';
}

}  // namespace simt::rewriting
