#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "json.h"

namespace ballast {

// A request that is not carried out: the codes are listed in protocol.md.
class Failure : public std::runtime_error {
 public:
  Failure(std::string code, const std::string& message, Json details = Json::object())
      : std::runtime_error(message), code_(std::move(code)), details_(std::move(details)) {}

  [[nodiscard]] Json Head() const {
    Json head = details_;
    head["code"] = code_;
    head["message"] = what();
    return head;
  }

  [[nodiscard]] const std::string& code() const { return code_; }

 private:
  std::string code_;
  Json details_;
};

}  // namespace ballast
