// Records: registers after each event, kept fields, and the same after they moved to another arena.
#include "nfa/record.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "nfa/plan.h"
#include "nfa/program_data.h"
#include "tests/nfa/program_fixture.h"
#include "tests/oracle/event_table.h"

namespace shrike::nfa {
namespace {

std::string Registers(const RecordView& view, const RecordLayout& layout) {
  std::string out;
  for (std::size_t i = 0; i < layout.registers.size(); ++i) {
    const RegisterKind kind = layout.registers[i].kind;
    const bool sum = kind == RegisterKind::kSumInt || kind == RegisterKind::kSumDecimal ||
                     kind == RegisterKind::kSumFloat;
    const int reg = static_cast<int>(i);
    if (i > 0) out += " ";
    AppendText(sum ? view.Sum(reg) : view.Load(reg), &out);
  }
  return out;
}

TEST_CASE("registers hold what is known after each event") {
  const auto program =
      BuildProgram(RuleText("r",
                            "from s\na: A{1,9} then b: B[v > sum(a.v) + count(a) + a[1].v + "
                            "first(a).v + last(a).v + min(a.v) + max(a.v)]\nwithin 1m"));
  const RecordLayout& layout = program->data().rules[0].layout;
  const oracle::EventTable table(TestCatalog(), program->layout(),
                                 ParseEvents("A5@0 A@1 A-3@2 B9@3"));
  Arena arena;
  RecordId last = kNoRecord;
  RecordId first = kNoRecord;
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < 4; ++i) {
    last = AppendRecord(layout, {last, i == 3 ? 1 : 0, &table.events()[i], {}}, &arena);
    if (i == 0) first = last;
    seen.push_back(Registers(RecordView(arena, layout, {last, first}), layout));
  }
  // sum, count, a[1], first, last, min, max; registers stand in the order of first mention.
  CHECK(seen[0] == "5 1 null 5 5 5 5");
  CHECK(seen[1] == "5 2 null 5 null 5 5");
  CHECK(seen[2] == "2 3 null 5 -3 -3 5");
  CHECK(seen[3] == seen[2]);
  const RecordView view(arena, layout, {last, first});
  CHECK(view.count() == 4);
  CHECK(view.step() == 1);
  CHECK(view.order().ts == 3);
  CHECK(view.First().order().ts == 0);

