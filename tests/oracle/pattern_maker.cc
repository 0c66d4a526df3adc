// The pattern is made left to right; `names_` holds the names that a condition may use at that point, so that most
// patterns pass the checker. Types, values and gaps come from small sets, so that events often fit.
#include "tests/oracle/pattern_maker.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/oracle/derive_maker.h"
#include "tests/oracle/random_choice.h"
#include "tests/oracle/window_maker.h"

namespace shrike::oracle {
namespace {

using Kind = ElementText::Kind;
using Strings = std::vector<std::string>;

constexpr int kWindowsPercent = 45;  // of the patterns
constexpr int kDerivesPercent = 35;
const Strings kWindows = {"5ms", "10ms", "20ms", "40ms", "60ms", "100ms"};

class PatternMaker {
 public:
  explicit PatternMaker(std::uint64_t seed) : random_(seed) {}

  PatternText Make() {
    PatternText pattern;
    pattern.from = MakeFrom();
    if (random_.Chance(kDerivesPercent)) MakeDerives(&pattern);
    one_type_ = random_.Chance(25);
    use_windows_ = random_.Chance(kWindowsPercent);
    if (use_windows_ && random_.Chance(35)) MakeFeatures(&pattern);
    pattern.elements = MakeSequence(random_.Between(1, 4), 0);
    if (random_.Chance(8)) pattern.unless = MakeStep("", false);
    if (random_.Chance(use_windows_ ? 22 : 8)) pattern.where = MakeWhere();
    if (random_.Chance(75) || EndsWithNot(pattern.elements))
      pattern.within = random_.Pick(kWindows);
    pattern.skip = MakeSkip();
    if (random_.Chance(8)) pattern.exceptions.push_back(EventTest());
    if (has_features_ && random_.Chance(45)) {
      used_.insert("feature in exceptions");
      pattern.exceptions.push_back(FeatureTest());
    }
    const int fields = use_windows_ ? random_.Between(1, 4) : random_.Below(3);
    for (int i = 0; i < fields; ++i) pattern.fields.push_back(MakeOutput());
    if (random_.Chance(30)) pattern.message = "m {" + MakeOutput() + "} end";
    pattern.timeout_alerts = random_.Chance(80);
    const bool at_deadline = pattern.elements.back().kind == Kind::kNot || pattern.timeout_alerts;
    if (at_deadline && used_.contains("window in a field")) used_.insert("window at a deadline");
    pattern.constructs = used_;
    return pattern;
  }

 private:
  std::string MakeFrom() {
    const int kind = random_.Below(100);
    two_streams_ = kind >= 80;
    if (kind < 45) return "s";
    if (kind < 70) return "s by k";
    if (kind < 80) return "s by (k, k2)";
    if (kind < 87) return "s, t";
    if (kind < 95) return "s by k, t by q";
    return "s by (k, k2), t by (q, q2)";
  }

  void MakeDerives(PatternText* pattern) {
    const bool key = random_.Chance(40);
    static const Strings kOne = {"s by w", "s by w", "s by (k, w)", "s by (w, u)"};
    static const Strings kTwo = {"s by w, t by w", "s by k, t by w", "s by (w, k2), t by (w, q2)"};
    if (key) {
      used_.insert("derived key");
      pattern->from = random_.Pick(two_streams_ ? kTwo : kOne);
    }
    pattern->derives = derived_.Make(two_streams_ ? Strings{"s", "t"} : Strings{"s"}, key);
    windows_.SetDerived(derived_.numbers());
  }

