// A LocalKms of the test's own, served on a free port of this process.
#pragma once

#include <mutex>

#include "engine/kms/server/server.hpp"
#include "tests/kms/http_client.hpp"
#include "tests/kms/temporary_kms.hpp"

namespace keydeck::kms::test {

class ServedKms {
public:
    explicit ServedKms(server::ServerOptions options = {}) {
        Result<AccessKey> made = local.kms->create_access_key(false);
        EXPECT_TRUE(made);
        if (made) access_key = std::move(*made);
        options.note_fault = [this](std::string_view sentence) {
            const std::scoped_lock lock(mutex_);
            faults_.emplace_back(sentence);
        };
        auto started = server::Server::start(*local.kms, local.clock, local.random, options);
        EXPECT_TRUE(started) << started.error().message;
        if (started) server = std::move(*started);
    }

    [[nodiscard]] std::string request(const Draft& draft) { return signed_request(draft, access_key, local.clock.now()); }
    /// One request on a connection of its own.
    HttpAnswer send(const std::string& bytes) {
        Socket socket(server->port());
        socket.send(bytes);
        return socket.receive();
    }
    HttpAnswer call(std::string operation, std::string body = "{}") {
        return send(request({.operation = std::move(operation), .body = std::move(body)}));
    }
    [[nodiscard]] std::vector<std::string> faults() {
        const std::scoped_lock lock(mutex_);
        return faults_;
    }

    TemporaryKms local;
    AccessKey access_key;
    std::unique_ptr<server::Server> server;

private:
    std::mutex mutex_;
    std::vector<std::string> faults_;
};

}  // namespace keydeck::kms::test
