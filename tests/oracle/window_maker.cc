#include "tests/oracle/window_maker.h"

#include <utility>

namespace shrike::oracle {
namespace {

using Strings = std::vector<std::string>;

const Strings kLengths = {"5ms", "10ms", "20ms", "40ms", "60ms"};
const Strings kNumbers = {"v", "v", "d", "d", "x", "x", "u"};
const Strings kFunctions = {"count",  "count",    "sum",  "sum",    "avg",  "min",  "max",
                            "stddev", "distinct", "rate", "zscore", "last", "first"};

}  // namespace

std::string WindowMaker::Comparison() {
  static const Strings kComparisons = {" < ", " <= ", " > ", " >= ", " != ", " == "};
  return random_->Pick(kComparisons);
}

std::string WindowMaker::TypeName(const WindowPlace& place) {
  static const Strings kOne = {"A", "A", "B", "C", "event", "event"};
  static const Strings kTwo = {"A", "B", "s.C", "t.C", "E", "event", "event"};
  return random_->Pick(place.two_streams ? kTwo : kOne);
}

std::string WindowMaker::Field(const WindowPlace& place, const Strings& fields) {
  const std::string field = random_->Pick(fields);
  return place.typed || random_->Chance(35) ? TypeName(place) + "." + field : field;
}

// A field, or a derived one.
std::string WindowMaker::NumberField(const WindowPlace& place, const Strings& fields) {
  if (derived_.empty() || !random_->Chance(50)) return Field(place, fields);
  used_->insert("window of a derived field");
  return Field(place, derived_);
}

std::string WindowMaker::Over(const std::string& function) {
  const bool timed = function == "rate";  // not with session or last n
  switch (random_->Below(timed ? 4 : 8)) {
    case 0:
    case 1:
      used_->insert("window tumbling");
      return "tumbling " + (random_->Chance(5) ? "1w" : random_->Pick(kLengths));
    case 4:
    case 5:
      used_->insert("window session");
      return "session " + random_->Pick(kLengths);
    case 6:
    case 7:
      used_->insert("window last n");
      return "last " + std::to_string(random_->Between(1, 4)) + " events";
    default:
      used_->insert("window sliding");
      return random_->Pick(kLengths);
  }
}

std::string WindowMaker::EventTest(const WindowPlace& place) {
  static const Strings kBoth = {
      "v > 3",     "d < 5.25", "u is not null",    "v in [1, 2, 3, 7]",      "x >= 2",
      "not v > 6", "u == 1",   "v > 6 or x < 3.5", "v < lookup(caps, u).cap"};
  static const Strings kOne = {"f", "n in [\"p\", \"q\"]", "n like \"*p*\"", "f or v > 5"};
  if (!derived_.empty() && random_->Chance(30)) return random_->Pick(derived_) + " > 1";
  return random_->Pick(place.two_streams || random_->Chance(70) ? kBoth : kOne);
}

std::string WindowMaker::Clauses(const WindowPlace& place) {
  Strings clauses;
  if (random_->Chance(30)) {
    used_->insert("window where");
    clauses.push_back(" where " + EventTest(place));
  }
  if (random_->Chance(25)) {
    used_->insert("window by");
    static const Strings kOne = {" by u", " by u", " by n", " by (u, n)"};
    clauses.push_back(place.two_streams ? " by u" : random_->Pick(kOne));
  }
  if (random_->Chance(25)) {
    used_->insert("excluding current");
    clauses.emplace_back(" excluding current");
  }
  std::string text;
  while (!clauses.empty()) {
    const auto index = random_->Below(static_cast<int>(clauses.size()));
    text += clauses[static_cast<std::size_t>(index)];
    clauses.erase(clauses.begin() + index);
  }
  return text;
}

WindowMaker::Call WindowMaker::MakeFirstSeen(const WindowPlace& place) {
  const std::string function = random_->Chance(65) ? "new" : "seen";
  used_->insert("window " + function);
  static const Strings kOne = {"v", "u", "n", "d"};
  static const Strings kTwo = {"v", "u", "d"};
  const Strings& fields = place.two_streams ? kTwo : kOne;
  std::string argument = NumberField(place, fields);
  if (random_->Chance(30)) {
    used_->insert("window tuple");
    const std::size_t dot = argument.rfind('.');
    const std::string type = dot == std::string::npos ? "" : argument.substr(0, dot + 1);
    argument = "[" + argument + ", " + type + random_->Pick(fields) + "]";
  }
  return {.kind = Call::Kind::kBool,
          .text = function + "(" + argument + " over " + Over(function) + Clauses(place) + ")"};
}

WindowMaker::Call WindowMaker::MakeCall(const WindowPlace& place) {
  if (random_->Chance(20)) return MakeFirstSeen(place);
  const std::string function = random_->Pick(kFunctions);
  used_->insert("window " + function);
  Call call;
  std::string argument;
  const bool any = function == "first" || function == "last" || function == "min" ||
                   function == "max" || function == "distinct";
  if (function == "count" || (function == "rate" && random_->Chance(50))) {
    argument = place.typed || random_->Chance(50) ? TypeName(place) : "";
  } else if (any && !place.two_streams && random_->Chance(20)) {
    argument = Field(place, {"n"});
    if (function != "distinct") call.kind = Call::Kind::kText;
  } else if (any && random_->Chance(15)) {
    argument = Field(place, {"ts"});
    if (function != "distinct") call.kind = Call::Kind::kTime;
  } else if (!place.typed && random_->Chance(12)) {
    argument = random_->Pick(Strings{"v * d", "x / 3", "abs(v - 5)", "d - 1", "v + x", "-d"});
  } else {
    argument = NumberField(place, kNumbers);
  }
  if (!argument.empty()) argument += " ";
  call.text = function + "(" + argument + "over " + Over(function) + Clauses(place) + ")";
  return call;
}

std::string WindowMaker::Condition(const WindowPlace& place) {
  const Call call = MakeCall(place);
  switch (call.kind) {
    case Call::Kind::kBool:
      return random_->Chance(80) ? call.text : "not " + call.text;
    case Call::Kind::kText:
      return call.text + (random_->Chance(50) ? " == " : " != ") + "n";
    case Call::Kind::kTime:
      return "ts - " + call.text + Comparison() + random_->Pick(kLengths);
    case Call::Kind::kNumber:
      break;
  }
  if (random_->Chance(15)) return call.text + " is " + (random_->Chance(50) ? "null" : "not null");
  static const Strings kOthers = {"d", "v", "x", "0.5", "1", "2", "5", "10", "-0.5", "100"};
  return call.text + Comparison() + random_->Pick(kOthers);
}

std::string WindowMaker::Number(const WindowPlace& place) {
  Call call = MakeCall(place);
  while (call.kind != Call::Kind::kNumber) call = MakeCall(place);
  return call.text;
}

std::string WindowMaker::Value(const WindowPlace& place) { return MakeCall(place).text; }

std::vector<std::string> AllWindowConstructs() {
  return {"window sliding",   "window tumbling", "window session",      "window last n",
          "window where",     "window by",       "excluding current",   "window count",
          "window sum",       "window avg",      "window min",          "window max",
          "window stddev",    "window distinct", "window first",        "window last",
          "window rate",      "window zscore",   "window new",          "window seen",
          "window tuple",     "feature",         "window of a feature", "feature in exceptions",
          "window in a step", "window in where", "window in a field",   "window at a deadline"};
}

}  // namespace shrike::oracle
