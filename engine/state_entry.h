// How the state of a task is cut into the entries of a StateStore: their names.
//
//   k group key       a key's state (nfa/key_state.h); K group sha256(key): the same of a key too long for a name, its
//                     value begins with the key as a text
//   s name            an open suppression window (alerts/suppression.h)
//   e name            an open interval of `emit` (engine/emitter.h)
//   t sha256          the text of a set of rules (engine/checkpoint.h)
//
// group: 8 bytes, Program::group_hash. Stored. Never change.
// Tested by: tests/engine/state_entry_test.cc.
#ifndef SHRIKE_ENGINE_STATE_ENTRY_H_
#define SHRIKE_ENGINE_STATE_ENTRY_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace shrike::engine {

inline constexpr char kKeyEntry = 'k';
inline constexpr char kLongKeyEntry = 'K';
inline constexpr char kWindowEntry = 's';
inline constexpr char kIntervalEntry = 'e';
inline constexpr char kTextEntry = 't';

// What names and values of key entries are made of and read as. Borrowed.
struct KeyEntry {
  std::uint64_t group = 0;
  std::string_view key;    // encoded (nfa/key.h)
  std::string_view state;  // nfa::KeyState::AppendBytes
};

std::string KeyEntryName(std::uint64_t group, std::string_view key);
// The value for a name that KeyEntryName gave.
std::string KeyEntryValue(const KeyEntry& entry);
// False: the two are no key entry.
bool ReadKeyEntry(std::string_view name, std::string_view value, KeyEntry* entry);

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_STATE_ENTRY_H_
