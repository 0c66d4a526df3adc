// The Kafka client's properties and errors, without a broker.
#include "base/kafka/client.h"

#include <doctest/doctest.h>

#include <mutex>
#include <string>
#include <vector>

#include "base/kafka/handles.h"
#include "base/kafka/properties.h"

namespace shrike::kafka {
namespace {

constexpr int kAuthentication = -169;        // RD_KAFKA_RESP_ERR__AUTHENTICATION
constexpr int kTimedOut = -185;              // RD_KAFKA_RESP_ERR__TIMED_OUT
constexpr int kUnknownTopic = 3;             // RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
constexpr int kTopicAuthorization = 29;      // RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
const std::string kNowhere = "127.0.0.1:1";  // NOLINT: nobody listens there.

ClientOptions Options(Properties more = {}) {
  ClientOptions options;
  options.properties = {{"bootstrap.servers", kNowhere}};
  options.properties.insert(options.properties.end(), more.begin(), more.end());
  return options;
}

TEST_CASE("a wrong property is an error that names it") {
  struct Row {
    const char* name;
    const char* value;
    const char* want;
  };
  constexpr Row kRows[] = {
      {"client.id", "x", ""},
      {"sasl.username", "x", ""},
      {"compression.type", "lz4", ""},
      {"transaction.timeout.ms", "20000", ""},
      {"sasl.usrname", "x", "there is no property `sasl.usrname`; did you mean `sasl.username`?"},
      {"socket.timeout.ms", "soon", "the value of `socket.timeout.ms` is refused"},
      {"isolation.level", "read_uncommitted",
       "`isolation.level` is set by the engine: only committed"},
      {"enable.auto.commit", "false", "`enable.auto.commit` is set by the engine: offsets are"},
      {"group.id", "g", "`group.id` is set by the engine: it is the `application`"},
      {"transactional.id", "t", "`transactional.id` is set by the engine"},
      {"enable.partition.eof", "true", "`enable.partition.eof` is set by the engine"},
      {"rebalance_cb", "x", "`rebalance_cb` is no property for a configuration file"},
      {"bootstrap.servers", "a:1", "`bootstrap.servers` is given twice"},
  };
  for (const Row& row : kRows) {
    CAPTURE(std::string(row.name));
    const Result<void> result = CheckProperties(Options({{row.name, row.value}}).properties);
    if (*row.want == '\0') {
      CHECK(result.has_value());
    } else {
      REQUIRE_FALSE(result.has_value());
      CHECK(result.error().code == ErrorCode::kConfig);
      CHECK_MESSAGE(result.error().message.find(row.want) != std::string::npos,
                    result.error().message);
    }
  }
}

TEST_CASE("all wrong properties are named at once") {
  const Result<void> result = CheckProperties({{"gruop.id", "a"}, {"acks", "1"}});
  REQUIRE_FALSE(result.has_value());
  for (const char* part : {"`gruop.id`", "`acks`", "`bootstrap.servers` is missing"}) {
    CHECK_MESSAGE(result.error().message.find(part) != std::string::npos, result.error().message);
  }
}

TEST_CASE("the engine's properties are sorted") {
  for (std::size_t i = 1; i < EngineProperties().size(); ++i) {
    CHECK(EngineProperties()[i - 1].name < EngineProperties()[i].name);
  }
}

TEST_CASE("secrets are known by their names") {
  for (const char* name :
       {"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem",
        "sasl.oauthbearer.config", "sasl.oauthbearer.client.secret"}) {
    CHECK_MESSAGE(IsSecretProperty(name), name);
  }
  for (const char* name :
       {"sasl.username", "ssl.key.location", "sasl.oauthbearer.token.endpoint.url"}) {
    CHECK_MESSAGE(!IsSecretProperty(name), name);
  }
}

TEST_CASE("a secret reaches neither errors nor lines") {
  std::vector<std::string> lines;
  std::mutex mutex;
  ClientOptions options = Options({{"security.protocol", "sasl_plaintext"},
                                   {"sasl.mechanism", "PLAIN"},
                                   {"sasl.username", "alice"},
                                   {"sasl.password", "hunter22"},
                                   {"debug", "all"}});
  options.log = [&](int, std::string_view line) {
    const std::lock_guard<std::mutex> lock(mutex);
    lines.emplace_back(line);
  };
  auto client = Client::Make(options, {});
  REQUIRE(client.has_value());
  CHECK((*client)->Redacted("a hunter22 b hunter22") == "a *** b ***");
  (*client)->OnError(kTimedOut, "password hunter22 is wrong");
  CHECK((*client)->Explain("x", kTimedOut).value().message.find("hunter22") == std::string::npos);
  client->reset();
  CHECK_FALSE(lines.empty());
  for (const std::string& line : lines) {
    CHECK_MESSAGE(line.find("hunter22") == std::string::npos, line);
  }
}

TEST_CASE("a combination that the library refuses is an error of the configuration") {
  const auto client = Client::Make(
      Options({{"security.protocol", "ssl"}, {"ssl.ca.location", "/no/such/file"}}), {});
  REQUIRE_FALSE(client.has_value());
  CHECK(client.error().code == ErrorCode::kConfig);
  CHECK_MESSAGE(client.error().message.find("ssl.ca.location") != std::string::npos,
                client.error().message);
}

TEST_CASE("an error says what was found and what to do") {
  auto client = Client::Make(Options(), {});
  REQUIRE(client.has_value());
  struct Row {
    int code;
    ErrorCode want;
    const char* part;
  };
  constexpr Row kRows[] = {
      {kTimedOut, ErrorCode::kIo, "cannot read: Local: Timed out (_TIMED_OUT)"},
      {kUnknownTopic, ErrorCode::kConfig, "UNKNOWN_TOPIC_OR_PART"},
      {kTopicAuthorization, ErrorCode::kConfig, "the user needs rights on the topic"},
      {kAuthentication, ErrorCode::kConfig, "sasl.password"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.code);
    const Error error = (*client)->Explain("read", row.code).value();
    CHECK(error.code == row.want);
    CHECK_MESSAGE(error.message.find(row.part) != std::string::npos, error.message);
  }
}

TEST_CASE("a call is repeated while its error may pass") {
  auto client = Client::Make(Options(), {});
  REQUIRE(client.has_value());
  int calls = 0;
  CHECK(
      (*client)->Persist("a", 5000, [&](int) { return ++calls < 3 ? kTimedOut : 0; }).has_value());
  CHECK(calls == 3);

  calls = 0;
  const Result<void> wrong = (*client)->Persist("b", 5000, [&](int) {
    ++calls;
    return kUnknownTopic;
  });
  CHECK_FALSE(wrong.has_value());
  CHECK(calls == 1);

  const Result<void> late = (*client)->Persist("c", 60, [](int) { return kTimedOut; });
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().code == ErrorCode::kIo);
  CHECK_MESSAGE(late.error().message.starts_with("cannot c within 60 ms: "), late.error().message);

  (*client)->OnError(kAuthentication, "no such user");
  const Result<void> stopped = (*client)->Persist("d", 60, [](int) { return kTimedOut; });
  REQUIRE_FALSE(stopped.has_value());
  CHECK(stopped.error().code == ErrorCode::kConfig);
  CHECK_MESSAGE(stopped.error().message.starts_with("cannot log in to Kafka: no such user"),
                stopped.error().message);
}

TEST_CASE("a deadline ends") {
  CHECK(Deadline(0).Over());
  CHECK(Deadline(-5).Left(10) == 0);
  CHECK(Deadline(100'000).Left(10) == 10);
}

}  // namespace
}  // namespace shrike::kafka
