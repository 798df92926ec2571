#include <array>
#include <memory>

#include "domain.h"

namespace ballast {

namespace {

Record LabelRecord(const virSecurityLabel& label) {
  return {{"label", std::string(static_cast<const char*>(label.label))},
          {"enforcing", label.enforcing != 0}};
}

std::vector<Record> Labels(virDomainPtr domain) {
  virSecurityLabelPtr raw = nullptr;
  const int count = Checked<virDomainGetSecurityLabelList>(domain, &raw);
  const std::unique_ptr<virSecurityLabel, FreeDeleter> array(raw);
  std::vector<Record> labels;
  labels.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) labels.push_back(LabelRecord(raw[i]));
  return labels;
}

constexpr std::array kSecurityMethods = {
    Custom<Domain>("securityLabels", [](Args&) { return Labels; }),
    Wrap<virDomainGetLaunchSecurityInfo>("launchSecurity", {"flags"}),
    Wrap<virDomainSetLaunchSecurityState>("setLaunchSecurity", {"parameters", "flags"}),
};

}  // namespace

DomainMethods SecurityMethods() { return kSecurityMethods; }

}  // namespace ballast
