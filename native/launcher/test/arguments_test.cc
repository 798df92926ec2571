#include "arguments.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "check.h"
#include "ram_file.h"

namespace {

using ballast::ParseRamFile;
using ballast::RamFile;
using ballast::WithRamFile;
using Arguments = std::vector<std::string>;

const RamFile kPrivate{"/proc/12/fd/3", false};
const char* const kPlain = R"({"qom-type":"memory-backend-ram","id":"ram-node0","size":268435456})";

void ChangesTheBootMemoryOnly() {
  const Arguments given{"qemu",
                        "-sandbox",
                        "on,obsolete=deny",
                        "-object",
                        R"({"qom-type":"secret","id":"masterKey0","format":"raw"})",
                        "-object",
                        kPlain,
                        "-object",
                        R"({"qom-type":"memory-backend-ram","id":"memua-elastic","size":1024})"};
  const Arguments got = WithRamFile(given, kPrivate);
  CHECK(got.size() == given.size());
  for (std::size_t at = 0; at < given.size(); ++at) {
    CHECK(at == 6 || got[at] == given[at]);
  }
  const auto object = nlohmann::json::parse(got[6]);
  CHECK(object == nlohmann::json({{"qom-type", "memory-backend-file"},
                                  {"id", "ram-node0"},
                                  {"size", 268435456},
                                  {"mem-path", "/proc/12/fd/3"},
                                  {"share", false}}));
}

void RefusesWhatItDoesNotKnow() {
  const auto refused = [](const std::string& object) {
    CHECK_THROWS(WithRamFile({"qemu", "-object", object}, kPrivate), std::runtime_error);
  };
  refused(R"({"qom-type":"memory-backend-file","id":"ram-node0","size":1024})");
  refused(R"({"qom-type":"memory-backend-ram","id":"ram-node0","size":1024,"prealloc":true})");
  refused(R"({"qom-type":"memory-backend-ram","id":"ram-node0","size":"1024"})");
  refused(R"({"qom-type":"memory-backend-ram","id":"ram-node0"})");
  refused(R"({"qom-type":"memory-backend-ram","id":"ram-node1","size":1024})");
  refused("memory-backend-ram,id=ram-node0,size=1024");
  CHECK_THROWS(WithRamFile({"qemu"}, kPrivate), std::runtime_error);
  CHECK_THROWS(WithRamFile({"qemu", "-object", kPlain, "-object", kPlain}, kPrivate),
               std::runtime_error);
  // What only looks like it is no object of QEMU's.
  CHECK_THROWS(WithRamFile({"qemu", "-append", kPlain}, kPrivate), std::runtime_error);
}

void TakesSealedCopiesAndSharedFiles() {
  CHECK(!ParseRamFile("/proc/12/fd/3", "off").share);
  CHECK(ParseRamFile("/var/lib/ballast/template.ram", "on").share);
  for (const char* path : {"", "ram", "/var/lib/ballast/template.ram", "/proc/self/fd/3",
                           "/proc/12/fd/3/../4", "/proc/12/mem", "/proc/0/fd/3"}) {
    CHECK_THROWS(ParseRamFile(path, "off"), std::invalid_argument);
  }
  for (const char* path : {"", "ram", "/var/../etc/passwd", "/var/.."}) {
    CHECK_THROWS(ParseRamFile(path, "on"), std::invalid_argument);
  }
  for (const char* share : {"", "yes", "ON"}) {
    CHECK_THROWS(ParseRamFile("/proc/12/fd/3", share), std::invalid_argument);
  }
}

}  // namespace

int main() {
  ChangesTheBootMemoryOnly();
  RefusesWhatItDoesNotKnow();
  TakesSealedCopiesAndSharedFiles();
}
