#include "rules/from_checker.h"

#include <algorithm>

#include "base/suggest.h"

namespace shrike::rules {
namespace {

// The keys of each source: `by` also holds for the sources before it that have none. nullptr: none.
std::vector<const Keys*> KeysOfSources(const std::vector<Source>& sources) {
  std::vector<const Keys*> keys(sources.size(), nullptr);
  std::size_t without = 0;  // the first source that still waits for keys
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!sources[i].by) continue;
    for (std::size_t j = without; j <= i; ++j) keys[j] = &*sources[i].by;
    without = i + 1;
  }
  return keys;
}

std::string TypesText(const std::vector<Type>& types) {
  std::string text;
  for (const Type& type : types) text += (text.empty() ? "" : ", ") + FormatType(type);
  return "(" + text + ")";
}

class SourceChecker {
 public:
  SourceChecker(ScalarSource source, RuleScope* scope)
      : source_(source), scope_(scope), reporter_(scope->reporter()) {}

  void Run(const std::vector<Source>& sources) {
    const std::vector<const Keys*> keys = KeysOfSources(sources);
    const bool keyed = std::any_of(keys.begin(), keys.end(), [](const Keys* k) { return k; });
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const int stream = FindStream(sources[i]);
      if (keyed && !keys[i]) {
        Report("E0501", sources[i].stream.span,
               "stream " + Quoted(sources[i].stream.text) + " has no key, but others have",
               "write `by` behind the last stream, or behind each");
      }
      if (stream >= 0) AddSource(stream, keys[i]);
    }
    std::sort(scope_->from.streams.begin(), scope_->from.streams.end());
    scope_->from.text = StreamsText(scope_->set().catalog(), scope_->from.streams);
  }

 private:
  void Report(std::string_view code, Span span, std::string message, std::string suggestion = "") {
    reporter_->Report(code, source_.At(span), std::move(message), std::move(suggestion));
  }

  // -1: unknown or named before, and reported.
  int FindStream(const Source& source) {
    const int stream = scope_->set().StreamIndex(source.stream.text);
    if (stream < 0) {
      std::vector<std::string_view> names;
      for (const StreamSchema& known : scope_->set().catalog().streams) names.push_back(known.name);
      Report("E0201", source.stream.span, "unknown stream " + Quoted(source.stream.text),
             DidYouMean(source.stream.text, names));
      // What follows is checked as if the nearest name stood here, so that its own mistakes are found too.
      const std::string_view nearest = Nearest(source.stream.text, names);
      scope_->from.open |= nearest.empty();
      return nearest.empty() ? -1 : scope_->set().StreamIndex(nearest);
    }
    const std::vector<int>& streams = scope_->from.streams;
    if (std::find(streams.begin(), streams.end(), stream) != streams.end()) {
      Report("E0502", source.stream.span,
             "stream " + Quoted(source.stream.text) + " stands twice in `from`");
      return -1;
    }
    return stream;
  }

  void AddSource(int stream, const Keys* keys) {
    scope_->from.streams.push_back(stream);
    nfa::SourceSpec spec{stream, {}};
    KeyColumns columns;
    if (keys) {
      const EventScope events{{stream}, StreamsText(scope_->set().catalog(), {stream}), false};
      columns = CheckKeys(source_, *keys, events, *scope_);
      spec.key = columns.columns;
      if (columns.good) CompareKeys(*keys, columns);
    }
    scope_->spec().sources.push_back(std::move(spec));
    scope_->key_names.push_back(std::move(columns.names));
  }

  void CompareKeys(const Keys& keys, const KeyColumns& columns) {
    if (scope_->key_types.empty()) {
      scope_->key_types = columns.types;
    } else if (!SameKeyTypes(scope_->key_types, columns.types)) {
      Report("E0503", keys.span,
             "all streams of `from` need keys of the same types: " + TypesText(scope_->key_types) +
                 " and " + TypesText(columns.types));
    }
  }

  ScalarSource source_;
  RuleScope* scope_;
  Reporter* reporter_;
};

}  // namespace

std::string PathText(const Path& path) {
  std::string text;
  for (const Name& part : path.parts) text += (text.empty() ? "" : ".") + part.text;
  return text;
}

bool SameKeyTypes(const std::vector<Type>& a, const std::vector<Type>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](Type x, Type y) { return x.kind == y.kind; });
}

KeyColumns CheckKeys(ScalarSource source, const Keys& keys, const EventScope& events,
                     const RuleScope& scope) {
  KeyColumns result;
  const auto fail = [&](std::string_view code, const Path& path, std::string message,
                        std::string suggestion) {
    scope.reporter()->Report(code, source.At(path.span), std::move(message), std::move(suggestion));
    result.good = false;
  };
  for (const Path& path : keys.paths) {
    const std::string name = PathText(path);
    const FieldLookup lookup = scope.FindField(events.streams, name);
    if (!lookup.field && lookup.fault == FieldFault::kTwoTypes) {
      fail("E0216", path, "field " + Quoted(name) + " has not one type in " + events.text, "");
    } else if (!lookup.field && events.open) {
      scope.reporter()->CountSilent();
      result.good = false;
    } else if (!lookup.field) {
      std::vector<std::string_view> names;
      for (const int stream : events.streams) scope.set().AppendFieldNames(stream, &names);
      fail("E0203", path, "unknown field " + Quoted(name) + " of " + events.text,
           DidYouMean(name, names));
    } else if (name == "ts" || lookup.field->type.kind == Kind::kList) {
      fail("E0504", path,
           name == "ts" ? "the event's time cannot be a key"
                        : "field " + Quoted(name) + " is a list and cannot be a key",
           "");
    } else if (std::find(result.names.begin(), result.names.end(), name) != result.names.end()) {
      fail("E0505", path, "field " + Quoted(name) + " stands twice in the key", "");
    } else {
      result.columns.push_back(lookup.field->column);
      result.types.push_back(lookup.field->type);
      result.names.push_back(name);
    }
  }
  return result;
}

void CheckSources(ScalarSource source, const std::vector<Source>& sources, RuleScope* scope) {
  SourceChecker(source, scope).Run(sources);
}

void CheckPartitioning(ScalarSource source, const std::vector<Source>& sources,
                       const RuleScope& scope) {
  const SetScope& set = scope.set();
  for (std::size_t i = 0; i < scope.spec().sources.size(); ++i) {
    const int stream = scope.spec().sources[i].stream;
    const StreamSchema& schema = set.catalog().streams[static_cast<std::size_t>(stream)];
    const std::vector<std::string>& key = scope.key_names[i];
    for (const std::string& field : schema.partitioned_by) {
      if (std::find(key.begin(), key.end(), field) != key.end()) continue;
      const auto named = std::find_if(sources.begin(), sources.end(), [&](const Source& from) {
        return from.stream.text == schema.name;
      });
      if (named == sources.end()) break;  // It stands for a misspelt name.
      scope.reporter()->Report("E0506", source.At(named->span),
                               "stream " + Quoted(schema.name) + " is partitioned by " +
                                   Quoted(field) + ", which is no part of the rule's key",
                               "add it to `by`, or set `repartition: auto`");
      break;
    }
  }
}

}  // namespace shrike::rules
