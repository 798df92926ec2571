#include "util/refs.h"

#include <array>

#include "util/failure.h"

namespace ballast {

std::string TakeString(const char* call, char* text) {
  const CString owned(Check(call, text));
  return owned.get();
}

std::shared_ptr<ConnectionRef> ConnectionRef::Adopt(virConnectPtr raw, const Mailbox* owner) {
  return {new ConnectionRef(raw, owner), PoolDeleter<ConnectionRef>{owner}};
}

ConnectionRef::~ConnectionRef() {
  virConnectClose(raw_);
  if (on_closed_) on_closed_();
}

std::shared_ptr<Strand> ConnectionRef::StrandOf(const std::string& uuid) {
  const std::lock_guard lock(mutex_);
  auto strand = strands_[uuid].lock();
  if (strand == nullptr) {
    std::erase_if(strands_, [](const auto& entry) { return entry.second.expired(); });
    strand = std::make_shared<Strand>();
    strands_[uuid] = strand;
  }
  return strand;
}

std::shared_ptr<DomainRef> DomainRef::Adopt(OwnedDomain raw,
                                            std::shared_ptr<ConnectionRef> connection) {
  const Mailbox* owner = connection->owner();
  std::shared_ptr<DomainRef> ref(new DomainRef(std::move(raw), std::move(connection)),
                                 PoolDeleter<DomainRef>{owner});
  std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
  Check("virDomainGetUUIDString", virDomainGetUUIDString(ref->get(), uuid.data()));
  ref->uuid_ = uuid.data();
  ref->name_ = Check("virDomainGetName", virDomainGetName(ref->get()));
  ref->strand_ = ref->connection_->StrandOf(ref->uuid_);
  return ref;
}

}  // namespace ballast
