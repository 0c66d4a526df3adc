// FailPoint: a place where `run` kills itself when a test asks for it, to show that nothing is lost there.
//
// SHRIKE_FAIL_POINT=NAME:COUNT in the environment: at the COUNT-th time (from 1) that the process comes to NAME it is
// gone, as by kill -9. Names: before-send, before-commit, after-commit, before-checkpoint, after-checkpoint. Without the
// variable nothing happens; it costs a comparison.
// Used by: tools/torture, tests/e2e.
#ifndef SHRIKE_TOOLS_SHRIKE_FAIL_POINT_H_
#define SHRIKE_TOOLS_SHRIKE_FAIL_POINT_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "alerts/producer.h"

namespace shrike::tools {

// Any thread.
void FailPoint(std::string_view name);

// A producer with the fail points of its calls around it.
class FailPointProducer : public alerts::Producer {
 public:
  explicit FailPointProducer(std::unique_ptr<alerts::Producer> inner) : inner_(std::move(inner)) {}

  Result<void> Initialize() override { return inner_->Initialize(); }
  Result<void> Send(const alerts::OutputRecord& record) override {
    FailPoint("before-send");
    return inner_->Send(record);
  }
  alerts::CommitResult Commit(std::span<const InputOffset> offsets,
                              std::string_view group_token) override {
    FailPoint("before-commit");
    const alerts::CommitResult result = inner_->Commit(offsets, group_token);
    FailPoint("after-commit");
    return result;
  }
  Result<void> Abort() override { return inner_->Abort(); }

 private:
  std::unique_ptr<alerts::Producer> inner_;
};

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_FAIL_POINT_H_
