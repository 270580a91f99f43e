// Every operation of the model, for tests and fuzz targets that have to go through all of them.
#pragma once

#include <kmip/model/all_operations.h>
#include <kmip/model/message.h>

namespace keyway::test {

using Operations = kmip::AllOperations;

}  // namespace keyway::test
