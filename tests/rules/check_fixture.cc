#include "tests/rules/check_fixture.h"

#include <utility>

namespace shrike::testing {
namespace {

Type TypeOf(std::string_view text) { return ParseType(text).value_or(Type{}); }

std::vector<FieldSchema> Fields(
    const std::vector<std::pair<std::string_view, std::string_view>>& rows) {
  std::vector<FieldSchema> fields;
  fields.reserve(rows.size());
  for (const auto& [name, type] : rows) fields.push_back({std::string(name), TypeOf(type)});
  return fields;
}

Catalog MakeCatalog() {
  StreamSchema payments;
  payments.name = "payments";
  payments.type_field = "type";
  payments.event_types = {"txn", "payout"};
  payments.fields = Fields({{"card", "string"},
                            {"account", "string"},
                            {"amount", "decimal"},
                            {"fee", "decimal(2)"},
                            {"status", "string"},
                            {"currency", "string"},
                            {"mcc", "int"},
                            {"weight", "float"},
                            {"tags", "list(string)"},
                            {"codes", "list(int)"},
                            {"ip", "ip"},
                            {"opened", "timestamp"},
                            {"wait", "duration"},
                            {"ok", "bool"},
                            {"device.os", "string"},
                            {"device.id", "int"}});
  StreamSchema logins;
  logins.name = "logins";
  logins.event_types = {"login"};
  logins.type_field = "";
  logins.fields = Fields({{"card", "string"},
                          {"user", "string"},
                          {"amount", "int"},
                          {"lat", "float"},
                          {"lon", "float"},
                          {"ip", "ip"},
                          {"number", "int"}});
  StreamSchema orders;
  orders.name = "orders";
  orders.type_field = "type";
  orders.event_types = {"txn", "refund"};
  orders.partitioned_by = {"card"};
  orders.fields = Fields({{"card", "string"}, {"shop", "string"}, {"amount", "decimal"}});
  return {{payments, logins, orders}};
}

}  // namespace

const Catalog& TestCatalog() {
  static const Catalog kCatalog = MakeCatalog();
  return kCatalog;
}

CheckedText CheckTexts(const std::vector<std::string>& texts, const Catalog& catalog,
                       const Limits& limits) {
  CheckedText result;
  std::vector<const rules::RuleFile*> files;
  for (const std::string& text : texts) {
    const std::string path = "rules" + std::to_string(files.size()) + ".yaml";
    result.files.push_back(
        std::make_unique<rules::RuleFile>(rules::ReadRuleFile(path, text, &result.diagnostics)));
    files.push_back(result.files.back().get());
  }
  result.set = rules::CheckRules(files, catalog, limits, &result.diagnostics);
  return result;
}

CheckedText CheckText(const std::string& text) { return CheckTexts({text}, TestCatalog()); }

std::string RuleText(std::string_view pattern, std::string_view more) {
  std::string text = "rules:\n  - id: a-rule\n    version: 1\n    pattern: |\n";
  while (!pattern.empty()) {
    const std::size_t end = pattern.find('\n');
    text += "      " + std::string(pattern.substr(0, end)) + "\n";
    pattern = end == std::string_view::npos ? "" : pattern.substr(end + 1);
  }
  return text + std::string(more);
}

std::string ConditionText(std::string_view condition) {
  return RuleText("from payments by card\ntxn[" + std::string(condition) + "]");
}

std::string Lines(const std::vector<Diagnostic>& diagnostics) {
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics) {
    lines += diagnostic.code + " " + std::to_string(diagnostic.line) + ":" +
             std::to_string(diagnostic.column) + "-" + std::to_string(diagnostic.end_line) + ":" +
             std::to_string(diagnostic.end_column) + " " + diagnostic.message;
    if (!diagnostic.suggestion.empty()) lines += " (" + diagnostic.suggestion + ")";
    lines += "\n";
  }
  return lines;
}

std::string Codes(const std::vector<Diagnostic>& diagnostics) {
  std::string codes;
  for (const Diagnostic& diagnostic : diagnostics) {
    codes += (codes.empty() ? "" : " ") + diagnostic.code;
  }
  return codes;
}

}  // namespace shrike::testing
