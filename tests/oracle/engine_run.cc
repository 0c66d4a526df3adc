#include "tests/oracle/engine_run.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "base/result.h"
#include "engine/outcome_order.h"
#include "nfa/deriver.h"
#include "nfa/key.h"
#include "nfa/key_state.h"
#include "nfa/matcher.h"
#include "tests/oracle/outcome_reader.h"

namespace shrike::oracle {
namespace {

class EngineRun {
 public:
  EngineRun(std::shared_ptr<const nfa::Program> program, const std::vector<Event>& events,
            nfa::Mutant mutant)
      : program_(std::move(program)),
        reader_(program_->rules(), events),
        matcher_(program_),
        deriver_(program_) {
    matcher_.SetMutant(mutant);
  }

  void Take(const Event& input) {
    ExpireUntil(input.ts);
    deriver_.Clear();
    const Event event = deriver_.Derive(input);
    matcher_.Begin(event);
    for (const nfa::KeyRoute& route : program_->routes(event.stream)) {
      std::string key;
      if (!nfa::EncodeKey(route.columns, event, &key)) continue;
      const auto place = std::make_pair(route.group, key);
      const bool known = states_.contains(place);
      if (!known && !matcher_.Starts(route.id)) continue;
      nfa::KeyState& state = states_[place];
      matcher_.ExpireUntil(key, event.ts, &state, &buffer_);
      matcher_.Advance(route.id, key, &state, &buffer_);
      Collect();
      if (state.empty()) {
        states_.erase(place);
      } else if (event.position.offset % 3 == 0) {
        StoreAndLoad(route.group, &state);
      }
    }
  }

  void ExpireUntil(TimestampMs time) {
    for (auto& [place, state] : states_) {
      if (state.deadline() > time) continue;
      matcher_.ExpireUntil(place.second, time, &state, &buffer_);
      Collect();
    }
  }

  std::vector<OracleOutcome> outcomes;

 private:
  // A state that was stored and read back must say the same from then on.
  void StoreAndLoad(int group, nfa::KeyState* state) {
    std::string bytes;
    std::size_t dropped = 0;
    state->AppendBytes(*program_, group, &bytes);
    Result<nfa::KeyState> loaded = nfa::KeyState::FromBytes(*program_, group, bytes, &dropped);
    SHRIKE_CHECK(loaded.has_value() && dropped == 0);
    *state = std::move(*loaded);
  }

  void Collect() {
    ordinals_.Set(&buffer_);
    for (const nfa::Outcome& item : buffer_.items) outcomes.push_back(reader_.Read(buffer_, item));
    buffer_.Clear();
  }

  std::shared_ptr<const nfa::Program> program_;
  OutcomeReader reader_;
  nfa::Matcher matcher_;
  nfa::Deriver deriver_;
  std::map<std::pair<int, std::string>, nfa::KeyState> states_;
  nfa::Outcomes buffer_;
  engine::Ordinals ordinals_;
};

}  // namespace

std::vector<OracleOutcome> RunEngine(std::shared_ptr<const nfa::Program> program,
                                     const std::vector<Event>& events, TimestampMs at_end,
                                     nfa::Mutant mutant) {
  EngineRun run(std::move(program), events, mutant);
  for (const Event& event : events) run.Take(event);
  const TimestampMs last = events.empty() ? kTimeMin : events.back().ts;
  run.ExpireUntil(std::max(last, at_end));
  return std::move(run.outcomes);
}

}  // namespace shrike::oracle
