#include "request.h"

#include <initializer_list>
#include <limits>
#include <string_view>
#include <utility>

#include "failure.h"

namespace ballast {
namespace {

constexpr std::uint64_t kMaxMemoryBytes = 1ULL << 40U;
constexpr std::uint64_t kMaxStorageBytes = 1ULL << 40U;
constexpr std::uint64_t kMinCpuUs = 1000;
constexpr std::uint64_t kMaxCpuPeriodUs = 1'000'000;
constexpr std::uint64_t kMaxCpuQuotaUs = 1'000'000'000;
constexpr std::uint64_t kMaxProcesses = 1U << 20U;
constexpr std::uint64_t kMaxTimeoutMs = 3'600'000;
// What the kernel's generator takes in at once; fewer would leave clones alike.
constexpr std::size_t kMinEntropyBytes = 32;
constexpr std::size_t kMaxEntropyBytes = 512;
// The year 9999: beyond it the clock cannot be set to anything that makes sense.
constexpr std::uint64_t kMaxEpochMs = 253'402'300'799'000;

[[noreturn]] void Bad(const std::string& message) { throw Failure("bad-request", message); }

// One JSON object whose fields are taken by name; what is left over at the end is an error.
class Fields {
 public:
  Fields(Json json, std::string where) : json_(std::move(json)), where_(std::move(where)) {
    if (!json_.is_object()) {
      Bad(where_ + " must be a JSON object");
    }
  }

  std::string Text(const std::string& name) {
    Json value = Take(name);
    if (!value.is_string()) {
      Bad(where_ + "." + name + " must be a string");
    }
    auto text = value.get<std::string>();
    if (text.find('\0') != std::string::npos) {
      Bad(where_ + "." + name + " must not hold a NUL character");
    }
    return text;
  }

  // A string that becomes the value of an HTTP header.
  std::string HeaderText(const std::string& name) {
    std::string text = Text(name);
    if (text.find_first_of("\r\n") != std::string::npos) {
      Bad(where_ + "." + name + " must not hold a line break");
    }
    return text;
  }

  std::uint64_t Whole(const std::string& name, std::uint64_t least, std::uint64_t most) {
    const Json value = Take(name);
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() < least ||
        value.get<std::uint64_t>() > most) {
      Bad(where_ + "." + name + " is " + (value.is_number() ? value.dump() : value.type_name()) +
          ", it must be a whole number from " + std::to_string(least) + " to " +
          std::to_string(most));
    }
    return value.get<std::uint64_t>();
  }

  std::optional<std::uint64_t> WholeOrNull(const std::string& name, std::uint64_t least,
                                           std::uint64_t most) {
    if (Has(name) && json_[name].is_null()) {
      json_.erase(name);
      return std::nullopt;
    }
    return Whole(name, least, most);
  }

  Fields Object(const std::string& name) { return {Take(name), where_ + "." + name}; }

  [[nodiscard]] bool Has(const std::string& name) const { return json_.contains(name); }

  std::map<std::string, std::string> TextMap() {
    std::map<std::string, std::string> map;
    while (!json_.empty()) {
      const std::string key = json_.begin().key();
      if (key.empty() || key.find_first_of(std::string_view("=\0", 2)) != std::string::npos) {
        Bad(where_ + " holds a name that no environment variable can have");
      }
      map.emplace(key, Text(key));
    }
    return map;
  }

  void End() const {
    if (!json_.empty()) {
      Bad(where_ + " has the unknown field '" + json_.begin().key() + "'");
    }
  }

 private:
  Json Take(const std::string& name) {
    const auto found = json_.find(name);
    if (found == json_.end()) {
      Bad(where_ + "." + name + " is missing");
    }
    Json value = std::move(*found);
    json_.erase(found);
    return value;
  }

