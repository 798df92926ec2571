#include <array>

#include "domain.h"

namespace ballast {

namespace {

constexpr std::array kSaveMethods = {
    Wrap<virDomainSaveFlags>("save", {"path", "xml?", "flags"}),
    Wrap<virDomainSaveParams>("saveWith", {"parameters", "flags"}),
    Wrap<virDomainManagedSave>("managedSave", {"flags"}),
    Wrap<virDomainHasManagedSaveImage, Gives::kBool>("hasManagedSave", {"flags"}),
    Wrap<virDomainManagedSaveRemove>("removeManagedSave", {"flags"}),
    Wrap<virDomainManagedSaveGetXMLDesc>("managedSaveXml", {"flags"}),
    Wrap<virDomainManagedSaveDefineXML>("defineManagedSaveXml", {"xml", "flags"}),
    Wrap<virDomainCoreDumpWithFormat>("coreDump", {"path", "format", "flags"}),
};

}  // namespace

DomainMethods SaveMethods() { return kSaveMethods; }

}  // namespace ballast
