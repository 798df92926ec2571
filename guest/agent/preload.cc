#include "preload.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <system_error>

#include "posix.h"

namespace ballast {
namespace {

constexpr std::size_t kChunkBytes = 256U << 10U;

}  // namespace

void Preload(const std::vector<std::string>& files) {
  std::vector<std::uint8_t> chunk(kChunkBytes);
  for (const std::string& file : files) {
    try {
      const UniqueFd fd = Open(file, O_RDONLY);
      while (Check(static_cast<int>(::read(fd.get(), chunk.data(), chunk.size())), "read " + file) >
             0) {
      }
    } catch (const std::system_error& error) {
      // The runtime starts without it, only slower.
      Log(error.what());
    }
  }
}

}  // namespace ballast
