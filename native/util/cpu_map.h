#pragma once

#include <libvirt/libvirt.h>

#include <cstddef>
#include <vector>

#include "util/record.h"

namespace ballast {

// The numbers of the processors whose bits are set.
Numbers CpusOf(const unsigned char* map, int length);

// Room for masks that are wide enough for the processors of a host.
class CpuMaps {
 public:
  CpuMaps(virConnectPtr connection, std::size_t count);

  [[nodiscard]] unsigned char* data() { return bytes_.data(); }
  [[nodiscard]] int length() const { return length_; }
  [[nodiscard]] Numbers CpusOf(int index) const;

 private:
  int length_;
  std::vector<unsigned char> bytes_;
};

}  // namespace ballast
