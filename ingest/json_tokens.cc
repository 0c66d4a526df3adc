#include "ingest/json_tokens.h"

#include <simdjson.h>

#include "base/check.h"
#include "base/limits.h"

namespace shrike::ingest {

struct JsonTokens::Stage {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

JsonTokens::JsonTokens() : stage_(std::make_unique<Stage>()) {
  // The depth is that of simdjson's second stage, which is not used.
  const simdjson::error_code made =
      simdjson::get_active_implementation()->create_dom_parser_implementation(
          kRecordBytesMax + 1, /*max_depth=*/1, stage_->parser);
  SHRIKE_CHECK(made == simdjson::SUCCESS);
}

JsonTokens::JsonTokens(JsonTokens&&) noexcept = default;
JsonTokens& JsonTokens::operator=(JsonTokens&&) noexcept = default;
JsonTokens::~JsonTokens() = default;

const std::uint32_t* JsonTokens::Find(std::string_view json) {
  SHRIKE_CHECK(json.size() <= kRecordBytesMax);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(json.data());
  const simdjson::error_code error =
      stage_->parser->stage1(bytes, json.size(), simdjson::stage1_mode::regular);
  return error == simdjson::SUCCESS ? stage_->parser->structural_indexes.get() : nullptr;
}

}  // namespace shrike::ingest
