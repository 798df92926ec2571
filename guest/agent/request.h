#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "bytes.h"
#include "frame.h"

namespace ballast {

// What the function's cgroup is held to.
struct Limits {
  std::uint64_t memory_bytes = 0;
  std::optional<std::uint64_t> cpu_quota_us;
  std::uint64_t cpu_period_us = 0;
  std::uint64_t processes = 0;
};

struct StartRequest {
  std::string runtime;
  std::string handler;
  std::map<std::string, std::string> environment;
  Limits limits;
  std::uint64_t storage_bytes = 0;
  std::uint64_t timeout_ms = 0;
  std::uint64_t now_ms = 0;
};

// Of a template: the runtime is started before it is known for which function.
struct PreloadRequest {
  std::string runtime;
  std::uint64_t storage_bytes = 0;
  std::uint64_t timeout_ms = 0;
  std::uint64_t now_ms = 0;
};

// Of a clone: it has the clock and the random state of its template.
struct WakeRequest {
  std::uint64_t now_ms = 0;
  Bytes entropy;
};

// Of a clone that is made ready before its function is known.
struct RehearseRequest {
  std::string runtime;
  std::uint64_t timeout_ms = 0;
};

// Of a clone whose template had initialised its function.
struct RestoreRequest {
  std::map<std::string, std::string> environment;
  Limits limits;
  std::uint64_t timeout_ms = 0;
  std::uint64_t now_ms = 0;
};

struct InvokeRequest {
  std::string request_id;
  std::uint64_t deadline_ms = 0;
  std::uint64_t now_ms = 0;
  std::string function_arn;
  std::string client_context;
  Bytes payload;
  // What the function may use at this size. The agent's own: no request carries it.
  std::uint64_t memory_bytes = 0;
};

struct StopRequest {};

struct ClaimRequest {
  Limits limits;
};

struct ReleaseRequest {
  Limits limits;
};

struct MemoryRequest {};

struct HoldRequest {
  std::uint64_t bytes = 0;
};

struct StorageRequest {
  std::uint64_t bytes = 0;
};

using Request = std::variant<PreloadRequest, WakeRequest, RehearseRequest, StartRequest,
                             RestoreRequest, InvokeRequest, StopRequest, ClaimRequest,
                             ReleaseRequest, MemoryRequest, HoldRequest, StorageRequest>;

// Throws Failure `bad-request` that names the field and what it must be.
Request ParseRequest(Frame frame);

}  // namespace ballast