  // ft0, and perhaps ft1 over it. They see the rule's streams, or one of them.
  void MakeFeatures(PatternText* pattern) {
    has_features_ = true;
    used_.insert("feature");
    std::string from = pattern->from;
    if (two_streams_ && random_.Chance(40)) from = from.substr(0, from.find(", t"));
    const bool both = from.find('t') != std::string::npos;
    pattern->features.push_back({.name = "ft0",
                                 .from = from,
                                 .value = windows_.Number({.two_streams = both, .typed = true})});
    if (!random_.Chance(40)) return;
    used_.insert("window of a feature");
    has_second_feature_ = true;
    static const Strings kValues = {"max(ft0 over 20ms)", "avg(ft0 over last 3 events)",
                                    "zscore(ft0 over 60ms)", "sum(ft0 over tumbling 20ms)",
                                    "count(event over 40ms where ft0 > 1)"};
    pattern->features.push_back({.name = "ft1", .from = from, .value = random_.Pick(kValues)});
  }

  std::string FeatureTest() {
    const std::string name = has_second_feature_ && random_.Chance(50) ? "ft1" : "ft0";
    static const Strings kOthers = {"d", "v", "0.5", "2", "5"};
    return name + Comparison() + random_.Pick(kOthers);
  }

  std::string WindowTest(bool typed) {
    if (has_features_ && random_.Chance(35)) return FeatureTest();
    return windows_.Condition({.two_streams = two_streams_, .typed = typed});
  }

  std::string MakeType() {
    if (one_type_) return random_.Chance(70) ? "A" : "event";
    static const Strings kOne = {"A", "A", "B", "B", "C", "D", "event"};
    static const Strings kTwo = {"A", "A", "B", "s.C", "D", "E", "t.C", "event"};
    return random_.Pick(two_streams_ ? kTwo : kOne);
  }

  std::string NewName() {
    static const Strings kNames = {"a", "b", "c", "g", "h", "i", "j",
                                   "l", "m", "o", "p", "r", "y", "z"};
    const std::size_t index = name_count_++;
    return index < kNames.size() ? kNames[index] : "n" + std::to_string(index);
  }

  StepText MakeStep(const std::string& name, bool repeated) {
    StepText step;
    step.name = name;
    step.type = MakeType();
    if (random_.Chance(use_by_ ? 70 : 4)) {
      if (!use_by_)
        step_by_ = random_.Pick(two_streams_ ? Strings{"u"} : Strings{"u", "u", "k2", "(u, k2)"});
      use_by_ = true;
      step.by = step_by_;
    }
    if (use_windows_ && random_.Chance(30)) {
      used_.insert("window in a step");
      step.condition = WindowTest(false);
      if (random_.Chance(60)) return step;
    } else {
      if (!random_.Chance(55)) return step;
      step.condition = EventTest();
    }
    if (!names_.empty() && random_.Chance(55)) step.condition = Joined(step.condition, NameTest());
    if (!name.empty() && repeated && random_.Chance(50)) {
      step.condition = Joined(step.condition, SelfTest(name));
    }
    return step;
  }

  // One of both, or both.
  std::string Joined(const std::string& a, const std::string& b) {
    const int kind = random_.Below(10);
    if (kind < 5) return b;
    if (kind < 8) return a + " and " + b;
    return "(" + a + " or " + b + ")";
  }

  std::string Digit() { return std::to_string(random_.Below(10)); }
  std::string Comparison() {
    static const Strings kComparisons = {"<", "<=", ">", ">=", "!=", "=="};
    return " " + random_.Pick(kComparisons) + " ";
  }

  // A test of the event alone; of fields that both streams have.
  std::string EventTest() {
    if (derived_.any() && random_.Chance(40)) return derived_.Condition();
    if (random_.Chance(12)) return FunctionTest();
    if (random_.Chance(8)) return LookupTest();
    switch (random_.Below(two_streams_ ? 11 : 14)) {
      case 0:
      case 1:
      case 2:
        return "v" + Comparison() + Digit();
      case 3:
        return "d" + Comparison() + Digit() + ".25";
      case 4:
        return "x" + Comparison() + Digit() + ".5";
      case 5:
        return "v between 2 and " + Digit();
      case 6:
        return "v in [" + Digit() + ", " + Digit() + ", " + Digit() + "]";
      case 7:
        return "not (v" + Comparison() + Digit() + ")";
      case 8:
        return "(u ?? 0)" + Comparison() + "1";
      case 9:
        return "v % 3" + Comparison() + "1";
      case 10:
        return "u is " + std::string(random_.Chance(50) ? "not " : "") + "null";
      case 11:
        return random_.Chance(50) ? "f" : "not f";
      case 12:
        return "n in [\"p\", \"q\"]";
      default:
        return "n like \"*p*\"";
    }
  }

