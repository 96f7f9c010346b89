// A server that gives one answer to every request, as cheaply as can be: so that the client is what is measured.
#pragma once

#include <string>

namespace keydeck::bench {

/// The key that the answer names, and the answer: a Sign of AWS KMS.
inline constexpr const char* kFixedKeyArn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// Listens on a free port of 127.0.0.1. Ends the process when that fails.
int listen_on_loopback(int& port);

/// Serves for good, one epoll loop.
[[noreturn]] void serve_fixed_answer(int listener);

}  // namespace keydeck::bench
