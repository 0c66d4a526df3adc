// Client: one handle of the Kafka client library, with what both Kafka adapters need around it.
//
// It owns the handle, passes the user's properties on, keeps the library's complaints for the texts of errors, and
// repeats calls that may succeed later. The library's headers stand in .cc files only: the adapters get the handle by
// its forward-declared type.
//
// Secrets: the values of properties that hold one (IsSecretProperty) are cut out of every line and error that leaves.
// Threads: the library has its own; they call the log sink and nothing else. Everything else: one thread, the owner's.
//
// Tested by: tests/base/kafka_client_test.cc, tests/e2e/.  Next: ingest/kafka/kafka_consumer.h.
#ifndef SHRIKE_BASE_KAFKA_CLIENT_H_
#define SHRIKE_BASE_KAFKA_CLIENT_H_

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/kafka/properties.h"
#include "base/result.h"
#include "base/time.h"

struct rd_kafka_s;
struct rd_kafka_conf_s;

namespace shrike::kafka {

// A line of the library. level: as of syslog, 0 is the worst, 3 an error, 4 a warning, 6 information, 7 debugging.
// Called from the library's threads, one call of a client at a time; it must not call the client.
using LogSink = std::function<void(int level, std::string_view line)>;

struct ClientOptions {
  Properties properties;  // the user's, as written; bootstrap.servers among them
  LogSink log;            // empty: lines are dropped
};

class Client {
 public:
  enum class Role { kConsumer, kProducer };

  struct Spec {
    Role role = Role::kConsumer;
    Properties defaults;  // the user's win over these
    Properties fixed;     // these win over the user's; all are in EngineProperties()
    // Sets callbacks before the handle is made. Their `opaque` is the Client; owner() leads on.
    std::function<void(rd_kafka_conf_s*)> callbacks;
    void* owner = nullptr;
  };

  // Connects to nothing yet. Errors: kConfig, a property (CheckProperties) or a combination of them is wrong.
  static Result<std::unique_ptr<Client>> Make(const ClientOptions& options, const Spec& spec);

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();  // destroys the handle; a consumer has been closed before, or leaves without a word

  rd_kafka_s* handle() const { return handle_; }
  void* owner() const { return owner_; }

  // Runs the callbacks that wait (errors, delivery reports); waits up to `wait` for one.
  void Serve(DurationMs wait = 0);

  // The error that this client will not get over, once Serve has seen it: wrong credentials (kConfig), a fatal error
  // of the library (kIo). nullopt: it may go on.
  const std::optional<Error>& stopped() const { return stopped_; }

  // Calls `attempt` until it gives 0 (an rd_kafka_resp_err_t), each time with the milliseconds that it may wait, and
  // repeats errors that may pass (MayPass). what: ends "cannot ..".
  // Errors: kIo, out of time; else those of Explain and stopped().
  Result<void> Persist(std::string_view what, DurationMs timeout,
                       const std::function<int(int wait_ms)>& attempt);

  // "cannot <what>: <text of code><what the library complained about last><what to do>", of kConfig where the
  // configuration or the rights are wrong, else kIo.
  tl::unexpected<Error> Explain(std::string_view what, int code,
                                std::string_view detail = {}) const;

  // Hands a line of ours to the sink. Any thread.
  void Log(int level, std::string_view line);
  // The text without secrets.
  std::string Redacted(std::string_view text) const;

  // For the library's callbacks only.
  void OnError(int code, std::string_view reason);
  void OnLog(int level, std::string_view line);

 private:
  Client() = default;

  rd_kafka_s* handle_ = nullptr;
  void* owner_ = nullptr;
  std::vector<std::string> secrets_;
  std::optional<Error> stopped_;
  std::string complaint_;  // the last one, by Serve
  std::mutex log_mutex_;   // of log_
  LogSink log_;
};

}  // namespace shrike::kafka

#endif  // SHRIKE_BASE_KAFKA_CLIENT_H_
