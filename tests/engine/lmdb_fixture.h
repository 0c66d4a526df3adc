// Short words for tests of the state in LMDB: stores, changes, and what a store holds as text.
#ifndef SHRIKE_TESTS_ENGINE_LMDB_FIXTURE_H_
#define SHRIKE_TESTS_ENGINE_LMDB_FIXTURE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/lmdb/lmdb_store.h"

namespace shrike::engine {

inline const StateIdentity kIdentity = {"fraud", "payments-3"};

// Of kIdentity, in `folder`.
LmdbStore::Options StoreOptions(const std::string& folder, bool sync = false);
// Must succeed and be trusted.
std::unique_ptr<LmdbStore> OpenStore(const std::string& folder, bool sync = false);
// The message of the error that Open must give, with ": " and the code before it.
std::string OpenError(const LmdbStore::Options& options);

StateChange Change(std::string_view name, std::optional<std::string> value,
                   TimestampMs due = kTimeMax);

// "head | name=value@due ..": everything, read through ReadHead and ForEach.
std::string Contents(LmdbStore* store);
// The names that ForEachDue shows, in its order.
std::string DueNames(LmdbStore* store, TimestampMs time);

// Runs the work in a child process; returns what waitpid says. Nothing of ours is checked in the child.
int RunInChild(const std::function<void()>& work);

}  // namespace shrike::engine

#endif  // SHRIKE_TESTS_ENGINE_LMDB_FIXTURE_H_
