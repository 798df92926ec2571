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
    kLimits + R"(,"timeoutMs":10000,"nowMs":1700000000000})";
const std::string kInvoke =
    R"({"op":"invoke","requestId":"r","deadlineMs":5,"nowMs":4,"functionArn":"arn:x"})";

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
  CHECK(start.timeout_ms == 10000 && start.now_ms == 1700000000000);
  const auto invoke = std::get<InvokeRequest>(Parse(kInvoke, {1, 2, 3}));
  CHECK(invoke.request_id == "r" && invoke.deadline_ms == 5);
  CHECK(invoke.payload == Bytes({1, 2, 3}) && invoke.client_context.empty());
  const auto claim = std::get<ClaimRequest>(Parse(R"({"op":"claim","limits":)" + kLimits + "}"));
  CHECK(claim.limits.processes == 1024);
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
           Replaced(kStart, "134217728", "-1"),
           Replaced(kStart, "134217728", "1.5"),
           Replaced(kStart, "134217728", "[[[[]]]]"),
           Replaced(kStart, "10000", "0"),
           Replaced(kStart, R"("A":)", R"("A=B":)"),
           Replaced(kStart, R"("1")", R"("\u0000")"),
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
  ballast::DepthIsSurvived();
  ballast::NoiseIsSurvived();
}
