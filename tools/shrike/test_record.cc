#include "tools/shrike/test_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decimal.h"

namespace shrike::tools {
namespace {

using rules::TestValue;
using rules::TextNode;

bool IsNull(const TextNode& node) {
  return node.plain && (node.text.empty() || node.text == "~" || node.text == "null");
}

bool IsJsonNumber(std::string_view text) {
  // Enough places for any number; a decimal's own scale is the decoder's business.
  return ParseDecimal(text, kDecimalScaleMax).has_value() ||
         (!text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) &&
          text.find_first_not_of("0123456789+-.eE") == std::string_view::npos);
}

tl::unexpected<Error> WrongValue(std::string_view field, std::string_view text, Type type) {
  return Fail(ErrorCode::kRule,
              fmt::format("`{}` of field `{}` is no {}", text, field, FormatType(type)));
}

// A time as a record of the stream has it.
void AppendTime(TimestampMs ts, TimeUnit unit, std::string* out) {
  const auto append = [&](Int128 number) { out->append(FormatDecimal({number, 0})); };
  switch (unit) {
    case TimeUnit::kMs:
      return append(ts);
    case TimeUnit::kSeconds:
      out->append(FormatDecimal({ts, 3}));
      return;
    case TimeUnit::kMicros:
      return append(static_cast<Int128>(ts) * 1'000);
    case TimeUnit::kNanos:
      return append(static_cast<Int128>(ts) * 1'000'000);
    case TimeUnit::kRfc3339:
      AppendJsonString(FormatRfc3339(ts), out);
      return;
  }
}

class RecordWriter {
 public:
  explicit RecordWriter(const StreamSchema& stream) : stream_(stream) {}

  // Adds the fields of a mapping; nested mappings are paths.
  Result<void> AddFields(const TestValue& root) {
    struct Open {
      std::string prefix;
      const TestValue* map;
    };
    std::vector<Open> open = {{"", &root}};
    while (!open.empty()) {
      const Open map = open.back();
      open.pop_back();
      for (const auto& [name, value] : map.map->entries) {
        const std::string path = map.prefix + name.text;
        if (value.form == TestValue::Form::kMap) {
          open.push_back({path + ".", &value});
        } else {
          SHRIKE_TRY_VOID(AddField(path, value));
        }
      }
    }
    return {};
  }

  Result<void> AddField(const std::string& path, const TestValue& value) {
    if (path == stream_.time_field || path == stream_.type_field) {
      return Fail(ErrorCode::kRule,
                  fmt::format("field `{}` is set by the test itself: time with `after` or `at`, "
                              "the type by the event's name",
                              path));
    }
    const int index = stream_.FieldIndex(path);
    if (index < 0) {
      return Fail(ErrorCode::kRule,
                  fmt::format("stream `{}` has no field `{}`", stream_.name, path));
    }
    std::string json;
    SHRIKE_TRY_VOID(
        AppendValue(path, value, stream_.fields[static_cast<std::size_t>(index)].type, &json));
    AddJson(path, std::move(json));
    return {};
  }

  // Members of one object stand together: a record has each only once.
  void AddJson(std::string_view path, std::string json) {
    Node* node = &root_;
    while (true) {
      const std::size_t dot = path.find('.');
      const std::string_view name = path.substr(0, dot);
      auto child = std::find_if(node->children.begin(), node->children.end(),
                                [&](const Node& each) { return each.name == name; });
      if (child == node->children.end()) {
        node->children.push_back({std::string(name), "", {}});
        child = node->children.end() - 1;
      }
      node = &*child;
      if (dot == std::string_view::npos) {
        break;
      }
      path.remove_prefix(dot + 1);
    }
    node->json = std::move(json);
  }

  void Write(std::string* out) const { WriteNode(root_, out); }

 private:
  struct Node {
    std::string name;
    std::string json;  // of a leaf
    std::vector<Node> children;
  };

  // Depth is bounded: paths come from the configuration.
  static void WriteNode(const Node& node, std::string* out) {  // NOLINT(misc-no-recursion)
    if (node.children.empty() && !node.json.empty()) {
      out->append(node.json);
      return;
    }
    out->push_back('{');
    for (const Node& child : node.children) {
      if (&child != node.children.data()) {
        out->push_back(',');
      }
      AppendJsonString(child.name, out);
      out->push_back(':');
      WriteNode(child, out);
    }
    out->push_back('}');
  }

  Result<void> AppendValue(std::string_view field, const TestValue& value, Type type,
                           std::string* out) {
    if (value.form == TestValue::Form::kScalar) {
      return AppendScalar(field, value.scalar, type, out);
    }
    const Type element{type.element, type.scale, Kind::kNull};
    out->push_back('[');
    for (const TestValue& item : value.items) {
      if (item.form != TestValue::Form::kScalar) {
        return WrongValue(field, FormatTestValue(item), element);
      }
      if (&item != value.items.data()) {
        out->push_back(',');
      }
      SHRIKE_TRY_VOID(AppendScalar(field, item.scalar, element, out));
    }
    out->push_back(']');
    return {};
  }

  Result<void> AppendScalar(std::string_view field, const TextNode& node, Type type,
                            std::string* out) {
    if (IsNull(node)) {
      out->append("null");
      return {};
    }
    switch (type.kind) {
      case Kind::kString:
      case Kind::kIp:
        AppendJsonString(node.text, out);
        return {};
      case Kind::kTimestamp:
        if (const auto ts = ParseRfc3339(node.text)) {
          AppendTime(*ts, stream_.time_unit, out);
          return {};
        }
        break;
      case Kind::kDuration:
        if (const auto duration = ParseDuration(node.text)) {
          out->append(std::to_string(*duration));
          return {};
        }
        break;
      default:
        break;
    }
    const bool fits = type.kind == Kind::kBool
                          ? node.text == "true" || node.text == "false"
                          : type.kind != Kind::kList && IsJsonNumber(node.text);
    if (!node.plain) {
      AppendJsonString(node.text, out);
      return {};
    }
    if (!fits) {
      return WrongValue(field, node.text, type);
    }
    out->append(node.text);
    return {};
  }

  const StreamSchema& stream_;
  Node root_;
};

std::optional<double> ParseDouble(std::string_view text) {
  double number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

bool SameNumber(std::string_view text, Decimal actual) {
  const auto expected = ParseDecimal(text, kDecimalScaleMax);
  return expected && CompareDecimal(*expected, actual) == 0;
}

bool SameScalar(const TextNode& expected, const Value& actual) {
  const std::string& text = expected.text;
  switch (actual.kind()) {
    case Kind::kNull:
      return IsNull(expected);
    case Kind::kBool:
      return text == (actual.boolean() ? "true" : "false");
    case Kind::kInt:
      return SameNumber(text, {actual.int64(), 0});
    case Kind::kDecimal:
      return SameNumber(text, actual.decimal());
    case Kind::kFloat: {
      const auto number = ParseDouble(text);
      return number && std::abs(*number - actual.float64()) <=
                           1e-9 * std::max(std::abs(*number), std::abs(actual.float64()));
    }
    case Kind::kString:
      return text == actual.string();
    case Kind::kTimestamp:
      return ParseRfc3339(text) == actual.int64() || SameNumber(text, {actual.int64(), 0});
    case Kind::kDuration:
      return ParseDuration(text) == actual.int64() || SameNumber(text, {actual.int64(), 0});
    case Kind::kIp: {
      const auto ip = ParseIp(text);
      return ip && *ip == actual.ip();
    }
    case Kind::kList:
      return false;
  }
  return false;
}

}  // namespace

Result<void> AppendTestRecord(const TestTarget& target, TimestampMs ts, const TestValue& fields,
                              std::string* out) {
  const StreamSchema& stream = *target.stream;
  RecordWriter writer(stream);
  if (!stream.time_field.empty()) {
    std::string time;
    AppendTime(ts, stream.time_unit, &time);
    writer.AddJson(stream.time_field, std::move(time));
  }
  if (!stream.type_field.empty()) {
    std::string type;
    AppendJsonString(target.event_type, &type);
    writer.AddJson(stream.type_field, std::move(type));
  }
  SHRIKE_TRY_VOID(writer.AddFields(fields));
  writer.Write(out);
  return {};
}

bool SameAsExpected(const TestValue& expected, const Value& actual) {
  if (expected.form == TestValue::Form::kScalar) {
    return SameScalar(expected.scalar, actual);
  }
  if (expected.form != TestValue::Form::kList || actual.kind() != Kind::kList ||
      expected.items.size() != actual.list_size()) {
    return false;
  }
  for (std::size_t index = 0; index < actual.list_size(); ++index) {
    const TestValue& item = expected.items[index];
    if (item.form != TestValue::Form::kScalar ||
        !SameScalar(item.scalar, actual.list_items()[index])) {
      return false;
    }
  }
  return true;
}

// Depth is bounded by the YAML guard (kNestingMax).
std::string FormatTestValue(const TestValue& value) {  // NOLINT(misc-no-recursion)
  if (value.form == TestValue::Form::kScalar) {
    return IsNull(value.scalar) ? "null" : value.scalar.text;
  }
  std::string text = value.form == TestValue::Form::kList ? "[" : "{";
  for (const TestValue& item : value.items) {
    text += (text.size() > 1 ? ", " : "") + FormatTestValue(item);
  }
  for (const auto& [name, item] : value.entries) {
    text += (text.size() > 1 ? ", " : "") + name.text + ": " + FormatTestValue(item);
  }
  return text + (value.form == TestValue::Form::kList ? "]" : "}");
}

}  // namespace shrike::tools
