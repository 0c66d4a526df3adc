#include "engine/key_store.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

namespace shrike::engine {
namespace {

SlotIndex Insert(KeyStore* store, int group, const std::string& key, std::uint64_t hash) {
  return store->Insert(group, key, hash, nfa::KeyState());
}

TEST_CASE("keys are found by group and bytes") {
  KeyStore store;
  const std::uint64_t hash = KeyStore::Hash(0, "k");
  CHECK(store.Find(0, "k", hash) == kNoSlot);
  const SlotIndex slot = Insert(&store, 0, "k", hash);
  CHECK(store.Find(0, "k", hash) == slot);
  CHECK(store.Find(1, "k", KeyStore::Hash(1, "k")) == kNoSlot);
  CHECK(store[slot].key == "k");
  store.Erase(slot);
  CHECK(store.Find(0, "k", hash) == kNoSlot);
  CHECK(store.size() == 0);
}

TEST_CASE("keys with one hash are told apart, in whatever order they leave") {
  // The hash is given, so that a collision needs no search.
  const std::vector<std::string> keys = {"a", "b", "c"};
  const std::vector<std::vector<int>> orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                                {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (const std::vector<int>& order : orders) {
    KeyStore store;
    std::vector<SlotIndex> slots;
    for (const std::string& key : keys) {
      slots.push_back(Insert(&store, 0, key, 7));
    }
    std::vector<bool> there(keys.size(), true);
    for (const int leaving : order) {
      store.Erase(slots[static_cast<std::size_t>(leaving)]);
      there[static_cast<std::size_t>(leaving)] = false;
      for (std::size_t key = 0; key < keys.size(); ++key) {
        CHECK(store.Find(0, keys[key], 7) == (there[key] ? slots[key] : kNoSlot));
      }
    }
  }
}

TEST_CASE("a key that goes twice before a checkpoint is removed once") {
  for (const bool remembers_all : {false, true}) {
    CAPTURE(remembers_all);
    KeyStore store;
    store.TrackChanges();
    if (remembers_all) store.RememberAllRemovals();
    std::vector<std::string> changed, removed;
    const auto look = [&] {
      changed.clear();
      removed.clear();
      store.ForEachChange([&](const KeySlot& slot) { changed.push_back(slot.key); },
                          [&](int, const std::string& key) { removed.push_back(key); });
    };
    const auto insert = [&] {
      const SlotIndex slot = Insert(&store, 0, "k", KeyStore::Hash(0, "k"));
      store.Touch(slot);
      return slot;
    };
    store.Erase(insert());
    const SlotIndex again = insert();
    look();  // Perhaps it was written, and the store failed to say so.
    CHECK(changed == std::vector<std::string>{"k"});
    CHECK(removed.empty());
    store.Erase(again);
    store.Erase(insert());
    const SlotIndex last = insert();
    look();
    store.Erase(last);
    look();
    CHECK(changed.empty());
    CHECK(removed == std::vector<std::string>{"k"});
    store.ForgetChanges();
    look();
    CHECK(removed.empty());
  }
}

TEST_CASE("slots are used again, and many keys stay where they are") {
  KeyStore store;
  std::map<std::string, SlotIndex> slots;
  for (int round = 0; round < 3; ++round) {
    for (int index = 0; index < 5000; ++index) {
      const std::string key = "key" + std::to_string(round) + "_" + std::to_string(index);
      slots[key] = Insert(&store, 0, key, KeyStore::Hash(0, key));
    }
    const KeySlot* first = &store[slots.begin()->second];
    for (const auto& [key, slot] : slots) {
      REQUIRE(store.Find(0, key, KeyStore::Hash(0, key)) == slot);
    }
    CHECK(first == &store[slots.begin()->second]);
    CHECK(store.slot_count() == 5000);
    for (const auto& [key, slot] : slots) {
      store.Erase(slot);
    }
    slots.clear();
  }
}

}  // namespace
}  // namespace shrike::engine
