#include "util/slots.h"

#include "util/call_name.h"
#include "util/snapshot_refs.h"

namespace ballast {

std::string TakeName(char* text) {
  const CString owned(text);
  return text;
}

std::string TakeName(virDomainSnapshotPtr snapshot) {
  const OwnedSnapshot owned(snapshot);
  return Checked<virDomainSnapshotGetName>(snapshot);
}

std::string TakeName(virDomainCheckpointPtr checkpoint) {
  const OwnedCheckpoint owned(checkpoint);
  return Checked<virDomainCheckpointGetName>(checkpoint);
}

}  // namespace ballast
