// Tested by: tests/nfa/window_test.cc.
#include "nfa/window_plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "base/hash.h"

namespace shrike::nfa {

void WindowRetention::Extend(WindowKind kind, DurationMs window_length,
                             std::int64_t window_events) {
  switch (kind) {
    case WindowKind::kSliding:
    case WindowKind::kTumbling:
      length = std::max(length, window_length);
      return;
    case WindowKind::kSession:
      sessions = true;
      return;
    case WindowKind::kLastEvents:
      events = std::max(events, window_events);
      return;
  }
}

namespace {

bool IsFramed(WindowKind kind) {
  return kind == WindowKind::kTumbling || kind == WindowKind::kSession;
}

// Their question is about what was before the current event (language.md, 4.6).
bool LeavesOutCurrent(WindowFunction function) {
  return function == WindowFunction::kZscore || function == WindowFunction::kNew ||
         function == WindowFunction::kSeen;
}

bool ReadsWindows(const Expr& expr) {
  return expr.op == Op::kWindow || std::any_of(expr.args.begin(), expr.args.end(), ReadsWindows);
}

class PlanBuilder {
 public:
  PlanBuilder(const WindowPlanInput& input, Pool* pool)
      : spec_(*input.spec),
        event_types_(*input.event_types),
        stream_of_type_(*input.stream_of_type),
        pool_(*pool) {
    for (const std::shared_ptr<const Table>& table : spec_.tables)
      plan_.names.tables.push_back(TableText(table->schema()));
  }

  void Add(int index, const WindowUse& use) {
    const WindowSpec& window = spec_.windows[static_cast<std::size_t>(index)];
    const std::string feed_text = FeedText(window);
    plan_.names.windows.push_back(WindowText(window, feed_text));
    const auto group_index = static_cast<std::size_t>(use.group);
    if (plan_.groups.size() <= group_index) plan_.groups.resize(group_index + 1);
    WindowGroup& group = plan_.groups[group_index];
    const auto [at, added] =
        feeds_.try_emplace(std::make_pair(use.group, feed_text), group.feeds.size());
    if (added) {
      group.feeds.push_back(NewFeed(window, feed_text));
      AddRoutes(window, use, static_cast<int>(at->second));
    }
    WindowFeed& feed = group.feeds[at->second];
    feed.windows.push_back(index);
    PlannedWindow planned;
    planned.group = use.group;
    planned.feed = static_cast<int>(at->second);
    planned.function = window.function;
    planned.kind = window.kind;
    planned.length = window.length;
    planned.events = window.events;
    planned.parts = PartsOf(window.function, !window.values.empty());
    planned.leaves_out_current = window.excluding_current || LeavesOutCurrent(window.function);
    Require(use, &feed, &planned);
    plan_.windows.push_back(planned);
  }

  WindowPlan Finish() {
    for (WindowGroup& group : plan_.groups) {
      for (WindowFeed& feed : group.feeds) Seal(&feed);
    }
    return std::move(plan_);
  }

 private:
  int StreamOf(int event_type) const {
    return stream_of_type_[static_cast<std::size_t>(event_type)];
  }

  void AddRoutes(const WindowSpec& window, const WindowUse& use, int feed) {
    for (const int type : window.event_types) {
      const int id = use.routes[static_cast<std::size_t>(StreamOf(type))];
      SHRIKE_CHECK(id >= 0);
      const auto at = static_cast<std::size_t>(id);
      if (plan_.routes.size() <= at) plan_.routes.resize(at + 1);
      WindowRoute& route = plan_.routes[at];
      route.group = use.group;
      route.by_type.resize(event_types_.size());
      route.by_type[static_cast<std::size_t>(type)].push_back(feed);
    }
  }

  static std::string TableText(const TableSchema& schema) {
    std::string out = schema.name + " " + FormatType(schema.key.type);
    for (const FieldSchema& field : schema.fields)
      out += " " + field.name + ":" + FormatType(field.type);
    return out;
  }

  std::string Text(const Expr& expr) const {
    return CanonicalText(expr, spec_.layout, plan_.names);
  }
  std::string Text(const std::vector<int>& columns) const {
    std::string out;
    for (const int column : columns) {
      Expr field;
      field.op = Op::kField;
      field.column = column;
      out += Text(field);
    }
    return out;
  }

  std::string GateText(const WindowSpec& window) const {
    std::string out = "events";
    for (const int type : window.event_types) {
      const auto source =
          std::find_if(window.sources.begin(), window.sources.end(),
                       [&](const SourceSpec& s) { return s.stream == StreamOf(type); });
      SHRIKE_CHECK(source != window.sources.end());
      out += " " + event_types_[static_cast<std::size_t>(type)] + " {" + Text(source->key) + "}";
    }
    for (const Expr& exception : window.exceptions) out += " except " + Text(exception);
    if (window.filter) out += " where " + Text(*window.filter);
    return out;
  }

  std::string FeedText(const WindowSpec& window) const {
    std::string out = GateText(window) + " by" + Text(window.by) + " of";
    for (const Expr& value : window.values) out += " " + Text(value);
    return out;
  }

  static std::string WindowText(const WindowSpec& window, const std::string& feed_text) {
    return "window " + std::to_string(static_cast<int>(window.function)) + " " +
           std::to_string(static_cast<int>(window.kind)) + " " + std::to_string(window.length) +
           " " + std::to_string(window.events) + (window.excluding_current ? " excluding " : " ") +
           feed_text;
  }

