// The walk: from a bound event, go right through the pattern until the next step that can bind one. On the way a path
// collects NOTs, link bounds and counter steps; it forks where an element may be skipped or a loop may be repeated.
// A group that is entered and left on one path has bound nothing: its link does not count, and it is the loop's last
// repetition (language.md, 5.6).
//
// Tested by: tests/nfa/program_test.cc.
#include "nfa/graph.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/limits.h"

namespace shrike::nfa {
namespace {

// One element of the pattern, in a flat array; element 0 is a group for the whole sequence.
struct Element {
  const ElementSpec* spec = nullptr;
  int parent = -1;
  int index = 0;  // in the parent's children
  std::vector<int> children;
  bool nullable = false;     // may bind nothing
  int node = -1;             // kStep, kChoice, kAll
  int until = -1;            // Graph::untils
  std::uint64_t greedy = 0;  // its bit, or 0
  std::uint8_t shift = 0;
  std::uint8_t width = 0;
};

struct Path {
  LinkKind link = LinkKind::kThen;
  DurationMs within = kNoBound;
  std::vector<Guard> guards;
  std::vector<CounterStep> counters;
  std::vector<int> repeated;  // elements whose loop is repeated on this path
  std::uint64_t enters = 0;   // Branch::enters, but also of groups around it; leaves, passes
  std::uint64_t leaves = 0;
  std::uint64_t passes = 0;
  // Groups entered on this path, outermost first, with what to restore if they turn out to bind nothing.
  struct Entered {
    int element;
    bool repeat;
    bool may_be_empty;
    DurationMs within;
    std::size_t counters;
    std::size_t repeated;
  };
  std::vector<Entered> entered;
};

class Builder {
 public:
  Result<Graph> Build(const RuleSpec& rule) {
    root_spec_.kind = ElementSpec::Kind::kGroup;
    elements_.push_back({&root_spec_, -1, 0, {}, false, -1, -1, 0, 0, 0});
    AddChildren(0, rule.elements);
    NumberGreedyLoops();
    if (!AssignCounters(0, 0)) {
      return Fail(
          ErrorCode::kRule,
          "the pattern nests repetitions too deeply: their counters need more than 64 bits");
    }
    out_ = &graph_.start;
    ContinueSequence(0, 0, {});
    for (std::size_t e = 0; e < elements_.size(); ++e) {
      if (elements_[e].node >= 0) BuildNode(static_cast<int>(e));
    }
    if (too_wide_) {
      return Fail(ErrorCode::kRule, "a step of the pattern can go on in more than " +
                                        std::to_string(kBranchesPerNodeMax) +
                                        " ways: write fewer optional steps in a row");
    }
    return std::move(graph_);
  }

 private:
  static std::int64_t Min(const ElementSpec& spec) {
    return spec.quantifier ? spec.quantifier->min : 1;
  }
  static std::int64_t Max(const ElementSpec& spec) {
    return spec.quantifier ? spec.quantifier->max : 1;
  }

  void AddChildren(int parent, const std::vector<ElementSpec>& specs) {
    for (const ElementSpec& spec : specs) {
      const int self = static_cast<int>(elements_.size());
      const int index = static_cast<int>(elements_[Index(parent)].children.size());
      elements_.push_back({&spec, parent, index, {}, false, -1, -1, 0, 0, 0});
      elements_[Index(parent)].children.push_back(self);
      if (spec.kind == ElementSpec::Kind::kGroup) {
        AddChildren(self, spec.group);
      } else if (spec.kind != ElementSpec::Kind::kNot) {
        AddNode(self);
      }
      Element& element = elements_[Index(self)];
      if (spec.quantifier && spec.quantifier->until) {
        element.until = static_cast<int>(graph_.untils.size());
        graph_.untils.push_back(&*spec.quantifier->until);
      }
      element.nullable = spec.kind == ElementSpec::Kind::kNot || Min(spec) == 0 ||
                         (spec.kind == ElementSpec::Kind::kGroup && BodyNullable(element));
    }
  }

