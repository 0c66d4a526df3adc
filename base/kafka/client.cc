#include "base/kafka/client.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/kafka/handles.h"

namespace shrike::kafka {
namespace {

constexpr int kAttemptMs = 1000;           // after each, complaints are looked at
constexpr int kPauseMs = 50;               // between attempts that fail at once
constexpr std::size_t kSecretSizeMin = 4;  // shorter ones would cut common words out

Client* ClientOf(const rd_kafka_t* handle) { return static_cast<Client*>(rd_kafka_opaque(handle)); }

void ErrorCallback(rd_kafka_t* handle, int code, const char* reason, void* /*opaque*/) {
  ClientOf(handle)->OnError(code, reason);
}

void LogCallback(const rd_kafka_t* handle, int level, const char* facility, const char* line) {
  ClientOf(handle)->OnLog(level, std::string(facility) + ": " + line);
}

// What the user can do about the error, as the end of a message.
std::string_view Advice(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return "; check kafka: sasl.mechanism, sasl.username, sasl.password";
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
      return "; check kafka: sasl.mechanism";
    case RD_KAFKA_RESP_ERR__SSL:
      return "; check kafka: security.protocol and the ssl.* properties";
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return "; the user needs rights on the topic: Read and Describe for input, Write and "
             "Describe for output";
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return "; the user needs the right Read on the group named as the `application`";
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return "; the user needs the rights Write and Describe on transactional ids that begin with "
             "the `application`";
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return "; the user needs the right on the cluster, or somebody who has it does this "
             "beforehand";
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
      return "; members of one group must have the same topics: stop those with another "
             "configuration";
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
      return "; the broker allows less (its transaction.max.timeout.ms): lower kafka: "
             "transaction.timeout.ms";
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
      return "; the broker allows another range: change kafka: session.timeout.ms";
    default:
      return "";
  }
}

bool IsConfiguration(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return true;
    default:
      return !Advice(code).empty();
  }
}

Result<void> Set(rd_kafka_conf_t* conf, const Properties& properties) {
  for (const auto& [name, value] : properties) {
    std::array<char, 512> why{};
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why.data(), why.size()) !=
        RD_KAFKA_CONF_OK) {
      return Fail(ErrorCode::kConfig, "kafka: `" + name + "`: " + why.data());
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Client>> Client::Make(const ClientOptions& options, const Spec& spec) {
  SHRIKE_TRY_VOID(CheckProperties(options.properties));
  for (const auto& [name, value] : spec.fixed) {
    SHRIKE_CHECK(std::ranges::binary_search(EngineProperties(), name, {}, &EngineProperty::name));
  }
  auto client = std::unique_ptr<Client>(new Client);
  client->owner_ = spec.owner;
  client->log_ = options.log;
  for (const auto& [name, value] : options.properties) {
    if (IsSecretProperty(name) && value.size() >= kSecretSizeMin) {
      client->secrets_.push_back(value);
    }
  }
  std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> conf(rd_kafka_conf_new(),
                                                                          &rd_kafka_conf_destroy);
  SHRIKE_TRY_VOID(Set(conf.get(), spec.defaults));
  SHRIKE_TRY_VOID(Set(conf.get(), options.properties));
  SHRIKE_TRY_VOID(Set(conf.get(), spec.fixed));
  rd_kafka_conf_set_opaque(conf.get(), client.get());
  rd_kafka_conf_set_error_cb(conf.get(), &ErrorCallback);
  rd_kafka_conf_set_log_cb(conf.get(), &LogCallback);
  if (spec.callbacks) {
    spec.callbacks(conf.get());
  }
  std::array<char, 512> why{};
  client->handle_ =
      rd_kafka_new(spec.role == Role::kConsumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf.get(),
                   why.data(), why.size());
  if (client->handle_ == nullptr) {
    return Fail(ErrorCode::kConfig, "kafka: " + client->Redacted(why.data()));
  }
  (void)conf.release();  // The handle owns it.
  return client;
}

Client::~Client() {
  if (handle_ != nullptr) {
    // A consumer's owner has closed it, if it could: closing here would call its callbacks, and it is half gone.
    rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
}

void Client::Serve(DurationMs wait) { rd_kafka_poll(handle_, static_cast<int>(wait)); }

Result<void> Client::Persist(std::string_view what, DurationMs timeout,
                             const std::function<int(int wait_ms)>& attempt) {
  const Deadline deadline(timeout);
  while (true) {
    const int code = attempt(std::max(1, deadline.Left(kAttemptMs)));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      return {};
    }
    Serve(std::min(kPauseMs, deadline.Left(kPauseMs)));
    if (stopped_) {
      return tl::unexpected<Error>(*stopped_);
    }
    if (!MayPass(code)) {
      return Explain(what, code);
    }
    if (deadline.Over()) {
      return Explain(std::string(what) + " within " + std::to_string(timeout) + " ms", code);
    }
  }
}

tl::unexpected<Error> Client::Explain(std::string_view what, int code,
                                      std::string_view detail) const {
  std::string message = "cannot " + std::string(what) + ": ";
  message += detail.empty() ? ErrorText(code) : Redacted(detail);
  if (!complaint_.empty() && MayPass(code)) {
    message += "; the client says: " + complaint_;
  }
  message += Advice(code);
  return Fail(IsConfiguration(code) ? ErrorCode::kConfig : ErrorCode::kIo, std::move(message));
}

void Client::Log(int level, std::string_view line) {
  const std::string text = Redacted(line);
  const std::lock_guard<std::mutex> lock(log_mutex_);
  if (log_) {
    log_(level, text);
  }
}

std::string Client::Redacted(std::string_view text) const {
  std::string result(text);
  for (const std::string& secret : secrets_) {
    for (std::size_t at = result.find(secret); at != std::string::npos;
         at = result.find(secret, at)) {
      result.replace(at, secret.size(), "***");
      at += 3;
    }
  }
  return result;
}

void Client::OnError(int code, std::string_view reason) {
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 512> text{};
    const rd_kafka_resp_err_t cause = rd_kafka_fatal_error(handle_, text.data(), text.size());
    if (!stopped_) {
      stopped_ = Explain("go on with Kafka", cause, text.data()).value();
    }
  } else if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION && !stopped_) {
    stopped_ = Explain("log in to Kafka", code, reason).value();
  }
  // That all brokers are down says less than why the last of them is.
  if (complaint_.empty() || code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    complaint_ = Redacted(reason);
  }
  Log(4, reason);
}

void Client::OnLog(int level, std::string_view line) {
  // One set of properties serves consumers and producers: each says what it has no use for.
  if (line.starts_with("CONFWARN") &&
      line.find("will be ignored by this") != std::string_view::npos) {
    return;
  }
  Log(level, line);
}

}  // namespace shrike::kafka
