// What `kmsctl check` asks a Vault server.
#pragma once

#include <string>

#include <tools/kmsctl/report.h>
#include <vault/client/blocking.h>

namespace keyway::kmsctl {

struct VaultCheckOptions {
  std::string address;  // as given, for display
  std::string name_space;
  Bytes context;
  bool logs_in = false;  // the token is a new one, of a login
};

// check_vault asks for everything between the server and a wrapped key: health, token, key, policy, and a
// round trip.
void check_vault(Report& report, vault::BlockingClient& client, const vault::TransitKey& key,
                 const VaultCheckOptions& options);

}  // namespace keyway::kmsctl
