#include "disk.h"

#include <filesystem>
#include <system_error>

#include "posix.h"

namespace ballast {

std::optional<std::string> FindDisk(const std::string& serial) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/block", ignored)) {
    const std::filesystem::path file = entry.path() / "serial";
    if (!std::filesystem::exists(file, ignored)) {
      continue;
    }
    // A disk can go between the look and the read.
    try {
      std::string found = ReadFile(file);
      while (!found.empty() && (found.back() == '\n' || found.back() == ' ')) {
        found.pop_back();
      }
      if (found == serial) {
        return "/dev/" + entry.path().filename().string();
      }
    } catch (const std::system_error& error) {
      Log(error.what());
    }
  }
  return std::nullopt;
}

}  // namespace ballast
