#pragma once

#include <functional>

#include "bytes.h"
#include "failure.h"
#include "frame.h"

namespace ballast {

// What is sent back for one request.
struct Answer {
  FrameType type = FrameType::kReply;
  Json head = Json::object();
  Bytes body;
};

// Gives a request its answer. Called exactly once.
using Reply = std::function<void(Answer)>;

inline Answer FailureAnswer(const Failure& failure) {
  return {FrameType::kFailure, failure.Head(), {}};
}

}  // namespace ballast
