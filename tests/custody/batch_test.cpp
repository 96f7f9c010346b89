// Batches: in order, failures in their place, nothing handed out before it is recorded.
#include "engine/base/hex.hpp"
#include "engine/custody/signing.hpp"
#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

class BatchTest : public TwoUsersTest {
protected:
    template <class T>
    struct Collected {
        Status status;
        std::vector<Result<T>> results;
    };
    template <class T>
    BatchSink<T> sink_into(Collected<T>& out) {
        return [&out](std::size_t index, const Result<T>& result) {
            EXPECT_EQ(index, out.results.size());
            out.results.push_back(result);
        };
    }
    Collected<TransactionSignature> sign_transactions(std::string_view json, bool allow_risky) {
        Collected<TransactionSignature> out;
        out.status = engine_->sign_transactions(operator_, "alice-main", json, allow_risky, sink_into(out));
        return out;
    }
    static std::string transaction(int nonce, const std::string& to) {
        return R"({"chainId":1,"nonce":)" + std::to_string(nonce) +
               R"(,"gas":21000,"maxFeePerGas":2,"maxPriorityFeePerGas":1,"value":5,"to":")" + to + "\"}\n";
    }
};

TEST_F(BatchTest, SignsThousandsInOrderAcrossChunks) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 2 * custody::kSigningChunk + 17; ++i) texts.push_back("message " + std::to_string(i));
    const std::vector<std::string_view> messages(texts.begin(), texts.end());
    Collected<MessageSignature> out;
    out.status = engine_->sign_messages(operator_, "alice-main", messages, sink_into(out));
    ASSERT_TRUE(out.status) << why(out.status);
    ASSERT_EQ(out.results.size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); i += 97) {
        ASSERT_TRUE(out.results[i]);
        EXPECT_TRUE(Engine::verify_message(as_bytes(texts[i]), to_hex_0x(out.results[i]->signature), alices_.address)->valid)
            << i;
    }
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->signatures, static_cast<std::int64_t>(texts.size()));
    AuditQuery signs;
    signs.action = "SignMessage";
    EXPECT_EQ(events(signs).size(), texts.size());
    expect_sound_audit();
}

TEST_F(BatchTest, TheRowsAreDurableBeforeTheResult) {
    auto reader = Engine::open(options());  // another process
    ASSERT_TRUE(reader);
    std::vector<std::string_view> messages(10, "m");
    std::size_t delivered = 0;
    const Status done =
        engine_->sign_messages(operator_, "alice-main", messages, [&](std::size_t, const Result<MessageSignature>&) {
            AuditQuery signs;
            signs.action = "SignMessage";
            EXPECT_GT((*reader)->list_audit(operator_, signs)->size(), delivered);
            ++delivered;
        });
    EXPECT_TRUE(done);
    EXPECT_EQ(delivered, 10U);
}

TEST_F(BatchTest, AnItemThatFailsStandsInItsPlace) {
    const std::string own = name_of(create("alice"));
    const std::string input =
        transaction(0, own) + "{\"chainId\":1}\n" + transaction(2, own) + "not json\n" + transaction(4, own);
    const auto out = sign_transactions(input, false);
    ASSERT_TRUE(out.status) << why(out.status);
    ASSERT_EQ(out.results.size(), 5U);
    EXPECT_TRUE(out.results[0]) << why(out.results[0]);
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, out.results[1]));
    EXPECT_TRUE(out.results[2]);
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, out.results[3]));
    EXPECT_TRUE(out.results[4]);
    for (const std::size_t good : {0U, 2U, 4U}) {
        EXPECT_EQ(Engine::decode_transaction(to_hex_0x(out.results[good]->raw))->from, alices_.address);
    }
    std::vector<std::string> results;
    AuditQuery signs;
    signs.action = "SignTransaction";
    for (const AuditEvent& event : events(signs)) results.push_back(event.result);
    EXPECT_EQ(results, (std::vector<std::string>{"ok", "invalid_input", "ok", "invalid_input", "ok"}));
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->signatures, 3);
}