  // A test of a row of the table.
  std::string LookupTest() {
    static const Strings kTests = {
        "v < lookup(caps, u).cap",         "lookup(caps, v).tag == \"p\"",
        "d > lookup(caps, v).rate",        "lookup(caps, u).tag is null",
        "lookup(caps, v % 3).cap >= v",    "(lookup(caps, u).rate ?? 3.0) < d",
        "lookup(caps, v).cap is not null", "not (lookup(caps, v).rate > 0)"};
    return random_.Pick(kTests);
  }

  // A test with arithmetic or a function.
  std::string FunctionTest() {
    static const Strings kBoth = {"v * 2 - 1 > d",         "d * d < 30",
                                  "d / 3 > 0.7",           "v / 2 >= x",
                                  "abs(v - 5) < 3",        "round(d) % 2 == 0",
                                  "floor(x) <= v",         "ceil(d) != 4",
                                  "coalesce(u, 7) == 7",   "least(v, d) < 3.5",
                                  "greatest(v, u, 2) > 4", "if(v > 4, d, x) < 6",
                                  "sqrt(v) < 2.5",         "-v + 9 >= d",
                                  "round(d * 1.5, 1) < 8", "v * d >= 12.5",
                                  "ts + 5ms > ts",         "d - x < 2",
                                  "hour(ts) == 0",         "(v + 1) % 4 < 2",
                                  "x * x - d <= 10",       "log(v + 1) < 1.9",
                                  "weekday(ts) == 4",      "v not in [1, 2, 3]",
                                  "v not between 3 and 6", "d == v",
                                  "round(x, -1) == 10",    "not (u == 1 or v > 6)"};
    static const Strings kOne = {"length(n) > 1",
                                 "contains(n, \"p\")",
                                 "upper(n) == \"P\"",
                                 "n matches /^[ap]/",
                                 "n ilike \"A*\"",
                                 "n like \"?\"",
                                 "lower(n) in [\"x\"]",
                                 "starts_with(n, \"ap\")",
                                 "levenshtein(n, \"q\") < 2",
                                 "f == (v > 4)",
                                 "concat(n, k2) != \"pp\"",
                                 "ends_with(n, \"p\")",
                                 "n matches /P/i",
                                 "n < \"q\"",
                                 "(n ?? \"z\") > \"p\""};
    return random_.Pick(two_streams_ || random_.Chance(50) ? kBoth : kOne);
  }

  // A test against events bound before.
  std::string NameTest() {
    const std::string& name = random_.Pick(names_);
    switch (random_.Below(16)) {
      case 0:
        return "v" + Comparison() + name + ".v";
      case 1:
        return "v" + Comparison() + "last(" + name + ").v";
      case 2:
        return "v >= first(" + name + ").v";
      case 3:
        return "v" + Comparison() + "(" + name + "[1].v ?? 4)";
      case 4:
        return "sum(" + name + ".v) + v < " + std::to_string(random_.Between(8, 25));
      case 5:
        return "d <= avg(" + name + ".d) + 2.5";
      case 6:
        return "count(" + name + ")" + Comparison() + std::to_string(random_.Between(0, 2));
      case 7:
        return "v >= min(" + name + ".v)";
      case 8:
        return "x <= max(" + name + ".x)";
      case 9:
        return "(stddev(" + name + ".v) ?? 0.0) < " + Digit() + ".5";
      case 10:
        return "distinct(" + name + ".v) <= 2";
      case 11:
        return "not (v in values(" + name + ".v))";
      case 12:
        return "ts - " + name + ".ts < " + random_.Pick(kWindows);
      case 13:
        return "ts >= last(" + name + ").ts + 5ms";
      case 14:
        if (derived_.any()) return "v >= (last(" + name + ").w ?? 2)";
        return name + ".v is null or v >= " + name + ".v";
      default:
        return "avg(" + name + ".x) <= x + 3";
    }
  }

