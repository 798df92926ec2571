#include "code.h"

#include "disk.h"
#include "mounts.h"

namespace ballast {

bool Code::Find() {
  if (!device_) {
    device_ = FindDisk("ballast-task");
  }
  return device_.has_value();
}

bool Code::Mount() {
  if (!is_mounted_ && Find()) {
    MountTask(*device_);
    is_mounted_ = true;
  }
  return is_mounted_;
}

}  // namespace ballast
