#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace ballast {

// Owns one file descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { Close(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  void Close();

  int fd_ = -1;
};

// Throws std::system_error with errno and `what`, the call and its object.
[[noreturn]] void ThrowErrno(const std::string& what);

// Passes the result of a system call on; throws where it is negative.
int Check(int result, const std::string& what);

UniqueFd Open(const std::string& path, int flags);

// Reads a small file of /proc or /sys: at most 64 KiB.
std::string ReadFile(const std::string& path);

// Reads it from the start through a descriptor that stays open.
std::string ReadFromStart(int fd, const std::string& what);

// One write call, as the files of /proc, /sys and cgroups want it.
void WriteFile(const std::string& path, std::string_view text);

// The same where a kernel may lack the file: the failure is logged and not fatal.
void TryWriteFile(const std::string& path, std::string_view text);

// Prints one line on the console.
void Log(std::string_view line);

}  // namespace ballast
