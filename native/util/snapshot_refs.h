#pragma once

#include <libvirt/libvirt.h>

#include <memory>

namespace ballast {

struct SnapshotFree {
  void operator()(virDomainSnapshotPtr snapshot) const { virDomainSnapshotFree(snapshot); }
};
using OwnedSnapshot = std::unique_ptr<virDomainSnapshot, SnapshotFree>;

struct CheckpointFree {
  void operator()(virDomainCheckpointPtr checkpoint) const { virDomainCheckpointFree(checkpoint); }
};
using OwnedCheckpoint = std::unique_ptr<virDomainCheckpoint, CheckpointFree>;

}  // namespace ballast
