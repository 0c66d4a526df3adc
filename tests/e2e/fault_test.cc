// `shrike run` on a real broker, and what happens around it: the broker restarts, instances join and leave, one is
// stopped and comes back as a zombie, the disk fills up.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/mount.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "tests/e2e/application.h"
#include "tests/e2e/broker.h"
#include "tests/skip.h"

namespace shrike::testing {
namespace {

constexpr auto kPastSession = std::chrono::milliseconds(4000);  // session.timeout.ms is 2000

// Two tasks between two instances.
void AwaitShared(Process* one, Process* two) {
  CHECK_MESSAGE(two->AwaitSaid("ready, 1 tasks"), two->said());
  CHECK_MESSAGE(one->AwaitSaid("ready, 1 tasks"), one->said());
}

TEST_CASE("a broker that is killed is waited for") {
  WITH_BROKER(broker);
  Application application(broker);
  Process process(application);
  application.Pay(30);
  CHECK(process.AwaitSaid("first commit"));
  application.Pay(30);
  broker.Kill();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  CHECK_FALSE(process.Ended());
  broker.Restart();
  application.Pay(30);
  application.Close();
  application.CheckAlerts();
  process.Stop();
}

TEST_CASE("instances join and leave") {
  WITH_BROKER(broker);
  Application application(broker, {.state = ", changelog: on"});
  application.Pay(30);
  Process one(application, "one");
  CHECK(one.AwaitSaid("first commit"));
  for (const int end : {SIGTERM, SIGKILL}) {
    Process two(application, "two");
    AwaitShared(&one, &two);
    application.Pay(30);
    CHECK_MESSAGE(two.AwaitSaid("first commit"), two.said());
    two.Signal(end);
    CHECK(two.AwaitEnd());
    application.Pay(30);
    std::this_thread::sleep_for(kPastSession);
  }
  application.Close();
  application.CheckAlerts();
  one.Stop();
}

TEST_CASE("an instance that was stopped for longer than its session does no harm") {
  WITH_BROKER(broker);
  Application application(broker, {.state = ", changelog: on"});
  application.Pay(30);
  Process one(application, "one");
  Process two(application, "two");
  AwaitShared(&one, &two);
  for (Process* zombie : {&one, &two}) {
    application.Pay(30);
    zombie->Signal(SIGSTOP);
    application.Pay(30);
    std::this_thread::sleep_for(kPastSession);
    zombie->Signal(SIGCONT);
    application.Pay(30);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    CHECK_MESSAGE(!zombie->Ended(), zombie->said());
  }
  application.Close();
  application.CheckAlerts();
  one.Stop();
  two.Stop();
}

// A small file system of its own; its end unmounts it.
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& place) : place_(place) {
    std::filesystem::create_directories(place);
    mounted_ = mount("tmpfs", place.c_str(), "tmpfs", 0, "size=8m") == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) umount2(place_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  void Fill() const {
    std::ofstream file(place_ / "filler", std::ios::binary);
    const std::string block(4096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void Empty() const { std::filesystem::remove(place_ / "filler"); }

 private:
  std::filesystem::path place_;
  bool mounted_ = false;
};

TEST_CASE("a full disk is waited for, and nothing is lost") {
  WITH_BROKER(broker);
  const ScratchFolder folder;
  const SmallDisk disk(folder.path() / "disk");
  if (!disk.mounted()) SKIP_TEST("only root can mount a small disk");
  Application application(broker, {.state_path = (folder.path() / "disk").string()});
  Process process(application);
  application.Pay(30);
  CHECK(process.AwaitSaid("first commit"));
  disk.Fill();
  CHECK_MESSAGE(Await(
                    [&] {
                      return process.said().find("not ready: ") != std::string::npos &&
                             process.said().find("tried again") != std::string::npos;
                    },
                    [&] {
                      application.Pay(100);
                      Wait();
                    }),
                process.said());
  CHECK_FALSE(process.Ended());
  disk.Empty();
  application.Pay(30);
  application.Close();
  application.CheckAlerts();
  process.Stop();
}

}  // namespace
}  // namespace shrike::testing
