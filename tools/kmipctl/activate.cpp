#include <kmip/model/activate.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

Runner declare_activate(CLI::App& app) { return on_object<kmip::ActivateRequest>(app); }

}  // namespace keyway::kmipctl
