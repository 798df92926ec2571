// The small pure parts: base64, the log's tail, the kernel's files, exit statuses, the runtime
// table.
#include <csignal>

#include "base64.h"
#include "check.h"
#include "keyed_file.h"
#include "log_tail.h"
#include "meminfo.h"
#include "runtime_process.h"
#include "runtime_table.h"

namespace ballast {
namespace {

void Base64IsPadded() {
  CHECK(Base64("").empty());
  CHECK(Base64("f") == "Zg==" && Base64("fo") == "Zm8=" && Base64("foo") == "Zm9v");
  CHECK(Base64("foob") == "Zm9vYg==");
  CHECK(Base64(std::string("\xff\x00\xfe", 3)) == "/wD+");
}

void TheTailIsTheEndOfAll() {
  LogTail log;
  std::string all;
  for (int round = 0; round < 300; ++round) {
    const std::string piece(Below(round % 50 == 0 ? 20000 : 200),
                            static_cast<char>('a' + round % 26));
    log.Append(piece);
    all += piece;
  }
  const LogTail::Taken taken = log.Take();
  CHECK(taken.bytes == all.size());
  CHECK(taken.tail == all.substr(all.size() - kLogTailBytes));
  CHECK(log.Take().bytes == 0 && log.Take().tail.empty());
}

void KernelFilesAreRead() {
  const Meminfo memory = ParseMeminfo("MemTotal:  1024 kB\nMemFree: 512 kB\nMemAvailable:  1 kB");
  CHECK(memory.total_bytes == 1048576 && memory.free_bytes == 524288);
  CHECK(memory.available_bytes == 1024);
  const char* events = "low 0\noom 7\noom_kill 3\noom_group_kill 1\n";
  CHECK(KeyedNumber(events, "oom_kill") == 3 && KeyedNumber(events, "oom") == 7);
  CHECK(KeyedNumber(events, "kill") == 0 && KeyedNumber("", "oom") == 0);
}

void ExitsAreToldApart() {
  const RuntimeExit exited = ExitOf(3 << 8, true);
  CHECK(exited.exit_code == 3 && !exited.signal && !exited.out_of_memory);
  const RuntimeExit killed = ExitOf(SIGKILL, false);
  CHECK(!killed.exit_code && killed.signal == "SIGKILL" && !killed.out_of_memory);
  CHECK(ExitOf(SIGKILL, true).out_of_memory);
  CHECK(!ExitOf(SIGSEGV, true).out_of_memory);
}

void TheRuntimeTableIsChecked() {
  const RuntimeTable table = ParseRuntimeTable(R"({"runtimes":[{"name":"a","argv":["/bin/a","-x"],)"
                                               R"("environment":{"B":"c"},"preload":["/f"]}]})");
  CHECK(table.at("a").argv.size() == 2 && table.at("a").preload.size() == 1 &&
        table.at("a").environment.at("B") == "c");
  CHECK_THROWS(ParseRuntimeTable("{}"), std::exception);
  CHECK_THROWS(
      ParseRuntimeTable(R"({"runtimes":[{"name":"a","argv":[],"environment":{},"preload":[]}]})"),
      std::exception);
}

}  // namespace
}  // namespace ballast

int main() {
  ballast::Base64IsPadded();
  ballast::TheTailIsTheEndOfAll();
  ballast::KernelFilesAreRead();
  ballast::ExitsAreToldApart();
  ballast::TheRuntimeTableIsChecked();
}