TEST_F(BatchTest, RiskyItemsAreRejectedUnlessAllowed) {
    const std::string stranger = "0x3535353535353535353535353535353535353535";
    const std::string input = transaction(0, name_of(create("alice"))) + transaction(1, stranger);
    auto out = sign_transactions(input, false);
    ASSERT_EQ(out.results.size(), 2U);
    EXPECT_TRUE(out.results[0]) << "alice's own wallet: " << why(out.results[0]);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, out.results[1]));
    EXPECT_NE(out.results[1].error().hint.find("--yes"), std::string::npos);
    out = sign_transactions(input, true);
    EXPECT_TRUE(out.results[1]);
    out = sign_transactions(input, false);
    EXPECT_TRUE(out.results[1]) << "signed for once, it is known: " << why(out.results[1]);
}

TEST_F(BatchTest, RiskyTypedDataIsRejectedUnlessAllowed) {
    const std::string permit =
        R"({"types":{"Permit":[{"name":"owner","type":"address"},{"name":"spender","type":"address"},{"name":"value","type":"uint256"},)"
        R"({"name":"nonce","type":"uint256"},{"name":"deadline","type":"uint256"}]},"primaryType":"Permit","domain":{"name":"T","chainId":1},)"
        R"("message":{"owner":"0x3535353535353535353535353535353535353535","spender":"0x3535353535353535353535353535353535353535",)"
        R"("value":"115792089237316195423570985008687907853269984665640564039457584007913129639935","nonce":0,"deadline":1790000100}})";
    const std::string mail =
        R"({"types":{"M":[{"name":"a","type":"uint256"}]},"primaryType":"M","domain":{"name":"D","chainId":1},"message":{"a":1}})";
    const auto sign = [&](bool allow_risky) {
        Collected<MessageSignature> out;
        out.status =
            engine_->sign_typed_data_batch(operator_, "alice-main", mail + "\n" + permit, allow_risky, sink_into(out));
        EXPECT_TRUE(out.status) << why(out.status);
        EXPECT_EQ(out.results.size(), 2U);
        return out.results;
    };
    const auto refused = sign(false);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused[0])) << "nobody can tell what it is for";
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, refused[1]));
    EXPECT_NE(refused[1].error().message.find("Unlimited"), std::string::npos)
        << "the reason, not what every permit says: " << refused[1].error().message;
    const auto allowed = sign(true);
    EXPECT_TRUE(allowed[0]);
    EXPECT_TRUE(allowed[1]);
    const auto again = sign(false);
    EXPECT_TRUE(again[0]) << "confirmed before: " << why(again[0]);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, again[1]));
}

TEST_F(BatchTest, NothingToSignIsFine) {
    Collected<MessageSignature> out;
    EXPECT_TRUE(engine_->sign_messages(operator_, "alice-main", {}, sink_into(out)));
    EXPECT_TRUE(out.results.empty());
    EXPECT_TRUE(sign_transactions("", true).status);
    EXPECT_TRUE(sign_transactions("\n  \n", true).results.empty());
}

TEST_F(BatchTest, AUserLockedOnTheWayStopsTheNextChunk) {
    auto elsewhere = Engine::open(options());
    ASSERT_TRUE(elsewhere);
    std::vector<std::string_view> messages(custody::kSigningChunk + 5, "m");
    std::size_t good = 0;
    std::size_t refused = 0;
    const Status done = engine_->sign_messages(operator_, "alice-main", messages,
                                               [&](std::size_t index, const Result<MessageSignature>& result) {
                                                   if (index == 0) {
                                                       ASSERT_TRUE((*elsewhere)->lock_user(operator_, "alice"));
                                                   }
                                                   if (result) {
                                                       ++good;
                                                   } else {
                                                       EXPECT_TRUE(fails_with(ErrorCode::kLocked, result));
                                                       ++refused;
                                                   }
                                               });
    EXPECT_TRUE(done);
    EXPECT_EQ(good, custody::kSigningChunk);
    EXPECT_EQ(refused, 5U);
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->signatures, static_cast<std::int64_t>(custody::kSigningChunk));
    EXPECT_EQ(last_event().result, "locked");
    expect_sound_audit();
}

TEST_F(BatchTest, ALogThatCannotBeWrittenHandsNothingOut) {
    meddle("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END");
    std::vector<std::string_view> messages(3, "m");
    Collected<MessageSignature> out;
    out.status = engine_->sign_messages(operator_, "alice-main", messages, sink_into(out));
    EXPECT_FALSE(out.status);
    EXPECT_TRUE(out.results.empty());
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->signatures, 0);
}

}  // namespace
}  // namespace keydeck