  // Moved with its chain, everything is the same.
  Arena other;
  std::vector<RecordId> chain;
  for (RecordId id = last; id != kNoRecord; id = view.At(id).previous())
    chain.insert(chain.begin(), id);
  RecordId copy = kNoRecord;
  RecordId copied_first = kNoRecord;
  for (const RecordId id : chain) {
    copy = CopyRecord(view.At(id), copy, &other);
    if (copied_first == kNoRecord) copied_first = copy;
  }
  CHECK(Registers(RecordView(other, layout, {copy, copied_first}), layout) == seen[3]);
  CHECK(RecordView(other, layout, {copy, copied_first}).count() == 4);
}

TEST_CASE("texts live in the arena and are shared by a chain") {
  const auto program = BuildProgram(
      RuleText("r", "from s\na: A{1,9} then b: B[u == first(a).u and u != last(a).u]\nwithin 1m"));
  const RecordLayout& layout = program->data().rules[0].layout;
  const std::string longer(100, 'x');
  const oracle::EventTable table(TestCatalog(), program->layout(),
                                 ParseEvents("A1:k:" + longer + "@0 A1:k:b@1 A1:k:c@2"));
  Arena arena;
  RecordId last = kNoRecord;
  RecordId first = kNoRecord;
  for (const Event& event : table.events()) {
    last = AppendRecord(layout, {last, 0, &event, {}}, &arena);
    if (first == kNoRecord) first = last;
  }
  CHECK(Registers(RecordView(arena, layout, {last, first}), layout) == "3 " + longer + " c");
  Arena other;
  std::vector<RecordId> chain;
  const RecordView view(arena, layout, {last, first});
  for (RecordId id = last; id != kNoRecord; id = view.At(id).previous())
    chain.insert(chain.begin(), id);
  RecordId copy = kNoRecord;
  RecordId copied_first = kNoRecord;
  for (const RecordId id : chain) {
    copy = CopyRecord(view.At(id), copy, &other);
    if (copied_first == kNoRecord) copied_first = copy;
  }
  CHECK(Registers(RecordView(other, layout, {copy, copied_first}), layout) == "3 " + longer + " c");
  CHECK(other.size() <= arena.size());
}

TEST_CASE("a match marks its whole chain") {
  const auto program = BuildProgram(RuleText("r", "from s\na: A{1,9}\nwithin 1m"));
  const RecordLayout& layout = program->data().rules[0].layout;
  const oracle::EventTable table(TestCatalog(), program->layout(), ParseEvents("A@0 A@1 A@2"));
  Arena arena;
  const RecordId first = AppendRecord(layout, {kNoRecord, 0, &table.events()[0], {}}, &arena);
  const RecordId second = AppendRecord(layout, {first, 0, &table.events()[1], {}}, &arena);
  const RecordId third = AppendRecord(layout, {second, 0, &table.events()[2], {}}, &arena);
  MarkMatched(second, &arena);
  CHECK(RecordView(arena, layout, {first, first}).matched());
  CHECK(RecordView(arena, layout, {second, first}).matched());
  CHECK_FALSE(RecordView(arena, layout, {third, first}).matched());
}

TEST_CASE("a chain that begins in the middle of another reads as if it began there") {
  const auto program = BuildProgram(RuleText(
      "r",
      "from s\na: A{2,9} then b: B[v > sum(a.v) + count(a) + avg(a.v) + first(a).v]\nwithin 1m"));
  const RecordLayout& layout = program->data().rules[0].layout;
  REQUIRE(layout.shares_loops);
  const oracle::EventTable table(TestCatalog(), program->layout(),
                                 ParseEvents("A5@0 A@1 A-3@2 A7@3 B9@4"));
  std::vector<Arena> arenas(2);
  std::vector<RecordId> shared;
  RecordId last = kNoRecord;
  for (std::size_t i = 0; i < 5; ++i) {
    last = AppendRecord(layout, {last, i == 4 ? 1 : 0, &table.events()[i], {}}, &arenas[0]);
    CHECK(MayBegin(last, arenas[0]) == (i < 4));
    shared.push_back(last);
  }
  for (std::size_t begin = 0; begin < 4; ++begin) {
    RecordId alone = kNoRecord;
    RecordId first = kNoRecord;
    for (std::size_t i = begin; i < 5; ++i) {
      alone = AppendRecord(layout, {alone, i == 4 ? 1 : 0, &table.events()[i], {}}, &arenas[1]);
      if (first == kNoRecord) first = alone;
      const RecordView middle(arenas[0], layout, {shared[i], shared[begin]});
      const RecordView own(arenas[1], layout, {alone, first});
      CHECK(Registers(middle, layout) == Registers(own, layout));
      CHECK(middle.count() == own.count());
      CHECK(middle.First().order() == own.First().order());
    }
  }
}

TEST_CASE("what cannot be read as a difference keeps the chains apart") {
  const auto shares = [](const std::string& pattern) {
    return BuildProgram(RuleText("r", pattern))->data().rules[0].layout.shares_loops;
  };
  CHECK(shares("from s\na: A{2,9} then B[v > max(a.v)]\nwithin 1m") == false);
  CHECK(shares("from s\na: A{2,9} then B[v > a[1].v]\nwithin 1m") == false);
  CHECK(shares("from s by k\na: A by u {2,9} then B by u\nwithin 1m") == false);
  CHECK(shares("from s\nA then b: B{2,9}\nwithin 1m") == false);
  CHECK(shares("from s\na: A{2,9} then B[v > avg(a.v) and last(a).v > 1]\nwithin 1m"));
}

}  // namespace
}  // namespace shrike::nfa