  void AddNode(int element) {
    const ElementSpec& spec = *elements_[Index(element)].spec;
    Node node;
    node.kind = spec.kind == ElementSpec::Kind::kChoice ? Node::Kind::kChoice
                : spec.kind == ElementSpec::Kind::kAll  ? Node::Kind::kAll
                                                        : Node::Kind::kStep;
    node.steps = spec.steps;
    elements_[Index(element)].node = static_cast<int>(graph_.nodes.size());
    graph_.nodes.push_back(std::move(node));
  }

  bool BodyNullable(const Element& group) const {
    return std::all_of(group.children.begin(), group.children.end(),
                       [&](int child) { return elements_[Index(child)].nullable; });
  }

  void NumberGreedyLoops() {
    int greedy = 0;
    for (Element& element : elements_) {
      if (element.spec->quantifier && element.spec->quantifier->greedy) {
        element.greedy = greedy < 64 ? std::uint64_t{1} << greedy : 0;
        ++greedy;
      }
    }
    too_wide_ = too_wide_ || greedy > 64;
  }

  // Lays the counters of nested loops side by side; siblings share bits. Returns false if 64 are not enough.
  bool AssignCounters(int e, int shift) {
    Element& element = elements_[Index(e)];
    if (e != 0 && element.spec->quantifier) {
      const std::int64_t repetitions = Max(*element.spec) < 0
                                           ? std::max<std::int64_t>(Min(*element.spec), 1)
                                           : Max(*element.spec);
      element.width = static_cast<std::uint8_t>(
          std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>(repetitions - 1, 0))));
      element.shift = static_cast<std::uint8_t>(shift);
      shift += element.width;
    }
    if (element.spec->kind == ElementSpec::Kind::kAll) {
      graph_.nodes[Index(element.node)].mask_shift = static_cast<std::uint8_t>(shift);
      shift += static_cast<int>(element.spec->steps.size());
    }
    if (shift > 64) return false;
    return std::all_of(element.children.begin(), element.children.end(),
                       [&](int child) { return AssignCounters(child, shift); });
  }

  void BuildNode(int e) {
    const int node = elements_[Index(e)].node;
    std::vector<Branch> branches;
    out_ = &branches;
    AfterRepetition(e, {});
    graph_.nodes[Index(node)].branches = std::move(branches);
    if (graph_.nodes[Index(node)].kind == Node::Kind::kAll) {
      std::vector<Branch> rest;
      out_ = &rest;
      AddBranch(e, {});
      graph_.nodes[Index(node)].rest = std::move(rest);
    }
  }

  // One repetition of e is complete.
  void AfterRepetition(int e, Path path) {
    const Element& element = elements_[Index(e)];
    if (!path.entered.empty() && path.entered.back().element == e) {
      if (path.entered.back().may_be_empty) AfterEmptyRepetition(e, std::move(path));
      return;
    }
    if (element.spec->quantifier) {
      Path repeat = path;
      Repeat(e, std::move(repeat));
      path.counters.push_back(Counter(e, CounterStep::Kind::kExit));
      path.leaves |= element.greedy;
    }
    ContinueSequence(element.parent, element.index + 1, std::move(path));
  }

  void AfterEmptyRepetition(int e, Path path) {
    const Element& element = elements_[Index(e)];
    const Path::Entered entered = path.entered.back();
    path.entered.pop_back();
    path.within = entered.within;
    path.counters.resize(entered.counters);
    path.repeated.resize(entered.repeated);
    if (entered.repeat) path.counters.push_back(Counter(e, CounterStep::Kind::kExitEmptyRest));
    path.enters &= ~element.greedy;
    (entered.repeat ? path.leaves : path.passes) |= element.greedy;
    ContinueSequence(element.parent, element.index + 1, std::move(path));
  }

  void Repeat(int e, Path path) {
    const Element& element = elements_[Index(e)];
    if (Max(*element.spec) == 1) return;
    switch (element.spec->quantifier->contiguity) {
      case Contiguity::kRelaxed:
        path.link = LinkKind::kThen;
        break;
      case Contiguity::kConsecutive:
        path.link = LinkKind::kNext;
        break;
      case Contiguity::kCombinations:
        path.link = LinkKind::kThenEvery;
        break;
    }
    const Path::Entered entered{
        e, true, Min(*element.spec) > 1, path.within, path.counters.size(), path.repeated.size()};
    path.counters.push_back(Counter(e, CounterStep::Kind::kRepeat));
    path.repeated.push_back(e);
    if (element.spec->link.within) path.within = std::min(path.within, *element.spec->link.within);
    EnterBody(e, std::move(path), entered);
  }

