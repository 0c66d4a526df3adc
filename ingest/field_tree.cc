#include "ingest/field_tree.h"

namespace shrike::ingest {
namespace {

// Undeclared names remembered in one object; those beyond are looked up each time. Long names are not worth keeping.
constexpr std::size_t kUndeclaredNamesMax = 256;
constexpr std::size_t kUndeclaredBytesMax = 64;

FieldTree::Name* Insert(FieldTree::Node* node, std::string_view text) {
  FieldTree::Name& name = node->names.emplace_back();
  name.text = std::string(text);
  if (text.find_first_of("\"\\") == std::string_view::npos) {
    name.written = "\"" + name.text + "\":";
  }
  node->index.emplace(name.text, &name);
  return &name;
}

}  // namespace

void FieldTree::Add(std::string_view path, std::int32_t field) {
  Node* node = root();
  for (;;) {
    const std::size_t dot = path.find('.');
    const std::string_view part = path.substr(0, dot);
    const auto found = node->index.find(part);
    Name* const name = found != node->index.end() ? found->second : Insert(node, part);
    node->declared = node->names.size();
    if (dot == std::string_view::npos) {
      name->field = field;
      return;
    }
    if (name->child == nullptr) {
      name->child = &nodes_.emplace_back();
    }
    node = name->child;
    path.remove_prefix(dot + 1);
  }
}

FieldTree::Name* FieldTree::Find(Node* node, Name* previous, std::string_view text) {
  const auto found = node->index.find(text);
  if (found != node->index.end()) {
    previous->follower = found->second;
    return found->second;
  }
  // Declared names are in the index from the start, so this bounds what records can add.
  if (text.size() > kUndeclaredBytesMax ||
      node->names.size() >= node->declared + kUndeclaredNamesMax) {
    return nullptr;
  }
  previous->follower = Insert(node, text);
  return previous->follower;
}

}  // namespace shrike::ingest