  int GateOf(const WindowSpec& window) {
    const auto [at, added] =
        gates_.try_emplace(GateText(window), static_cast<int>(plan_.gates.size()));
    if (!added) return at->second;
    WindowGate gate;
    gate.types.resize(event_types_.size());
    for (const int type : window.event_types) gate.types[static_cast<std::size_t>(type)] = true;
    for (const Expr& exception : window.exceptions) {
      gate.reads_windows = gate.reads_windows || ReadsWindows(exception);
      gate.exceptions.push_back(Code::Compile(exception, nullptr, &pool_));
    }
    if (window.filter) {
      gate.reads_windows = gate.reads_windows || ReadsWindows(*window.filter);
      gate.filter = Code::Compile(*window.filter, nullptr, &pool_);
    }
    plan_.gates.push_back(std::move(gate));
    return at->second;
  }

  WindowFeed NewFeed(const WindowSpec& window, const std::string& text) {
    WindowFeed feed;
    feed.gate = GateOf(window);
    feed.by = window.by;
    feed.hash = Hash64(text);
    for (const Expr& value : window.values) {
      feed.reads_windows = feed.reads_windows || ReadsWindows(value);
      feed.values.push_back(Code::Compile(value, nullptr, &pool_));
    }
    if (window.values.empty()) return feed;
    feed.type = feed.is_tuple() ? Type{Kind::kString, 0, Kind::kNull} : window.values[0].type;
    if (!feed.is_tuple() && window.values[0].op == Op::kField)
      feed.column = window.values[0].column;
    return feed;
  }

  // Has the feed keep what the window reads, and notes where.
  static void Require(const WindowUse& use, WindowFeed* feed, PlannedWindow* window) {
    const TallyParts parts = window->parts;
    const bool table = (parts & kValuesPart) != 0;
    const bool framed = IsFramed(window->kind);
    if (table) {
      feed->table_at = 1;  // Seal says where
      feed->table_kept.Extend(window->kind, window->length, window->events);
    }
    feed->store.positions =
        feed->store.positions || (use.leaves_out_past && window->leaves_out_current);
    window->in_store = (!table && !framed) || (use.leaves_out_past && window->leaves_out_current);
    if (window->in_store) RequireStore(*window, feed);
    const bool ages = window->kind != WindowKind::kLastEvents;
    feed->kept = std::max(feed->kept, ages ? window->length : kTimeMax);
    if (!framed) return;
    for (std::size_t i = 0; i < feed->frames.size(); ++i) {
      FramePlan& frame = feed->frames[i];
      if (frame.kind != window->kind || frame.length != window->length) continue;
      frame.parts = static_cast<TallyParts>(frame.parts | parts);
      window->frame = static_cast<int>(i);
      return;
    }
    window->frame = static_cast<int>(feed->frames.size());
    feed->frames.push_back({window->kind, window->length, parts, 0});
  }

  static void RequireStore(const PlannedWindow& window, WindowFeed* feed) {
    StorePlan& store = feed->store;
    feed->store_at = 1;
    feed->store_kept.Extend(window.kind, window.length, window.events);
    if (!feed->values.empty()) store.cell = CellKindOf(feed->type);
    // A window of a frame or table is read from the entries one by one, where an event is to be left out.
    if (window.kind == WindowKind::kTumbling || window.kind == WindowKind::kSession ||
        (window.parts & kValuesPart) != 0) {
      return;
    }
    const auto has = [&](TallyPart part) { return (window.parts & part) != 0; };
    store.sums = store.sums || has(kSumPart);
    store.squares = store.squares || has(kSquaresPart);
    store.lowest = store.lowest || has(kLowestPart);
    store.highest = store.highest || has(kHighestPart);
  }

  static void Seal(WindowFeed* feed) {
    std::uint32_t at = 4;  // the group's head
    if (!feed->frames.empty()) {
      feed->cell_at = at;
      at += 2;
    }
    for (FramePlan& frame : feed->frames) {
      feed->frame_parts = static_cast<TallyParts>(feed->frame_parts | frame.parts);
      frame.at = at;
      at += frame.words();
    }
    if (feed->store_at != 0) {
      feed->store.type = feed->type;
      feed->store.Seal();
      feed->store_at = at;
      at += feed->store.words;
    }
    if (feed->table_at != 0) {
      feed->table_at = at;
      feed->sight_at = at + ValueTableReader::kWords;
      at = feed->sight_at + 3;
    }
    feed->words = at;
  }

  const RuleSetSpec& spec_;
  const std::vector<std::string>& event_types_;
  const std::vector<int>& stream_of_type_;
  Pool& pool_;
  WindowPlan plan_;
  std::map<std::string, int> gates_;
  std::map<std::pair<int, std::string>, std::size_t> feeds_;
};

}  // namespace

WindowPlan WindowPlan::Build(const WindowPlanInput& input, Pool* pool) {
  SHRIKE_CHECK(input.uses->size() == input.spec->windows.size());
  PlanBuilder builder(input, pool);
  for (std::size_t i = 0; i < input.uses->size(); ++i)
    builder.Add(static_cast<int>(i), (*input.uses)[i]);
  return builder.Finish();
}

}  // namespace shrike::nfa