  // A test of a repeated step against its own events, that holds while there is none.
  std::string SelfTest(const std::string& name) {
    switch (random_.Below(4)) {
      case 0:
        return "(count(" + name + ") == 0 or v >= last(" + name + ").v)";
      case 1:
        return "sum(" + name + ".v) + v <= " + std::to_string(random_.Between(9, 24));
      case 2:
        return "count(" + name + ") < " + std::to_string(random_.Between(1, 4));
      default:
        return "(first(" + name + ").ts is null or ts - first(" + name + ").ts < 30ms)";
    }
  }

  QuantifierText MakeQuantifier() {
    static const Strings kCounts = {"{2}", "{1,2}", "{2,}", "{0,2}", "+",    "+",
                                    "*",   "*",     "?",    "?",     "{1,}", "{2,3}"};
    QuantifierText quantifier;
    quantifier.count = random_.Pick(kCounts);
    const int contiguity = random_.Below(10);
    if (contiguity < 2) quantifier.contiguity = "consecutive";
    if (contiguity >= 2 && contiguity < 5) quantifier.contiguity = "combinations";
    quantifier.greedy = quantifier.contiguity != "combinations" && random_.Chance(40);
    return quantifier;
  }

  static bool Unbounded(const QuantifierText& quantifier) {
    return quantifier.count == "+" || quantifier.count == "*" || quantifier.count.ends_with(",}");
  }

  ElementText MakeElement(int depth) {
    ElementText element;
    const int kind = random_.Below(100);
    std::optional<QuantifierText> quantifier;
    if (random_.Chance(depth == 0 ? 55 : 45)) quantifier = MakeQuantifier();
    if (kind < 14 && depth < 2) {
      element.kind = Kind::kGroup;
      element.group = MakeSequence(random_.Between(1, 3), depth + 1);
    } else if (kind < 25) {
      MakeChoice(&element, quantifier.has_value());
    } else if (kind < 33) {
      MakeAll(&element);
      quantifier.reset();
    } else {
      const std::string name = random_.Chance(80) ? NewName() : "";
      element.steps.push_back(MakeStep(name, true));
      if (!name.empty()) names_.push_back(name);
    }
    if (quantifier && Unbounded(*quantifier) && random_.Chance(35)) quantifier->until = MakeUntil();
    element.quantifier = quantifier;
    return element;
  }

  void MakeChoice(ElementText* element, bool repeated) {
    element->kind = Kind::kChoice;
    if (random_.Chance(50)) element->name = NewName();
    Strings made;
    const int count = random_.Between(2, 3);
    for (int i = 0; i < count; ++i) {
      const std::string name = random_.Chance(60) ? NewName() : "";
      element->steps.push_back(MakeStep(name, repeated));
      if (!name.empty()) made.push_back(name);
    }
    if (!element->name.empty()) made.push_back(element->name);
    names_.insert(names_.end(), made.begin(), made.end());
  }

  void MakeAll(ElementText* element) {
    element->kind = Kind::kAll;
    const int count = random_.Between(2, 3);
    for (int i = 0; i < count; ++i) {
      const std::string name = random_.Chance(70) ? NewName() : "";
      element->steps.push_back(MakeStep(name, false));
      if (!name.empty()) names_.push_back(name);
    }
  }

  std::string MakeUntil() {
    if (!names_.empty() && random_.Chance(30)) return NameTest();
    if (random_.Chance(40))
      return "type == \"" + std::string(random_.Chance(50) ? "B" : "C") + "\"";
    return EventTest();
  }

