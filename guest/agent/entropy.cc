#include "entropy.h"

#include <fcntl.h>
#include <linux/random.h>
#include <sys/ioctl.h>

#include <climits>
#include <cstring>
#include <vector>

#include "posix.h"

namespace ballast {
void AddEntropy(const Bytes& bytes) {
  // `rand_pool_info` ends in a flexible array.
  std::vector<std::uint8_t> buffer(sizeof(rand_pool_info) + bytes.size());
  rand_pool_info info{};
  info.entropy_count = static_cast<int>(bytes.size()) * CHAR_BIT;
  info.buf_size = static_cast<int>(bytes.size());
  std::memcpy(buffer.data(), &info, sizeof info);
  std::memcpy(buffer.data() + sizeof info, bytes.data(), bytes.size());
  const UniqueFd device = Open("/dev/urandom", O_RDWR);
  Check(::ioctl(device.get(), RNDADDENTROPY, buffer.data()), "ioctl RNDADDENTROPY");
  Check(::ioctl(device.get(), RNDRESEEDCRNG), "ioctl RNDRESEEDCRNG");
}

}  // namespace ballast
