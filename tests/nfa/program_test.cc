// The compiled form as text: graphs, shared predicates, key groups; and what Build refuses.
#include "nfa/program.h"

#include <doctest/doctest.h>

#include <string>

#include "nfa/program_data.h"
#include "tests/nfa/program_fixture.h"

namespace shrike::nfa {
namespace {

std::string GraphOf(const std::string& pattern) {
  const auto program = BuildProgram(RuleText("r", pattern, "    unbounded: accept\n"));
  return DumpGraph(program->rules()[0], program->data().rules[0].graph);
}

TEST_CASE("a sequence is a line of nodes") {
  CHECK(GraphOf("from s\na: A then b: B next c: C\nwithin 1m") ==
        "  start\n"
        "    then a (0)\n"
        "  node 0 a\n"
        "    then b (1)\n"
        "  node 1 b\n"
        "    next c (2)\n"
        "  node 2 c\n"
        "    end\n");
}

TEST_CASE("loops repeat and exit, optional steps are passed, NOTs guard the ways that pass them") {
  CHECK(GraphOf("from s\na: A{2,3} then within 5s b: B? then not X then every c: C\nwithin 1m") ==
        "  start\n"
        "    then a (0)\n"
        "  node 0 a\n"
        "    then a (0), repeat below 3\n"
        "    then b (1) within 5s, from 2\n"
        "    then not X, then every c (2), from 2\n"
        "  node 1 b\n"
        "    then not X, then every c (2)\n"
        "  node 2 c\n"
        "    end\n");
}

TEST_CASE("a group's link holds for its first step, its own rule between repetitions") {
  CHECK(GraphOf("from s\na: A next within 5s (b: B then c: C)+ combinations\nwithin 1m") ==
        "  start\n"
        "    then a (0)\n"
        "  node 0 a\n"
        "    next b (1) within 5s\n"
        "  node 1 b\n"
        "    then c (2)\n"
        "  node 2 c\n"
        "    then every b (1) within 5s, repeat\n"
        "    end\n");
}

TEST_CASE("a repetition that binds nothing is the last and fills the minimum") {
  CHECK(GraphOf("from s\na: A then (b: B? then c: C?){2,} then d: D\nwithin 1m") ==
        "  start\n"
        "    then a (0)\n"
        "  node 0 a\n"
        "    then b (1)\n"
        "    then c (2)\n"
        "    then d (3)\n"
        "  node 1 b\n"
        "    then c (2)\n"
        "    then b (1), repeat\n"
        "    then c (2), repeat\n"
        "    then d (3), empty rest below 2\n"
        "    then d (3), from 2\n"
        "  node 2 c\n"
        "    then b (1), repeat\n"
        "    then c (2), repeat\n"
        "    then d (3), empty rest below 2\n"
        "    then d (3), from 2\n"
        "  node 3 d\n"
        "    end\n");
}

TEST_CASE("all and choice are one node each") {
  CHECK(GraphOf("from s\nall(a: A, b: B) then (c: C or d: D)\nwithin 1m") ==
        "  start\n"
        "    then a|b (0)\n"
        "  node 0 all a|b\n"
        "    then a|b (0)\n"
        "    then c|d (1)\n"
        "  node 1 c|d\n"
        "    end\n");
}

TEST_CASE("rules share predicates whatever the order of their conjuncts") {
  const auto program =
      BuildProgram(RuleText("r1", "from s by k\nA[v > 5 and u == \"x\"] then B\nwithin 1m") +
                   RuleText("r2", "from s by k\nA[u == \"x\" and v > 5] then C\nwithin 2m") +
                   RuleText("r3", "from s\nA[v > 6]"));
  const ProgramData& data = program->data();
  CHECK(program->group_count() == 2);
  CHECK(data.rules[0].group == data.rules[1].group);
  CHECK(data.rules[0].steps[0].condition.predicate == data.rules[1].steps[0].condition.predicate);
  CHECK(data.rules[0].steps[0].condition.predicate != data.rules[2].steps[0].condition.predicate);
  CHECK(data.predicates.size() == 4);
  CHECK(program->Dump().find("predicate 0 s.A [v > 5 and u == \"x\"], rules 2\n") !=
        std::string::npos);
}

TEST_CASE("conditions split into the event's part and the rest") {
  const auto program = BuildProgram(
      RuleText("r", "from s\na: A then b: B[v > a.v and u == \"x\" and v < 9]\nwithin 1m"));
  const CompiledStep& b = program->data().rules[0].steps[1];
  CHECK_FALSE(b.condition.rest.empty());
  CHECK(program->data().predicates[static_cast<std::size_t>(b.condition.predicate)].shown ==
        "s.B [u == \"x\" and v < 9]");
}

TEST_CASE("a pattern that is too wide is refused with a sentence") {
  RuleSetSpec spec = BuildProgram(RuleText("r", "from s\nA then B\nwithin 1m"))->data().spec;
  ElementSpec optional = spec.rules[0].elements[1];
  optional.quantifier = QuantifierSpec{
      .min = 0, .max = 1, .contiguity = Contiguity::kRelaxed, .greedy = false, .until = {}};
  for (int i = 0; i < 70; ++i) spec.rules[0].elements.push_back(optional);
  const Result<std::shared_ptr<const Program>> program =
      Program::Build(std::move(spec), TestCatalog(), Limits());
  REQUIRE_FALSE(program.has_value());
  CHECK(program.error().code == ErrorCode::kRule);
  CHECK(program.error().message.find(
            "rule r: a step of the pattern can go on in more than 64 ways") == 0);
}

}  // namespace
}  // namespace shrike::nfa
