#include "tools/shrike/state_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/value.h"
#include "nfa/describe_window.h"
#include "nfa/graph.h"
#include "rules/window_table.h"
#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

using nfa::ElementSpec;
using nfa::WindowFunction;
using nfa::WindowKind;

// Times are stored as differences, small numbers in few bytes.
constexpr int kTimeBytes = 4;
constexpr int kWindowBytes = 48;  // sums, count and place
constexpr int kTableBytes = 60;   // of a remembered value or group, beside its own bytes

int ValueBytes(Type type) {
  switch (type.kind) {
    case Kind::kNull:
    case Kind::kList:
      return 0;
    case Kind::kBool:
      return 1;
    case Kind::kInt:
    case Kind::kDecimal:
      return 4;
    case Kind::kFloat:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return 8;
    case Kind::kIp:
    case Kind::kString:
      return 16;
  }
  return 0;
}

bool RemembersValues(WindowFunction function) {
  return function == WindowFunction::kDistinct || function == WindowFunction::kNew ||
         function == WindowFunction::kSeen;
}

// "100,000"
std::string Grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) {
    text.insert(at - 3, ",");
  }
  return text;
}

std::string BytesText(std::int64_t bytes) {
  if (bytes < 10'000) {
    return fmt::format("{} B", bytes);
  }
  return bytes < 10'000'000 ? fmt::format("{} kB", bytes / 1000)
                            : fmt::format("{} MB", bytes / 1'000'000);
}

// Whether it holds single events: tumbling and session windows only sum up, and of remembered values the time when
// each was last seen is enough.
bool HoldsEvents(const nfa::WindowSpec& window) {
  const bool moves = window.kind == WindowKind::kSliding || window.kind == WindowKind::kLastEvents;
  return moves && !RemembersValues(window.function);
}

WindowState WindowStateOf(const nfa::RuleSetSpec& set, int index, const Catalog& catalog,
                          const Limits& limits) {
  const nfa::WindowSpec& window = set.windows[static_cast<std::size_t>(index)];
  WindowState state;
  state.window = index;
  state.text = nfa::DescribeWindow(window, catalog, set.layout);
  int value_bytes = 0;
  for (const nfa::Expr& value : window.values) {
    value_bytes += ValueBytes(value.type);
  }
  std::vector<std::string> parts;
  state.bytes_max = kWindowBytes;
  if (HoldsEvents(window)) {
    const bool last = window.kind == WindowKind::kLastEvents;
    state.events_max = last ? window.events : limits.window_events;
    const int bytes = kTimeBytes + value_bytes;
    state.bytes_max += state.events_max * bytes;
    parts.push_back(last ? fmt::format("{} events at {} B", Grouped(window.events), bytes)
                         : fmt::format("each event of {} at {} B, at most {}",
                                       FormatDuration(window.length), bytes,
                                       Grouped(limits.window_events)));
  }
  if (RemembersValues(window.function)) {
    state.values_max = limits.distinct_values;
    state.bytes_max += limits.distinct_values * (value_bytes + kTableBytes);
    parts.push_back(fmt::format("up to {} values", Grouped(limits.distinct_values)));
  }
  if (!window.by.empty()) {
    state.values_max = limits.distinct_values;
    state.bytes_max += limits.distinct_values * kTableBytes;
    parts.push_back(fmt::format("up to {} groups", Grouped(limits.distinct_values)));
  }
  if (parts.empty()) {
    parts.emplace_back("sums only");
  }
  state.holds = fmt::format("{}: {} at most", fmt::join(parts, ", "), BytesText(state.bytes_max));
  return state;
}

// The most events that the element binds; -1: no end.
std::int64_t EventsOf(const ElementSpec& element);

std::int64_t EventsOf(const std::vector<ElementSpec>& elements) {
  std::int64_t sum = 0;
  for (const ElementSpec& element : elements) {
    const std::int64_t events = EventsOf(element);
    if (events < 0) {
      return -1;
    }
    sum += events;
  }
  return sum;
}

std::int64_t EventsOf(const ElementSpec& element) {
  std::int64_t once = 1;
  if (element.kind == ElementSpec::Kind::kNot) {
    once = 0;
  } else if (element.kind == ElementSpec::Kind::kAll) {
    once = static_cast<std::int64_t>(element.steps.size());
  } else if (element.kind == ElementSpec::Kind::kGroup) {
    once = EventsOf(element.group);
  }
  if (!element.quantifier || once <= 0) {
    return once;
  }
  const std::int64_t most = element.quantifier->max;
  return most < 0 ? -1 : once * std::min<std::int64_t>(most, 1'000'000);
}

bool Repeats(const ElementSpec& element) {
  return element.quantifier && (element.quantifier->max < 0 || element.quantifier->max > 1);
}

// "`a`", "`a` to `c`": the steps of an element by their labels.
std::string LabelOf(const nfa::RuleSpec& rule, const ElementSpec& element) {
  const auto label = [&](int step) {
    return "`" + rule.steps[static_cast<std::size_t>(step)].label + "`";
  };
  if (!element.steps.empty()) {
    return label(element.steps.front());
  }
  const std::string first = LabelOf(rule, element.group.front());
  const std::string last = LabelOf(rule, element.group.back());
  return first == last ? first : first + " to " + last;
}