  std::vector<ElementText> MakeSequence(int count, int depth) {
    std::vector<ElementText> elements;
    for (int i = 0; i < count; ++i) {
      ElementText element;
      const bool negated = i > 0 && random_.Chance(20);
      if (negated) {
        element.kind = Kind::kNot;
        const int steps = random_.Chance(30) ? 2 : 1;
        for (int j = 0; j < steps; ++j) element.steps.push_back(MakeStep("", false));
      } else {
        element = MakeElement(depth);
      }
      static const Strings kLinks = {"then", "then", "then", "then every", "next", "next"};
      element.link = random_.Pick(kLinks);
      if (negated && element.link == "then every") element.link = "then";
      const bool last = i + 1 == count && depth == 0;
      if ((!negated || last) && random_.Chance(20)) element.within = random_.Pick(kWindows);
      elements.push_back(std::move(element));
    }
    return elements;
  }

  static bool EndsWithNot(const std::vector<ElementText>& elements) {
    return elements.back().kind == Kind::kNot && elements.back().within.empty();
  }

  std::string MakeWhere() {
    if (use_windows_ && random_.Chance(70)) {
      used_.insert("window in where");
      return WindowTest(true);
    }
    if (names_.empty()) return "v > " + Digit();
    return random_.Chance(30) ? NameTest()
                              : "count(" + random_.Pick(names_) + ")" + Comparison() + "1";
  }

  std::string MakeSkip() {
    const int kind = random_.Below(10);
    if (kind < 2) return "";
    if (kind < 5) return "none";
    if (kind == 5) return "past last";
    if (kind == 6 || names_.empty()) return "to next";
    return std::string(kind == 7 || kind == 8 ? "to first " : "to last ") + random_.Pick(names_);
  }

  // A value for an alert field.
  std::string MakeOutput() {
    if (use_windows_ && random_.Chance(70)) {
      used_.insert("window in a field");
      if (has_features_ && random_.Chance(30)) return has_second_feature_ ? "ft1" : "ft0";
      return windows_.Value({.two_streams = two_streams_, .typed = true});
    }
    if (derived_.any() && random_.Chance(15)) return random_.Pick(derived_.numbers());
    if (names_.empty()) return random_.Chance(50) ? "v" : "d";
    const std::string& name = random_.Pick(names_);
    static const Strings kForms = {"count(#)",
                                   "sum(#.v)",
                                   "avg(#.d)",
                                   "min(#.x)",
                                   "max(#.v)",
                                   "stddev(#.d)",
                                   "sum(#.x)",
                                   "values(#.v)",
                                   "#.v",
                                   "first(#).x",
                                   "last(#).ts",
                                   "#[1].d",
                                   "avg(#.v)",
                                   "sum(#.d)",
                                   "distinct(#.d)",
                                   "avg(#.x)",
                                   "stddev(#.x)",
                                   "sum(#.d) / 3",
                                   "#.d * #.x",
                                   "round(avg(#.d), 2)",
                                   "last(#).ts - first(#).ts",
                                   "if(count(#) > 1, #.v, #.x)",
                                   "#.v ?? #.d",
                                   "(last(#).ts - first(#).ts) / 2"};
    std::string text = random_.Pick(kForms);
    for (std::size_t at = text.find('#'); at != std::string::npos; at = text.find('#')) {
      text.replace(at, 1, name);
    }
    return text;
  }

  Random random_;
  std::set<std::string> used_;
  WindowMaker windows_{&random_, &used_};
  DeriveMaker derived_{&random_, &used_};
  bool use_windows_ = false;
  bool has_features_ = false;
  bool has_second_feature_ = false;
  Strings names_;
  std::size_t name_count_ = 0;
  bool two_streams_ = false;
  bool one_type_ = false;
  bool use_by_ = false;
  std::string step_by_;
};

}  // namespace

PatternText MakePattern(std::uint64_t seed) { return PatternMaker(seed).Make(); }

}  // namespace shrike::oracle
