// Poll (1.4 §4.28, 2.1 §6.1.38), Cancel (1.4 §4.27, 2.1 §6.1.5), Ping (2.1 §6.1.36) and Log (2.1 §6.1.29).
#include <kmip/server/operations.h>

namespace keyway::kmip::server {

// Nothing is ever asynchronous here, so that no correlation value is known.
Outcome<> poll(Call&, const PollRequest&) {
  return refuse(reason::unknown_asynchronous,
                "no operation of that Asynchronous Correlation Value is going on");
}

Outcome<> cancel(Call& call, const CancelRequest& request) {
  // 1.x knows no error here: not to know the value is one of the results.
  if (call.version < Version::V2_0)
    return call.answer(
        CancelResponse{request.asynchronous_correlation_value, CancellationResult::Unavailable});
  return refuse(reason::unknown_asynchronous,
                "no operation of that Asynchronous Correlation Value is going on");
}

Outcome<> ping(Call& call, const PingRequest&) { return call.answer(PingResponse{}); }

Outcome<> log(Call& call, const LogRequest& request) {
  call.note(request.log_message);
  return call.answer(LogResponse{});
}

}  // namespace keyway::kmip::server
