#pragma once

#include <string>

namespace ballast {

// A copy of a file in memory that nobody can change any more: a sealed memfd. Sparse as the file
// is.
class SealedCopy {
 public:
  // Throws std::system_error that names the call and the file.
  explicit SealedCopy(const std::string& path);
  ~SealedCopy();
  SealedCopy(const SealedCopy&) = delete;
  SealedCopy& operator=(const SealedCopy&) = delete;
  SealedCopy(SealedCopy&&) = delete;
  SealedCopy& operator=(SealedCopy&&) = delete;

  // Where processes of the same user find it while this one lives.
  [[nodiscard]] std::string path() const;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace ballast
