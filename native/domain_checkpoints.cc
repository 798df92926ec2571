#include <array>

#include "domain.h"

namespace ballast {

namespace {

constexpr std::array kCheckpointMethods = {
    Wrap<virDomainCheckpointCreateXML>("createCheckpoint", {"xml", "flags"}),
    Wrap<virDomainListAllCheckpoints>("checkpoints", {"flags"}),
    Wrap<virDomainCheckpointGetXMLDesc>("checkpointXml", {"flags"}),
    Wrap<virDomainCheckpointGetParent>("checkpointParent", {"flags"}),
    Wrap<virDomainCheckpointListAllChildren>("checkpointChildren", {"flags"}),
    Wrap<virDomainCheckpointDelete>("deleteCheckpoint", {"flags"}),
};

}  // namespace

DomainMethods CheckpointMethods() { return kCheckpointMethods; }

}  // namespace ballast
