#include <kmip/model/recover.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

Runner declare_recover(CLI::App& app) { return on_object<kmip::RecoverRequest>(app); }

}  // namespace keyway::kmipctl
