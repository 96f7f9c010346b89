// Where the monkey lives, and what it types.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "harness.hpp"

namespace keydeck::ui {

inline constexpr std::string_view kStranger = "0x5F63260EecF7F5E184046A03C89B3edd147Cb820";

inline std::string transaction_to(std::string_view to, std::string_view data) {
    return fmt::format(
        R"({{"type":2,"chainId":1,"nonce":0,"to":"{}","value":"1","gas":21000,"maxFeePerGas":"1","maxPriorityFeePerGas":"1",)"
        R"("data":"{}"}})",
        to, data);
}

// Every kind of thing that stands in a vault: users that can sign or not, both custodies, keys in several states, jobs.
struct MonkeyWorld : Harness {
    static HarnessOptions options(std::uint64_t seed) {
        HarnessOptions out;
        out.charset = seed % 5 == 0 ? Charset::kAscii : Charset::kUnicode;
        out.read_only = seed % 17 == 0;
        if (seed % 13 == 0) out.session = Session::of_user("alice", "tui");
        return out;
    }
    explicit MonkeyWorld(std::uint64_t seed) : Harness(options(seed)) {
        Engine& engine = engine_of_another_process();
        const Session session = operator_session();
        for (const char* name : {"alice", "bob", "中文名字", "locked"}) EXPECT_TRUE(engine.add_user(session, name));
        for (int i = 0; i < 70; ++i) EXPECT_TRUE(engine.add_user(session, fmt::format("user-{:02}", i)));
        import_known(engine, "alice", 1, "main");
        import_known(engine, "alice", 2, "savings");
        import_known(engine, "bob", 3);
        EXPECT_TRUE(engine.add_pool_keys(session, 1));
        CreateWallets inside;
        inside.user = "bob";
        inside.label = "inside";
        inside.custody = Custody::kKmsKey;
        EXPECT_TRUE(engine.create_wallets(session, inside));
        EXPECT_TRUE(engine.lock_user(session, "locked"));
        EXPECT_TRUE(engine.sign_message(session, kFirstAddress, as_bytes("hello")));
        const auto wallet = engine.wallet(session, kFirstAddress);
        if (seed % 3 == 0) {
            std::stop_source stop;
            stop.request_stop();
            Rewrap move;
            move.from = wallet->key_id;
            EXPECT_FALSE(engine.rewrap(session, move, {{}, stop.get_token()}));
        }
        if (seed % 4 == 0) {
            EXPECT_TRUE(engine.disable_key(session, wallet->key_id));
        }
        if (seed % 7 == 0) {
            EXPECT_TRUE(engine.schedule_key_deletion(session, wallet->key_id, 7, 3));
        }
        touch();
        hold = true;
    }
};

inline const std::vector<std::string>& monkey_texts() {
    static const std::vector<std::string> kTexts{
        "7",
        "30",
        "31",
        "6",
        "deadbeef",
        "0xdeadbeef",
        "carol",
        "中文",
        "pay\u202E\u200B\u2066 me\x1b]2;owned\x07",
        "ALL",
        "unlimited",
        "UNLIMITED",
        std::string(kFirstAddress),
        transaction_to(kFirstAddress, "0x"),
        transaction_to(kStranger, "0x"),
        transaction_to(kStranger,
                       "0x095ea7b30000000000000000000000005f63260eecf7f5e184046a03c89b3edd147cb820ffffffffffffffffffffffffff"
                       "ffffffffffffffffffffff"
                       "ffffffffffffffff"),
        R"({"types":{"EIP712Domain":[{"name":"name","type":"string"}],"Mail":[{"name":"contents","type":"string"}]},"primaryType":"Mail",)"
        R"("domain":{"name":"n"},"message":{"contents":"hi"}})",
        "action:SignMessage result:ok",
        "state:",
        "two\nlines",
        std::string(300, 'x'),
        "\xff\xfe\xc0",
    };
    return kTexts;
}

}  // namespace keydeck::ui
