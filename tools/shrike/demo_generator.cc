// Ordinary traffic moves the clock; a story schedules its events ahead. A heap gives them out in the order in which
// they reach the topic.
#include "tools/shrike/demo_generator.h"

#include <algorithm>

namespace shrike::tools {
namespace {

constexpr DurationMs kSecond = 1000;
constexpr DurationMs kMinute = 60 * kSecond;
constexpr std::int64_t kGapMsMax = 400;  // between two ordinary events
constexpr std::uint64_t kEventsPerStory = 1500;
constexpr std::int64_t kVerifiedCents = 40'000;    // ordinary online payments above are verified
constexpr std::uint32_t kOwnNetwork = 0xC6120000;  // 198.18.0.0: users at home
constexpr std::uint32_t kAttackerNetwork = 0xCB007100;  // 203.0.113.0
constexpr std::uint32_t kForeignDevices = 50'000;       // numbers from here on are nobody's own

}  // namespace

std::uint64_t DemoRandom::Next() {
  state_ += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

DemoGenerator::DemoGenerator(const DemoOptions& options)
    : options_(options), random_(options.seed), clock_(options.start), time_(options.start) {
  options_.users = std::max(options_.users, 100U);
}

bool DemoGenerator::Next(std::string* line) {
  if (given_ == options_.events) {
    return false;
  }
  while (pending_.empty() || pending_.top().emitted > clock_) {
    AddTraffic();
  }
  const Pending& next = pending_.top();
  AppendDemoEvent(next.event, line);
  if (next.opens_story) {
    ++stories_[static_cast<std::size_t>(next.event.story)];
  }
  time_ = next.emitted;
  pending_.pop();
  ++given_;
  return true;
}

// The user's habits are a function of the user's number.
DemoEvent DemoGenerator::Ordinary(std::uint32_t user, TimestampMs ts) const {
  DemoEvent event;
  event.ts = ts;
  event.user = user;
  event.city = static_cast<std::uint8_t>(user % kDemoCityCount);
  event.device = user;
  event.ip = kOwnNetwork + user;
  return event;
}

void DemoGenerator::Schedule(const DemoEvent& event, bool opens_story) {
  const DurationMs delay = random_.OneIn(20) ? random_.Between(0, 4 * kSecond) : 0;
  pending_.push({event.ts + delay, sequence_++, event, opens_story});
}

void DemoGenerator::AddTraffic() {
  clock_ += random_.Between(1, kGapMsMax);
  const auto user = static_cast<std::uint32_t>(random_.Below(options_.users));
  if (random_.OneIn(6)) {
    AddLogin(user);
  } else {
    AddPayment(user);
  }
  if (random_.OneIn(kEventsPerStory)) {
    AddStory(static_cast<DemoStory>(random_.Between(1, kDemoStoryCount - 1)));
  }
}

void DemoGenerator::AddPayment(std::uint32_t user) {
  DemoEvent event = Ordinary(user, clock_);
  event.merchant = static_cast<std::uint16_t>(random_.Below(kDemoCasinoFirst));
  const std::uint64_t size = random_.Below(20);
  event.cents = size < 14   ? random_.Between(250, 6'000)
                : size < 19 ? random_.Between(2'000, 25'000)
                            : random_.Between(10'000, 80'000);
  event.channel = random_.OneIn(3) ? DemoChannel::kOnline : DemoChannel::kPos;
  event.good = !random_.OneIn(40);
  if (random_.OneIn(30)) {
    event.channel = DemoChannel::kAtm;
    event.merchant = static_cast<std::uint16_t>(kDemoAtmFirst + random_.Below(5));
    event.cents = random_.Between(2, 20) * 1'000;
  }
  Schedule(event);
  if (event.good && event.channel == DemoChannel::kOnline && event.cents > kVerifiedCents) {
    event.type = DemoType::kVerification;
    event.ts += random_.Between(5 * kSecond, 50 * kSecond);
    Schedule(event);
  }
  if (event.good && event.channel == DemoChannel::kPos && random_.OneIn(100)) {
    event.type = DemoType::kRefund;
    event.ts += random_.Between(10 * kMinute, 60 * kMinute);
    Schedule(event);
  }
}

void DemoGenerator::AddLogin(std::uint32_t user) {
  DemoEvent event = Ordinary(user, clock_);
  event.type = DemoType::kLogin;
  if (random_.OneIn(25)) {
    event.good = false;
    Schedule(event);
    event.ts += random_.Between(3 * kSecond, 20 * kSecond);
    event.good = true;
  }
  Schedule(event);
  if (random_.OneIn(200)) {
    event.type = DemoType::kProfileChange;
    event.changed = static_cast<std::uint8_t>(random_.Below(4));
    event.ts += random_.Between(20 * kSecond, 90 * kSecond);
    Schedule(event);
  }
}

void DemoGenerator::AddStory(DemoStory story) {
  DemoEvent event = Ordinary(static_cast<std::uint32_t>(random_.Below(options_.users)), clock_);
  event.story = story;
  switch (story) {
    case DemoStory::kNone:
      return;
    case DemoStory::kCardTesting:
      return AddCardTesting(event);
    case DemoStory::kAccountTakeover:
      return AddAccountTakeover(event);
    case DemoStory::kImpossibleTravel:
      return AddImpossibleTravel(event);
    case DemoStory::kVelocity:
      return AddVelocity(event);
    case DemoStory::kMissingVerification:
      return AddMissingVerification(event);
    case DemoStory::kCashOut:
      return AddCashOut(event);
    case DemoStory::kRefundAbuse:
      return AddRefundAbuse(event);
    case DemoStory::kBinAttack:
      return AddBinAttack(event);
  }
}

void DemoGenerator::AddCardTesting(DemoEvent event) {
  event.channel = DemoChannel::kOnline;
  event.device = kForeignDevices + static_cast<std::uint32_t>(random_.Below(1000));
  event.ip = kAttackerNetwork + static_cast<std::uint32_t>(random_.Below(256));
  event.good = false;
  const std::int64_t probes = random_.Between(3, 7);
  for (std::int64_t probe = 0; probe < probes; ++probe) {
    event.merchant = static_cast<std::uint16_t>(random_.Below(kDemoCasinoFirst));
    event.cents = random_.Between(10, 190);
    Schedule(event, probe == 0);
    event.ts += random_.Between(5 * kSecond, 40 * kSecond);
  }
  event.good = true;
  event.cents = random_.Between(60'000, 150'000);
  Schedule(event);
}

void DemoGenerator::AddAccountTakeover(DemoEvent event) {
  event.type = DemoType::kLogin;
  event.device = kForeignDevices + static_cast<std::uint32_t>(random_.Below(1000));
  event.ip = kAttackerNetwork + static_cast<std::uint32_t>(random_.Below(256));
  event.city = static_cast<std::uint8_t>((event.city + 6) % kDemoCityCount);
  event.good = false;
  const std::int64_t guesses = random_.Between(3, 6);
  for (std::int64_t guess = 0; guess < guesses; ++guess) {
    Schedule(event, guess == 0);
    event.ts += random_.Between(2 * kSecond, 15 * kSecond);
  }
  event.good = true;
  Schedule(event);
  event.type = DemoType::kProfileChange;
  event.ts += random_.Between(20 * kSecond, 2 * kMinute);
  Schedule(event);
  event.type = DemoType::kTxn;
  event.channel = DemoChannel::kOnline;
  event.cents = random_.Between(70'000, 200'000);
  event.ts += random_.Between(kMinute, 10 * kMinute);
  Schedule(event);
}

void DemoGenerator::AddImpossibleTravel(DemoEvent event) {
  event.merchant = static_cast<std::uint16_t>(random_.Below(kDemoCasinoFirst));
  event.cents = random_.Between(1'000, 9'000);
  Schedule(event, true);
  event.ts += random_.Between(10 * kMinute, 40 * kMinute);
  // Six places on in the table of cities is another continent for every city.
  event.city = static_cast<std::uint8_t>((event.city + 6) % kDemoCityCount);
  event.cents = random_.Between(20'000, 90'000);
  Schedule(event);
}

void DemoGenerator::AddVelocity(DemoEvent event) {
  event.channel = DemoChannel::kOnline;
  for (int payment = 0; payment < 10; ++payment) {
    event.merchant = static_cast<std::uint16_t>(random_.Below(kDemoCasinoFirst));
    event.cents = random_.Between(3'000, 15'000);
    Schedule(event, payment == 0);
    event.ts += random_.Between(4 * kSecond, 11 * kSecond);
  }
}

void DemoGenerator::AddMissingVerification(DemoEvent event) {
  event.channel = DemoChannel::kOnline;
  event.merchant = static_cast<std::uint16_t>(random_.Below(kDemoCasinoFirst));
  event.cents = random_.Between(80'000, 300'000);
  Schedule(event, true);
}

void DemoGenerator::AddCashOut(DemoEvent event) {
  event.channel = DemoChannel::kOnline;
  event.merchant = static_cast<std::uint16_t>(kDemoCasinoFirst + random_.Below(5));
  event.cents = random_.Between(10'000, 35'000);
  Schedule(event, true);
  event.channel = DemoChannel::kAtm;
  for (int machine = 0; machine < 4; ++machine) {
    event.ts += random_.Between(2 * kMinute, 6 * kMinute);
    event.merchant = static_cast<std::uint16_t>(kDemoAtmFirst + machine);
    event.cents = random_.Between(30, 50) * 1'000;
    Schedule(event);
  }
}

void DemoGenerator::AddRefundAbuse(DemoEvent event) {
  event.merchant = static_cast<std::uint16_t>(random_.Below(kDemoCasinoFirst));
  event.cents = random_.Between(500, 2'000);
  Schedule(event, true);
  event.type = DemoType::kRefund;
  for (int refund = 0; refund < 3; ++refund) {
    event.ts += random_.Between(kMinute, 10 * kMinute);
    event.cents = random_.Between(9'000, 40'000);
    Schedule(event);
  }
}

void DemoGenerator::AddBinAttack(DemoEvent event) {
  event.channel = DemoChannel::kOnline;
  event.merchant = static_cast<std::uint16_t>(random_.Below(kDemoCasinoFirst));
  event.good = false;
  const TimestampMs start = event.ts;
  const std::uint32_t first_user = event.user;
  for (std::uint32_t card = 0; card < 25; ++card) {
    DemoEvent attempt =
        Ordinary((first_user + card) % options_.users, start + DurationMs{card} * 2 * kSecond);
    attempt.story = event.story;
    attempt.channel = event.channel;
    attempt.merchant = event.merchant;
    attempt.good = false;
    attempt.device = kForeignDevices;
    attempt.ip = kAttackerNetwork;
    attempt.cents = random_.Between(100, 3'000);
    Schedule(attempt, card == 0);
  }
}

}  // namespace shrike::tools
