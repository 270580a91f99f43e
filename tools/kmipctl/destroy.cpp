#include <kmip/model/destroy.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

Runner declare_destroy(CLI::App& app) { return on_object<kmip::DestroyRequest>(app); }

}  // namespace keyway::kmipctl
