// Any bytes as a rule file: no crash, every diagnostic has a place inside the file, what is good compiles, and fmt is
// stable.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/limits.h"
#include "base/schema.h"
#include "nfa/program.h"
#include "rules/checker.h"
#include "rules/format.h"
#include "rules/rule_file.h"

namespace shrike::rules {
namespace {

// The stream of the kept corpus: payments with txn, payout and login.
Catalog FuzzCatalog() {
  Catalog catalog;
  StreamSchema payments;
  payments.name = "payments";
  payments.topics = {"payments"};
  payments.event_types = {"txn", "payout", "login"};
  payments.type_field = "type";
  payments.time_field = "ts";
  payments.partitioned_by = {"card"};
  payments.fields = {
      {"card", {Kind::kString, 0, Kind::kNull}},      {"user", {Kind::kString, 0, Kind::kNull}},
      {"status", {Kind::kString, 0, Kind::kNull}},    {"amount", {Kind::kDecimal, 2, Kind::kNull}},
      {"mcc", {Kind::kInt, 0, Kind::kNull}},          {"lat", {Kind::kFloat, 0, Kind::kNull}},
      {"lon", {Kind::kFloat, 0, Kind::kNull}},        {"ip", {Kind::kIp, 0, Kind::kNull}},
      {"tags", {Kind::kList, 0, Kind::kString}},      {"ok", {Kind::kBool, 0, Kind::kNull}},
      {"device.os", {Kind::kString, 0, Kind::kNull}}, {"since", {Kind::kTimestamp, 0, Kind::kNull}},
      {"type", {Kind::kString, 0, Kind::kNull}}};
  catalog.streams.push_back(std::move(payments));
  return catalog;
}

void CheckPlaces(const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& d : diagnostics) {
    SHRIKE_CHECK(!d.code.empty() && !d.message.empty());
    SHRIKE_CHECK(d.line >= 0 && d.column >= 0);
    SHRIKE_CHECK(d.end_line >= d.line || d.line == 0);
  }
}

void FuzzRuleFile(std::string_view text) {
  static const Catalog catalog = FuzzCatalog();
  std::vector<Diagnostic> diagnostics;
  const RuleFile file = ReadRuleFile("fuzz.yaml", std::string(text), &diagnostics);
  CheckedRuleSet checked = CheckRules({&file}, catalog, Limits(), &diagnostics);
  CheckPlaces(diagnostics);
  SHRIKE_CHECK(checked.origin.size() == checked.spec.rules.size());
  const Result<std::shared_ptr<const nfa::Program>> program =
      nfa::Program::Build(std::move(checked.spec), catalog, Limits());
  SHRIKE_CHECK(program.has_value() || program.error().code == ErrorCode::kRule);

  std::vector<Diagnostic> ignored;
  const std::string once = FormatRuleFile("fuzz.yaml", text, &ignored);
  SHRIKE_CHECK(FormatRuleFile("fuzz.yaml", once, &ignored) == once);
}

}  // namespace
}  // namespace shrike::rules

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  shrike::rules::FuzzRuleFile({reinterpret_cast<const char*>(data), size});
  return 0;
}
