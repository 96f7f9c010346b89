// Makes a vault, a user and a wallet, signs and verifies: the engine without its front end.
#include <cstdio>
#include <filesystem>

#include "engine/engine.hpp"

namespace {

int failed(const char* step, const keydeck::Error& error) {
    std::fprintf(stderr, "%s: %s\n", step, error.message.c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const std::filesystem::path directory = argv[1];
    std::filesystem::remove_all(directory);
    keydeck::VaultCreation creation;
    creation.directory = directory;
    creation.key_file = directory / "key";
    if (auto made = keydeck::Engine::create_vault(creation); !made) return failed("create_vault", made.error());
    auto engine = keydeck::Engine::open({.directory = directory, .pool_size = 1});
    if (!engine) return failed("open", engine.error());
    const auto session = keydeck::Session::of_operator("test");
    if (auto user = (*engine)->add_user(session, "alice"); !user) return failed("add_user", user.error());
    auto wallets = (*engine)->create_wallets(session, {.user = "alice", .label = "main"});
    if (!wallets) return failed("create_wallets", wallets.error());
    const auto message = keydeck::as_bytes("hello");
    auto signature = (*engine)->sign_message(session, "main", message);
    if (!signature) return failed("sign_message", signature.error());
    std::string hex = "0x";
    for (const auto byte : signature->signature) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", byte);
        hex += digits;
    }
    auto verified = keydeck::Engine::verify_message(message, hex, wallets->front().address);
    if (!verified) return failed("verify_message", verified.error());
    if (!verified->valid) return 1;
    std::puts("signed and verified");
    return 0;
}