// Depth is bounded by the parser. inside: the loop around, or nullptr.
void FindExponential(const nfa::RuleSpec& rule, const std::vector<ElementSpec>& elements,
                     const ElementSpec* inside, std::vector<std::string>* out) {
  for (const ElementSpec& element : elements) {
    const bool loop = Repeats(element);
    if (loop && element.quantifier->contiguity == nfa::Contiguity::kCombinations) {
      out->push_back(fmt::format(
          "the loop over {} takes or leaves every event that fits: n of them make 2^n runs",
          LabelOf(rule, element)));
    } else if (loop && inside != nullptr) {
      out->push_back(fmt::format(
          "the loop over {} stands inside the loop over {}: n events that fit both can be shared "
          "out in 2^n ways",
          LabelOf(rule, element), LabelOf(rule, *inside)));
    }
    if (inside != nullptr && element.link.kind == nfa::LinkKind::kThenEvery) {
      out->push_back(fmt::format(
          "`then every` before {} stands inside the loop over {}: each repetition multiplies the "
          "runs",
          LabelOf(rule, element), LabelOf(rule, *inside)));
    }
    FindExponential(rule, element.group, loop ? &element : inside, out);
  }
}

// The longest that a run waits for its next event; kNoBound: for ever; nothing: no run waits.
std::optional<DurationMs> LongestGap(const nfa::RuleSpec& rule) {
  const auto graph = nfa::BuildGraph(rule);
  std::optional<DurationMs> longest;
  if (!graph) {
    return longest;  // Reported as E0414.
  }
  for (const nfa::Node& node : graph->nodes) {
    for (const auto* branches : {&node.branches, &node.rest}) {
      for (const nfa::Branch& branch : *branches) {
        const bool ends = branch.target == nfa::kEndNode && branch.guards.empty();
        DurationMs bound = branch.within;
        for (const nfa::Guard& guard : branch.guards) {
          bound = std::min(bound, guard.within);
        }
        if (!ends) {
          longest = std::max(longest.value_or(0), bound);
        }
      }
    }
  }
  return longest;
}

void FillWait(const nfa::RuleSpec& rule, RuleState* state) {
  const std::optional<DurationMs> gap = LongestGap(rule);
  if (!gap) {
    return;
  }
  if (rule.within) {
    state->wait = RuleState::Wait::kWithin;
    state->wait_max = *rule.within;
  } else if (*gap == nfa::kNoBound) {
    state->wait = RuleState::Wait::kForever;
  } else {
    state->wait = RuleState::Wait::kGap;
    state->wait_max = *gap;
  }
}

std::string RunsText(const RuleState& state) {
  if (state.wait == RuleState::Wait::kNone) {
    return "none: a match is one event";
  }
  std::string text = fmt::format("up to {} first events per run key, ", Grouped(state.runs_max));
  if (state.wait == RuleState::Wait::kWithin) {
    text += fmt::format("each for less than {}", FormatDuration(state.wait_max));
  } else if (state.wait == RuleState::Wait::kGap) {
    text +=
        fmt::format("each waits less than {} for its next event", FormatDuration(state.wait_max));
  } else {
    text += "for ever";
  }
  return text + fmt::format(", binding up to {} events", Grouped(state.events_max));
}

}  // namespace

RuleState StateOf(const nfa::RuleSetSpec& set, std::size_t rule, const Catalog& catalog,
                  const Limits& limits) {
  const nfa::RuleSpec& spec = set.rules[rule];
  RuleState state;
  state.rule = spec.id;
  const std::int64_t events = EventsOf(spec.elements);
  state.events_max = events < 0 ? limits.bound_events : std::min(events, limits.bound_events);
  FillWait(spec, &state);
  if (state.wait != RuleState::Wait::kNone) {
    state.runs_max = limits.open_runs_per_key;
  }
  FindExponential(spec, spec.elements, nullptr, &state.exponential);
  for (const int window : rules::WindowsRead(set, spec)) {
    state.windows.push_back(WindowStateOf(set, window, catalog, limits));
  }
  return state;
}

void AppendStateText(const RuleState& state, std::string* out) {
  *out += fmt::format("  runs: {}\n", RunsText(state));
  for (const std::string& loop : state.exponential) {
    *out += fmt::format("  exponential: {}\n", EscapeTerminal(loop));
  }
  for (const WindowState& window : state.windows) {
    *out += fmt::format("  window[{}]: {}\n    holds {}\n", window.window,
                        EscapeTerminal(window.text), window.holds);
  }
}

void AppendStateJson(const RuleState& state, std::string* out) {
  constexpr const char* kWaits[] = {"none", "within", "gap", "forever"};
  *out += R"({"rule":)";
  AppendJsonString(state.rule, out);
  *out += fmt::format(R"(,"runs":{{"wait":"{}","wait_ms":)",
                      kWaits[static_cast<std::size_t>(state.wait)]);
  const bool timed = state.wait == RuleState::Wait::kWithin || state.wait == RuleState::Wait::kGap;
  *out += timed ? std::to_string(state.wait_max) : "null";
  *out += fmt::format(R"(,"first_events_max":{},"bound_events_max":{}}},"exponential_loops":[)",
                      state.runs_max, state.events_max);
  for (const std::string& loop : state.exponential) {
    *out += &loop == state.exponential.data() ? "" : ",";
    AppendJsonString(loop, out);
  }
  *out += R"(],"windows":[)";
  for (const WindowState& window : state.windows) {
    *out += &window == state.windows.data() ? R"({"text":)" : R"(,{"text":)";
    AppendJsonString(window.text, out);
    *out += fmt::format(R"(,"window":{},"events_max":{},"values_max":{},"bytes_max":{}}})",
                        window.window, window.events_max, window.values_max, window.bytes_max);
  }
  *out += "]}";
}

}  // namespace shrike::tools