  Json json_;
  std::string where_;
};

Limits TakeLimits(Fields& request) {
  Fields fields = request.Object("limits");
  Limits limits;
  limits.memory_bytes = fields.Whole("memoryBytes", 1, kMaxMemoryBytes);
  limits.cpu_quota_us = fields.WholeOrNull("cpuQuotaUs", kMinCpuUs, kMaxCpuQuotaUs);
  limits.cpu_period_us = fields.Whole("cpuPeriodUs", kMinCpuUs, kMaxCpuPeriodUs);
  limits.processes = fields.Whole("processes", 1, kMaxProcesses);
  fields.End();
  return limits;
}

StartRequest TakeStart(Fields& fields) {
  StartRequest start;
  start.runtime = fields.Text("runtime");
  start.handler = fields.Text("handler");
  start.environment = fields.Object("environment").TextMap();
  start.limits = TakeLimits(fields);
  start.storage_bytes = fields.Whole("storageBytes", 1, kMaxStorageBytes);
  start.timeout_ms = fields.Whole("timeoutMs", 1, kMaxTimeoutMs);
  start.now_ms = fields.Whole("nowMs", 0, kMaxEpochMs);
  return start;
}

PreloadRequest TakePreload(Fields& fields) {
  PreloadRequest preload;
  preload.runtime = fields.Text("runtime");
  preload.storage_bytes = fields.Whole("storageBytes", 1, kMaxStorageBytes);
  preload.timeout_ms = fields.Whole("timeoutMs", 1, kMaxTimeoutMs);
  preload.now_ms = fields.Whole("nowMs", 0, kMaxEpochMs);
  return preload;
}

WakeRequest TakeWake(Fields& fields, Bytes entropy) {
  WakeRequest wake;
  wake.now_ms = fields.Whole("nowMs", 0, kMaxEpochMs);
  if (entropy.size() < kMinEntropyBytes || entropy.size() > kMaxEntropyBytes) {
    Bad("the body has " + std::to_string(entropy.size()) + " bytes, it must have " +
        std::to_string(kMinEntropyBytes) + " to " + std::to_string(kMaxEntropyBytes) +
        " of entropy");
  }
  wake.entropy = std::move(entropy);
  return wake;
}

RehearseRequest TakeRehearse(Fields& fields) {
  RehearseRequest rehearse;
  rehearse.runtime = fields.Text("runtime");
  rehearse.timeout_ms = fields.Whole("timeoutMs", 1, kMaxTimeoutMs);
  return rehearse;
}

RestoreRequest TakeRestore(Fields& fields) {
  RestoreRequest restore;
  restore.environment = fields.Object("environment").TextMap();
  restore.limits = TakeLimits(fields);
  restore.timeout_ms = fields.Whole("timeoutMs", 1, kMaxTimeoutMs);
  restore.now_ms = fields.Whole("nowMs", 0, kMaxEpochMs);
  return restore;
}

InvokeRequest TakeInvoke(Fields& fields, Bytes payload) {
  InvokeRequest invoke;
  invoke.request_id = fields.HeaderText("requestId");
  invoke.deadline_ms = fields.Whole("deadlineMs", 0, kMaxEpochMs);
  invoke.now_ms = fields.Whole("nowMs", 0, kMaxEpochMs);
  invoke.function_arn = fields.HeaderText("functionArn");
  if (fields.Has("clientContext")) {
    invoke.client_context = fields.HeaderText("clientContext");
  }
  invoke.payload = std::move(payload);
  return invoke;
}

Request TakeRequest(const std::string& op, Fields& fields, Bytes payload) {
  if (op == "preload") {
    return TakePreload(fields);
  }
  if (op == "wake") {
    return TakeWake(fields, std::move(payload));
  }
  if (op == "rehearse") {
    return TakeRehearse(fields);
  }
  if (op == "start") {
    return TakeStart(fields);
  }
  if (op == "restore") {
    return TakeRestore(fields);
  }
  if (op == "invoke") {
    return TakeInvoke(fields, std::move(payload));
  }
  if (op == "stop") {
    return StopRequest{};
  }
  if (op == "claim") {
    return ClaimRequest{TakeLimits(fields)};
  }
  if (op == "release") {
    return ReleaseRequest{TakeLimits(fields)};
  }
  if (op == "memory") {
    return MemoryRequest{};
  }
  if (op == "hold") {
    return HoldRequest{fields.Whole("bytes", 0, kMaxMemoryBytes)};
  }
  if (op == "storage") {
    return StorageRequest{fields.Whole("bytes", 1, kMaxStorageBytes)};
  }
  Bad("unknown op '" + op.substr(0, 64) + "'");
}

}  // namespace

Request ParseRequest(Frame frame) {
  Json json = Json::parse(frame.head, nullptr, false);
  if (json.is_discarded()) {
    Bad("the head is not JSON");
  }
  Fields fields(std::move(json), "request");
  const std::string op = fields.Text("op");
  Request request = TakeRequest(op, fields, std::move(frame.body));
  fields.End();
  return request;
}

}  // namespace ballast
