// KafkaProducer without a broker: which outcome follows from which error. The errors are injected into the client
// library's mock cluster, which proves nothing else about transactions (tests/e2e does).
#include "alerts/kafka/kafka_producer.h"

#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>
#include <string>

namespace shrike::alerts {
namespace {

// Protocol numbers of the requests (the library's header keeps them to itself).
constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kInitProducerId = 22;
constexpr std::int16_t kAddOffsets = 25;
constexpr std::int16_t kEndTransaction = 26;
constexpr std::int16_t kOffsetCommit = 28;

struct DestroyHandle {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};

// A cluster of one broker with topic `out`.
class MockCluster {
 public:
  MockCluster() {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    handle_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0));
    cluster_ = rd_kafka_mock_cluster_new(handle_.get(), 1);
    rd_kafka_mock_topic_create(cluster_, "out", 1, 1);
  }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;
  ~MockCluster() { rd_kafka_mock_cluster_destroy(cluster_); }

  std::string bootstrap() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  // The next requests of this kind fail so.
  void Fail(std::int16_t request, rd_kafka_resp_err_t error, int count) {
    for (int i = 0; i < count; ++i) {
      rd_kafka_mock_push_request_errors(cluster_, request, 1, error);
    }
  }

 private:
  std::unique_ptr<rd_kafka_t, DestroyHandle> handle_;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

KafkaProducerOptions Options(const std::string& bootstrap) {
  KafkaProducerOptions options;
  options.client.properties = {{"bootstrap.servers", bootstrap}};
  options.application = "test";
  options.transactional_id = "test-0";
  options.topics[0] = "out";
  options.input_topics = {"in"};
  options.timeout = 10'000;
  return options;
}

// A token as a member would give it.
std::string Token() {
  rd_kafka_consumer_group_metadata_t* metadata =
      rd_kafka_consumer_group_metadata_new_with_genid("g", 1, "m", nullptr);
  void* bytes = nullptr;
  std::size_t size = 0;
  REQUIRE(rd_kafka_consumer_group_metadata_write(metadata, &bytes, &size) == nullptr);
  std::string token(static_cast<const char*>(bytes), size);
  rd_kafka_mem_free(nullptr, bytes);
  rd_kafka_consumer_group_metadata_destroy(metadata);
  return token;
}

CommitResult SendAndCommit(KafkaProducer* producer) {
  OutputRecord record;
  record.value = "x";
  const Result<void> sent = producer->Send(record);
  REQUIRE_MESSAGE(sent.has_value(), sent.error().message);
  const InputOffset offset{{0, 0}, 7, "m"};
  return producer->Commit({&offset, 1}, Token());
}

TEST_CASE("the outcome of a commit follows from the error") {
  struct Row {
    const char* name;
    std::int16_t request;
    rd_kafka_resp_err_t error;
    int count;
    CommitResult want;
  };
  constexpr Row kRows[] = {
      {"a coordinator that moves", kEndTransaction, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, 2,
       CommitResult::kCommitted},
      {"offsets while the coordinator loads", kOffsetCommit,
       RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 2, CommitResult::kCommitted},
      {"a leader that moves", kProduce, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 1,
       CommitResult::kCommitted},
      {"a stale generation", kOffsetCommit, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, 1,
       CommitResult::kAborted},
      {"no member any more", kOffsetCommit, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, 1,
       CommitResult::kAborted},
      {"fenced at the offsets", kAddOffsets, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, 1,
       CommitResult::kUnknown},
      {"fenced at the end", kEndTransaction, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, 1,
       CommitResult::kUnknown},
      {"a transaction that the broker has ended", kEndTransaction,
       RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, 1, CommitResult::kUnknown},
  };
  for (const Row& row : kRows) {
    CAPTURE(std::string(row.name));
    MockCluster cluster;
    auto producer = KafkaProducer::Make(Options(cluster.bootstrap()));
    REQUIRE(producer.has_value());
    REQUIRE((*producer)->Initialize().has_value());
    cluster.Fail(row.request, row.error, row.count);
    CHECK(SendAndCommit(producer->get()) == row.want);
    if (row.want == CommitResult::kUnknown) {
      CHECK_FALSE((*producer)->Send({}).has_value());
      CHECK((*producer)->Commit({}, "") == CommitResult::kUnknown);
      REQUIRE((*producer)->Initialize().has_value());
    }
    CHECK(SendAndCommit(producer->get()) == CommitResult::kCommitted);
  }
}

TEST_CASE("a record that is too large ends the producer for ever") {
  MockCluster cluster;
  auto producer = KafkaProducer::Make(Options(cluster.bootstrap()));
  REQUIRE(producer.has_value());
  REQUIRE((*producer)->Initialize().has_value());
  cluster.Fail(kProduce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1);
  CHECK(SendAndCommit(producer->get()) == CommitResult::kUnknown);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Result<void> again = (*producer)->Initialize();
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().code == ErrorCode::kConfig);
    CHECK(again.error().message.find("max.message.bytes") != std::string::npos);
  }
}

TEST_CASE("Initialize repeats what may pass") {
  MockCluster cluster;
  auto producer = KafkaProducer::Make(Options(cluster.bootstrap()));
  REQUIRE(producer.has_value());
  OutputRecord record;
  record.value = "x";
  CHECK_FALSE((*producer)->Send(record).has_value());  // Not before Initialize.
  cluster.Fail(kInitProducerId, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 2);
  const Result<void> initialized = (*producer)->Initialize();
  REQUIRE_MESSAGE(initialized.has_value(), initialized.error().message);
  CHECK(SendAndCommit(producer->get()) == CommitResult::kCommitted);
}

TEST_CASE("a property of the engine's is refused") {
  KafkaProducerOptions options = Options("127.0.0.1:1");
  options.client.properties.emplace_back("transactional.id", "mine");
  const auto producer = KafkaProducer::Make(options);
  REQUIRE_FALSE(producer.has_value());
  CHECK(producer.error().code == ErrorCode::kConfig);
}

}  // namespace
}  // namespace shrike::alerts
