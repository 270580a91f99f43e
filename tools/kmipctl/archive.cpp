#include <kmip/model/archive.h>
#include <tools/kmipctl/command.h>

namespace keyway::kmipctl {

Runner declare_archive(CLI::App& app) { return on_object<kmip::ArchiveRequest>(app); }

}  // namespace keyway::kmipctl
