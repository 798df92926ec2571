#pragma once

#include <string>
#include <vector>

namespace ballast {

// Brings these files into the page cache on the agent's account. Otherwise they would be charged to
// the function, whose limit then evicts the very code that it runs: it would crawl before it fails.
void Preload(const std::vector<std::string>& files);

}  // namespace ballast
