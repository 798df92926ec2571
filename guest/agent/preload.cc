#include "preload.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <system_error>

#include "posix.h"

namespace ballast {
namespace {

// What a kernel reads ahead at a time, unless told to read less; more it would leave out.
constexpr off_t kChunkBytes = 128 << 10;

// Copies nothing, and is soon done where the file is there already.
void ReadAhead(const std::string& file) {
  const UniqueFd fd = Open(file, O_RDONLY);
  struct stat status{};
  Check(::fstat(fd.get(), &status), "stat " + file);
  for (off_t offset = 0; offset < status.st_size; offset += kChunkBytes) {
    Check(static_cast<int>(::readahead(fd.get(), offset, kChunkBytes)), "read ahead " + file);
  }
}

}  // namespace

void Preload(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    try {
      ReadAhead(file);
    } catch (const std::system_error& error) {
      // The runtime starts without it, only slower.
      Log(error.what());
    }
  }
}

}  // namespace ballast
