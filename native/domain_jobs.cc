#include <array>

#include "domain.h"

namespace ballast {

namespace {

Record JobInfo(virDomainPtr domain) {
  virDomainJobInfo raw{};
  Checked<virDomainGetJobInfo>(domain, &raw);
  return {{"type", Number(raw.type)},
          {"elapsedMs", Number(raw.timeElapsed)},
          {"remainingMs", Number(raw.timeRemaining)},
          {"dataTotalBytes", Number(raw.dataTotal)},
          {"dataProcessedBytes", Number(raw.dataProcessed)},
          {"dataRemainingBytes", Number(raw.dataRemaining)},
          {"memTotalBytes", Number(raw.memTotal)},
          {"memProcessedBytes", Number(raw.memProcessed)},
          {"memRemainingBytes", Number(raw.memRemaining)},
          {"fileTotalBytes", Number(raw.fileTotal)},
          {"fileProcessedBytes", Number(raw.fileProcessed)},
          {"fileRemainingBytes", Number(raw.fileRemaining)}};
}

Record JobStats(virDomainPtr domain, unsigned flags) {
  int type = 0;
  OutOwnedParams<int> params;
  Checked<virDomainGetJobStats>(domain, &type, &params.items, &params.count, flags);
  return {{"type", Number(type)}, {"stats", params.Take(0)}};
}

// A job runs inside a call of its domain: what looks at it or ends it may not wait for that call.
constexpr std::array kJobMethods = {
    Custom<Domain>(
        "jobInfo", [](Args&) { return JobInfo; }, Order::kOvertake),
    Custom<Domain>(
        "jobStats",
        [](Args& args) {
          return
              [flags = args.Uint("flags")](virDomainPtr domain) { return JobStats(domain, flags); };
        },
        Order::kOvertake),
    Wrap<virDomainAbortJob>("abortJob", {}, Order::kOvertake),
    Wrap<virDomainAbortJobFlags>("abortJobWith", {"flags"}, Order::kOvertake),
    Wrap<virDomainBackupBegin>("beginBackup", {"xml", "checkpointXml?", "flags"}),
    Wrap<virDomainBackupGetXMLDesc>("backupXml", {"flags"}),
};

}  // namespace

DomainMethods JobMethods() { return kJobMethods; }

}  // namespace ballast
