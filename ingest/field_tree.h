// FieldTree: from the member names of a JSON object to the declared fields.
//
// Declared names are dotted paths; the tree has a node for the record and for each object on a path. Names come in
// nearly the same order in every record, so each name remembers which one followed it last: a right guess costs one
// comparison, a wrong one a hash look-up. Undeclared names are remembered too, up to a bound.
// Tested by: tests/ingest/json_decoder_test.cc.
#ifndef SHRIKE_INGEST_FIELD_TREE_H_
#define SHRIKE_INGEST_FIELD_TREE_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace shrike::ingest {

// One thread: looking up learns.
class FieldTree {
 public:
  struct Node;

  // A member name of an object, and what is declared for it.
  struct Name {
    std::string text;
    std::string written;       // as records write it: `"card":`; empty if it may have escapes
    std::int32_t field = -1;   // number given to Add, or -1
    Node* child = nullptr;     // for a path that goes on, or null
    Name* follower = nullptr;  // the name that came after this one last time
  };

  // An object: the record itself, or one on a declared path.
  struct Node {
    Name start;                // stands before the first member
    std::deque<Name> names;    // stable addresses
    std::size_t declared = 0;  // names that Add made
    boost::unordered_flat_map<std::string_view, Name*> index;
  };

  FieldTree() = default;
  FieldTree(const FieldTree&) = delete;
  FieldTree& operator=(const FieldTree&) = delete;

  // path: "a" or "a.b.c". Each path once.
  void Add(std::string_view path, std::int32_t field);

  Node* root() { return &nodes_.front(); }

  // The name that followed `previous` last time, if `json` begins with it as it is written, else null.
  static Name* Guess(const Name& previous, std::string_view json) {
    Name* const guess = previous.follower;
    return guess != nullptr && BeginsWith(json, guess->written) ? guess : nullptr;
  }

  // The name `text` in `node` (decoded, no escapes), or null if nothing is declared for it and there is no room to
  // remember it. previous: the name before it in this object, node->start at first; not null.
  static Name* Find(Node* node, Name* previous, std::string_view text);

 private:
  // starts_with for names, which are short: no call, two overlapping words. False for an empty name.
  static bool BeginsWith(std::string_view json, std::string_view name) {
    const std::size_t size = name.size();
    if (size < sizeof(std::uint32_t) || size > json.size()) {
      return size != 0 && json.starts_with(name);
    }
    if (size < sizeof(std::uint64_t)) {
      return SameEnds<std::uint32_t>(json.data(), name.data(), size);
    }
    std::size_t at = 0;
    for (; at + 2 * sizeof(std::uint64_t) < size; at += sizeof(std::uint64_t)) {
      if (Load<std::uint64_t>(json.data() + at) != Load<std::uint64_t>(name.data() + at)) {
        return false;
      }
    }
    return SameEnds<std::uint64_t>(json.data() + at, name.data() + at, size - at);
  }

  template <typename Word>
  static Word Load(const char* bytes) {
    Word word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  }

  // The first and the last word of `size` bytes; size: from one word to two.
  template <typename Word>
  static bool SameEnds(const char* a, const char* b, std::size_t size) {
    const std::size_t last = size - sizeof(Word);
    return ((Load<Word>(a) ^ Load<Word>(b)) | (Load<Word>(a + last) ^ Load<Word>(b + last))) == 0;
  }

  std::deque<Node> nodes_ = std::deque<Node>(1);
};

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_FIELD_TREE_H_
