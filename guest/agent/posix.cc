#include "posix.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace ballast {
namespace {

constexpr std::size_t kMaxSmallFileBytes = 64U << 10U;

}  // namespace

void UniqueFd::Close() {
  if (fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

void ThrowErrno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int Check(int result, const std::string& what) {
  if (result < 0) {
    ThrowErrno(what);
  }
  return result;
}

UniqueFd Open(const std::string& path, int flags) {
  return UniqueFd(Check(::open(path.c_str(), flags | O_CLOEXEC), "open " + path));
}

std::string ReadFromStart(int fd, const std::string& what) {
  std::string text;
  std::array<char, 4096> chunk{};
  while (text.size() < kMaxSmallFileBytes) {
    const ssize_t got = ::pread(fd, chunk.data(), chunk.size(), static_cast<off_t>(text.size()));
    if (got < 0) {
      ThrowErrno("read " + what);
    }
    if (got == 0) {
      break;
    }
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::string ReadFile(const std::string& path) {
  return ReadFromStart(Open(path, O_RDONLY).get(), path);
}

void WriteFile(const std::string& path, std::string_view text) {
  const UniqueFd fd = Open(path, O_WRONLY);
  const ssize_t written = ::write(fd.get(), text.data(), text.size());
  if (written < 0) {
    ThrowErrno("write '" + std::string(text) + "' to " + path);
  }
}

void TryWriteFile(const std::string& path, std::string_view text) {
  try {
    WriteFile(path, text);
  } catch (const std::system_error& error) {
    Log(error.what());
  }
}

void Log(std::string_view line) {
  std::string text = "ballast-agent: ";
  text += line;
  text += '\n';
  // The console is the last resort: a failed write to it has nowhere to be told.
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) {
    return;
  }
}

}  // namespace ballast
