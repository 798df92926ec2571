#include "request.h"

#include "check.h"
#include "failure.h"

namespace ballast {
namespace {

const std::string kLimits =
    R"({"memoryBytes":134217728,"cpuQuotaUs":null,"cpuPeriodUs":100000,"processes":1024})";
const std::string kStart =
    R"({"op":"start","runtime":"provided","handler":"a.b","environment":{"A":"1","B":""},)"
    R"("limits":)" +
    kLimits + R"(,"storageBytes":536870912,"timeoutMs":10000,"nowMs":1700000000000})";
const std::string kInvoke =
    R"({"op":"invoke","requestId":"r","deadlineMs":5,"nowMs":4,"functionArn":"arn:x"})";

const std::string kWake = R"({"op":"wake","nowMs":4})";
const std::string kRestore = R"({"op":"restore","environment":{"A":"1"},"limits":)" + kLimits +
                             R"(,"timeoutMs":8,"nowMs":4})";

Request Parse(const std::string& head, Bytes body = {}) {
  return ParseRequest(Frame{1, FrameType::kRequest, head, std::move(body)});
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

void FieldsArrive() {
  const auto start = std::get<StartRequest>(Parse(kStart));
  CHECK(start.runtime == "provided" && start.handler == "a.b");
  CHECK(start.environment.at("A") == "1" && start.environment.at("B").empty());
  CHECK(start.limits.memory_bytes == 134217728 && !start.limits.cpu_quota_us);
  CHECK(start.storage_bytes == 536870912);
  CHECK(start.timeout_ms == 10000 && start.now_ms == 1700000000000);
  const auto invoke = std::get<InvokeRequest>(Parse(kInvoke, {1, 2, 3}));
  CHECK(invoke.request_id == "r" && invoke.deadline_ms == 5);
  CHECK(invoke.payload == Bytes({1, 2, 3}) && invoke.client_context.empty());
  const auto claim = std::get<ClaimRequest>(Parse(R"({"op":"claim","limits":)" + kLimits + "}"));
  CHECK(claim.limits.processes == 1024);
  const auto preload = std::get<PreloadRequest>(
      Parse(R"({"op":"preload","runtime":"python3.13","storageBytes":9,"timeoutMs":7,"nowMs":4})"));
  CHECK(preload.runtime == "python3.13" && preload.storage_bytes == 9 && preload.timeout_ms == 7 &&
        preload.now_ms == 4);
  const auto wake = std::get<WakeRequest>(Parse(kWake, Bytes(32, 9)));
  CHECK(wake.now_ms == 4 && wake.entropy == Bytes(32, 9));
  const auto rehearse =
      std::get<RehearseRequest>(Parse(R"({"op":"rehearse","runtime":"provided","timeoutMs":7})"));
  CHECK(rehearse.runtime == "provided" && rehearse.timeout_ms == 7);
  const auto restore = std::get<RestoreRequest>(Parse(kRestore));
  CHECK(restore.environment.at("A") == "1" && restore.timeout_ms == 8);
  const auto storage = std::get<StorageRequest>(Parse(R"({"op":"storage","bytes":1048576})"));
  CHECK(storage.bytes == 1048576);
  CHECK(std::holds_alternative<StopRequest>(Parse(R"({"op":"stop"})")));
  CHECK(std::holds_alternative<MemoryRequest>(Parse(R"({"op":"memory"})")));
}

void BadRequestsAreNamed() {
  for (const std::string& bad : {
           std::string("nonsense"),
           std::string("[]"),
           std::string("{}"),
           std::string(R"({"op":"fly"})"),
           std::string(R"({"op":"stop","now":1})"),
           std::string(R"({"op":"claim"})"),
           std::string(R"({"op":"storage","bytes":0})"),
           Replaced(kStart, "536870912", "null"),
           Replaced(kStart, "134217728", "-1"),
           Replaced(kStart, "134217728", "1.5"),
           Replaced(kStart, "134217728", "[[[[]]]]"),
           Replaced(kStart, "10000", "0"),
           Replaced(kStart, R"("A":)", R"("A=B":)"),
           Replaced(kStart, R"("1")", R"("\u0000")"),
           kWake,
           std::string(R"({"op":"rehearse","runtime":"provided","timeoutMs":0})"),
           Replaced(kRestore, R"("1")", "1"),
           Replaced(kInvoke, R"("r")", R"("r\r\nX: y")"),
       }) {
    try {
      Parse(bad);
      std::fprintf(stderr, "accepted: %s\n", bad.c_str());
      std::exit(1);
    } catch (const Failure& failure) {
      CHECK(failure.code() == "bad-request");
    }
  }
}

void EntropyIsBounded() {
  CHECK_THROWS(Parse(kWake, Bytes(31)), Failure);
  CHECK_THROWS(Parse(kWake, Bytes(513)), Failure);
  Parse(kWake, Bytes(512));
}

void DepthIsSurvived() {
  const std::string deep(kMaxHeadBytes - 64, '[');
  CHECK_THROWS(Parse(deep), Failure);
  const std::string closed = std::string(30000, '[') + std::string(30000, ']');
  CHECK_THROWS(Parse(R"({"op":)" + closed + "}"), Failure);
  CHECK_THROWS(Parse(Replaced(kInvoke, "5", closed)), Failure);
}

void NoiseIsSurvived() {
  for (int round = 0; round < 20000; ++round) {
    try {
      Parse(Mutate(round % 2 == 0 ? kStart : kInvoke));
    } catch (const Failure& failure) {
      CHECK(failure.code() == "bad-request");
    }
  }
}

}  // namespace
}  // namespace ballast

int main() {
  ballast::FieldsArrive();
  ballast::BadRequestsAreNamed();
  ballast::EntropyIsBounded();
  ballast::DepthIsSurvived();
  ballast::NoiseIsSurvived();
}
