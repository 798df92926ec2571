#include <array>
#include <memory>
#include <string>
#include <vector>

#include "connection.h"
#include "domain.h"

namespace ballast {

namespace {

struct RecordListFree {
  void operator()(virDomainStatsRecordPtr* list) const { virDomainStatsRecordListFree(list); }
};
using OwnedRecords = std::unique_ptr<virDomainStatsRecordPtr, RecordListFree>;

std::vector<Record> ToRecords(const OwnedRecords& list, int count) {
  std::vector<Record> records;
  for (int i = 0; i < count; ++i) {
    const auto& item = *list.get()[i];
    std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
    Checked<virDomainGetUUIDString>(item.dom, uuid.data());
    records.push_back({{"name", Text(virDomainGetName(item.dom))},
                       {"uuid", std::string(uuid.data())},
                       {"stats", ToRecord(item.params, item.nparams)}});
  }
  return records;
}

using DomainList = std::vector<std::shared_ptr<DomainRef>>;

// The statistics of the domains that are given, or, if none are, of all that the flags choose.
std::vector<Record> Stats(virConnectPtr connection, const DomainList& domains, unsigned stats,
                          unsigned flags) {
  virDomainStatsRecordPtr* raw = nullptr;
  int count = 0;
  if (domains.empty()) {
    count = Checked<virConnectGetAllDomainStats>(connection, stats, &raw, flags);
  } else {
    std::vector<virDomainPtr> given;
    for (const auto& domain : domains) given.push_back(domain->get());
    given.push_back(nullptr);
    count = Checked<virDomainListGetStats>(given.data(), stats, &raw, flags);
  }
  return ToRecords(OwnedRecords(raw), count);
}

}  // namespace

Napi::Value Connection::DomainStats(const Napi::CallbackInfo& info) {
  Args args(info);
  DomainList domains;
  for (Args& item : args.List("domains")) domains.push_back(Domain::ReadOptional(item, "domain"));
  const unsigned stats = args.Uint("stats");
  const unsigned flags = args.Uint("flags");
  return Call(args, [domains = std::move(domains), stats, flags](virConnectPtr connection) {
    return Stats(connection, domains, stats, flags);
  });
}

}  // namespace ballast
