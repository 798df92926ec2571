#include <array>

#include "domain.h"

namespace ballast {

namespace {

constexpr std::array kSnapshotMethods = {
    Wrap<virDomainSnapshotCreateXML>("createSnapshot", {"xml", "flags"}),
    Wrap<virDomainListAllSnapshots>("snapshots", {"flags"}),
    Wrap<virDomainSnapshotNum, Gives::kNumber>("snapshotCount", {"flags"}),
    Wrap<virDomainHasCurrentSnapshot, Gives::kBool>("hasCurrentSnapshot", {"flags"}),
    Wrap<virDomainSnapshotCurrent>("currentSnapshot", {"flags"}),
    Wrap<virDomainSnapshotGetXMLDesc>("snapshotXml", {"flags"}),
    Wrap<virDomainSnapshotGetParent>("snapshotParent", {"flags"}),
    Wrap<virDomainSnapshotListAllChildren>("snapshotChildren", {"flags"}),
    Wrap<virDomainSnapshotNumChildren, Gives::kNumber>("snapshotChildCount", {"flags"}),
    Wrap<virDomainSnapshotIsCurrent, Gives::kBool>("isCurrentSnapshot", {"flags"}),
    Wrap<virDomainSnapshotHasMetadata, Gives::kBool>("snapshotHasMetadata", {"flags"}),
    Wrap<virDomainRevertToSnapshot>("revertToSnapshot", {"flags"}),
    Wrap<virDomainSnapshotDelete>("deleteSnapshot", {"flags"}),
};

}  // namespace

DomainMethods SnapshotMethods() { return kSnapshotMethods; }

}  // namespace ballast