  CounterStep Counter(int e, CounterStep::Kind kind) const {
    const Element& element = elements_[Index(e)];
    CounterStep step;
    step.kind = kind;
    step.shift = element.shift;
    step.width = element.width;
    if (kind == CounterStep::Kind::kRepeat) {
      step.limit = Max(*element.spec) < 0 ? -1 : Max(*element.spec) - 1;
      step.saturation = std::max<std::int64_t>(Min(*element.spec) - 1, 0);
    } else {
      step.limit = Min(*element.spec) - 1;
    }
    return step;
  }

  // Goes on at child `i` of the group `parent`.
  void ContinueSequence(int parent, int i, Path path) {
    if (too_wide_) return;
    const Element& group = elements_[Index(parent)];
    if (Index(i) == group.children.size()) {
      if (parent == 0) {
        AddEnd(std::move(path));
      } else {
        AfterRepetition(parent, std::move(path));
      }
      return;
    }
    const int child = group.children[Index(i)];
    const ElementSpec& spec = *elements_[Index(child)].spec;
    if (spec.kind == ElementSpec::Kind::kNot) {
      path.guards.push_back(
          {spec.link.kind == LinkKind::kNext, spec.steps, spec.link.within.value_or(kNoBound)});
      ContinueSequence(parent, i + 1, std::move(path));
      return;
    }
    Path enter = path;
    // An optional group is passed by skipping it; to bind nothing inside would be the same with more NOTs.
    const Path::Entered entered{
        child, false, Min(spec) > 0, path.within, path.counters.size(), path.repeated.size()};
    enter.enters |= elements_[Index(child)].greedy;
    if (i > 0) enter.link = spec.link.kind;
    if (spec.link.within) enter.within = std::min(enter.within, *spec.link.within);
    EnterBody(child, std::move(enter), entered);
    if (Min(spec) == 0) {
      path.passes |= elements_[Index(child)].greedy;
      ContinueSequence(parent, i + 1, std::move(path));
    }
  }

  void EnterBody(int e, Path path, Path::Entered entered) {
    const Element& element = elements_[Index(e)];
    if (element.spec->kind != ElementSpec::Kind::kGroup) {
      AddBranch(e, std::move(path));
      return;
    }
    path.entered.push_back(entered);
    ContinueSequence(e, 0, std::move(path));
  }

  void AddBranch(int e, Path path) {
    Branch branch;
    branch.target = elements_[Index(e)].node;
    branch.link = path.link;
    branch.within = path.within;
    branch.guards = std::move(path.guards);
    for (Guard& guard : branch.guards) guard.within = kNoBound;
    branch.counters = std::move(path.counters);
    branch.leaves = path.leaves;
    branch.passes = path.passes;
    for (int at = e; at > 0; at = elements_[Index(at)].parent) {
      const Element& around = elements_[Index(at)];
      branch.inside |= around.greedy;
      branch.enters |= around.greedy & path.enters;
      if (around.until < 0) continue;
      branch.untils.push_back(around.until);
      if (std::find(path.repeated.begin(), path.repeated.end(), at) != path.repeated.end()) {
        branch.repeat_untils.push_back(around.until);
      }
    }
    Push(std::move(branch));
  }

  void AddEnd(Path path) {
    Branch branch;
    branch.target = kEndNode;
    branch.guards = std::move(path.guards);
    branch.counters = std::move(path.counters);
    branch.leaves = path.leaves;
    branch.passes = path.passes;
    Push(std::move(branch));
  }

  void Push(Branch branch) {
    if (out_->size() >= static_cast<std::size_t>(kBranchesPerNodeMax)) {
      too_wide_ = true;
      return;
    }
    out_->push_back(std::move(branch));
  }

  static std::size_t Index(int i) { return static_cast<std::size_t>(i); }

  ElementSpec root_spec_;
  std::vector<Element> elements_;
  Graph graph_;
  std::vector<Branch>* out_ = nullptr;
  bool too_wide_ = false;
};

}  // namespace

Result<Graph> BuildGraph(const RuleSpec& rule) { return Builder().Build(rule); }

}  // namespace shrike::nfa
