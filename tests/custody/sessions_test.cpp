// What a user's session may do: its own wallets' verbs, and nothing else.
#include <functional>

#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

constexpr std::string_view kTransaction =
    R"({"chainId":1,"nonce":0,"to":"0x3535353535353535353535353535353535353535","value":1,"gas":21000,"gasPrice":1})";
constexpr std::string_view kTypedData =
    R"({"types":{"M":[{"name":"a","type":"uint256"}]},"primaryType":"M","domain":{"name":"D","chainId":1},"message":{"a":1}})";

using SessionsTest = TwoUsersTest;

/// Any verb's outcome, reduced to its error.
using Verb = std::function<Status(const Session&)>;
template <class T>
Status outcome(const Result<T>& result) {
    if (!result) return fail(result);
    return {};
}

struct NamedVerb {
    const char* name;
    Verb call;
};

std::vector<NamedVerb> wallet_verbs(Engine& engine, const std::string& wallet) {
    static const std::vector<std::string_view> messages{"m"};
    const auto sink = [](std::size_t, const auto&) {};
    return {
        {"wallet", [&engine, wallet](const Session& s) { return outcome(engine.wallet(s, wallet)); }},
        {"label_wallet", [&engine, wallet](const Session& s) { return outcome(engine.label_wallet(s, wallet, "stolen")); }},
        {"export_mnemonic", [&engine, wallet](const Session& s) { return outcome(engine.export_mnemonic(s, wallet)); }},
        {"export_private_key",
         [&engine, wallet](const Session& s) { return outcome(engine.export_private_key(s, wallet)); }},
        {"export_keystore",
         [&engine, wallet](const Session& s) {
             return outcome(engine.export_keystore(s, wallet, SecretBytes::copy_of("p")));
         }},
        {"preview_message",
         [&engine, wallet](const Session& s) { return outcome(engine.preview_message(s, wallet, as_bytes("m"))); }},
        {"preview_typed_data",
         [&engine, wallet](const Session& s) { return outcome(engine.preview_typed_data(s, wallet, kTypedData)); }},
        {"preview_transaction",
         [&engine, wallet](const Session& s) { return outcome(engine.preview_transaction(s, wallet, kTransaction)); }},
        {"preview_authorization",
         [&engine, wallet](const Session& s) {
             return outcome(engine.preview_authorization(s, wallet, "1", "0x3535353535353535353535353535353535353535", 0));
         }},
        {"sign_message",
         [&engine, wallet](const Session& s) { return outcome(engine.sign_message(s, wallet, as_bytes("m"))); }},
        {"sign_typed_data",
         [&engine, wallet](const Session& s) { return outcome(engine.sign_typed_data(s, wallet, kTypedData)); }},
        {"sign_transaction",
         [&engine, wallet](const Session& s) { return outcome(engine.sign_transaction(s, wallet, kTransaction)); }},
        {"sign_authorization",
         [&engine, wallet](const Session& s) {
             return outcome(
                 engine.sign_authorization(s, wallet, "1", "0x3535353535353535353535353535353535353535", 0, false));
         }},
        {"sign_messages",
         [&engine, wallet, sink](const Session& s) { return engine.sign_messages(s, wallet, messages, sink); }},
        {"sign_typed_data_batch",
         [&engine, wallet, sink](const Session& s) {
             return engine.sign_typed_data_batch(s, wallet, kTypedData, true, sink);
         }},
        {"sign_transactions",
         [&engine, wallet, sink](const Session& s) {
             return engine.sign_transactions(s, wallet, kTransaction, true, sink);
         }},
        {"remove_wallet", [&engine, wallet](const Session& s) { return engine.remove_wallet(s, wallet); }},
        {"restore_wallet", [&engine, wallet](const Session& s) { return outcome(engine.restore_wallet(s, wallet)); }},
        {"destroy_wallet", [&engine, wallet](const Session& s) { return engine.destroy_wallet(s, wallet, 1); }},
    };
}

TEST_F(SessionsTest, AnothersWalletAndNoWalletAreTheSameToEveryVerb) {
    for (const std::string& reference : {std::string("bob-main"), name_of(bobs_), std::string("bob")}) {
        const auto verbs = wallet_verbs(*engine_, reference);
        // Somebody who does not exist, named in the same way: the refusals must read alike.
        const std::string nobody = reference.starts_with("0x") ? "0x3535353535353535353535353535353535353535" : "nobody";
        const auto verbs_on_nobody = wallet_verbs(*engine_, nobody);
        for (std::size_t i = 0; i < verbs.size(); ++i) {
            const Status refused = verbs[i].call(alice_);
            ASSERT_TRUE(fails_with(ErrorCode::kDenied, refused)) << verbs[i].name << " on " << reference;
            const Status unknown = verbs_on_nobody[i].call(alice_);
            ASSERT_TRUE(fails_with(ErrorCode::kDenied, unknown)) << verbs[i].name;
            std::string expected = unknown.error().message;
            expected.replace(expected.find(nobody), nobody.size(), reference);
            EXPECT_EQ(refused.error().message, expected);
            EXPECT_EQ(refused.error().hint, unknown.error().hint);
        }
    }
    EXPECT_EQ(engine_->wallet(operator_, "bob-main")->signatures, 0);
    expect_sound_audit();
}

TEST_F(SessionsTest, OnesOwnWalletWorksForEveryVerb) {
    for (const NamedVerb& verb : wallet_verbs(*engine_, name_of(alices_))) {
        if (std::string_view(verb.name) == "remove_wallet") continue;  // destroy_wallet follows and needs it
        EXPECT_TRUE(verb.call(alice_)) << verb.name << ": " << why(verb.call(alice_));
    }
}

TEST_F(SessionsTest, BobsHiddenWalletStaysDeniedToo) {
    ASSERT_TRUE(engine_->remove_wallet(operator_, "bob-main"));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->destroy_wallet(alice_, name_of(bobs_), 1)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->restore_wallet(alice_, name_of(bobs_))));
}

TEST_F(SessionsTest, ALockedUserChangesNoHiddenWalletEither) {
    ASSERT_TRUE(engine_->remove_wallet(bob_, "bob-main"));
    ASSERT_TRUE(engine_->lock_user(operator_, "bob"));
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->destroy_wallet(bob_, name_of(bobs_), 1)));
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->restore_wallet(bob_, name_of(bobs_))));
    EXPECT_TRUE(engine_->restore_wallet(operator_, name_of(bobs_)));
}

TEST_F(SessionsTest, ALabelThatIsAnothersNameDoesNotMislead) {
    // In a vault of before, bob's wallet may be labelled "alice"; to alice her name still means her own only wallet.
    meddle("UPDATE wallets SET label = 'alice' WHERE label = 'bob-main'");
    for (const Session& session : {alice_, operator_}) {
        const auto found = engine_->wallet(session, "alice");
        ASSERT_TRUE(found) << why(found);
        EXPECT_EQ(found->id, alices_.id);
    }
}

TEST_F(SessionsTest, AnothersNameDoesNotTouchOnesOwnLabel) {
    // alice's label "bob" is hers alone to her, however many wallets bob has, and whether there is a bob.
    meddle("UPDATE wallets SET label = 'bob' WHERE label = 'alice-main'");
    for (const int wallets_of_bob : {1, 2}) {
        const auto found = engine_->wallet(alice_, "bob");
        ASSERT_TRUE(found) << wallets_of_bob << ": " << why(found);
        EXPECT_EQ(found->id, alices_.id);
        create("bob");
    }
}

TEST_F(SessionsTest, ATakenLabelDoesNotTellWhoHasIt) {
    // A user's name, another's label, one's own name: to a user's session the refusals read alike.
    create("alice", Custody::kEnvelope, "second");
    std::vector<std::string> refusals;
    for (const std::string& label : {std::string("bob"), std::string("bob-main"), std::string("alice")}) {
        const auto labelled = engine_->label_wallet(alice_, "alice-main", label);
        ASSERT_TRUE(fails_with(ErrorCode::kAlreadyExists, labelled)) << label;
        const auto made = engine_->create_wallets(alice_, for_user("alice", Custody::kEnvelope, label));
        ASSERT_TRUE(fails_with(ErrorCode::kAlreadyExists, made)) << label;
        ImportWallet request;
        request.user = "alice";
        request.label = label;
        request.private_key = SecretBytes::copy_of(std::string(63, '0') + "7");
        const auto imported = engine_->import_wallet(alice_, std::move(request));
        ASSERT_TRUE(fails_with(ErrorCode::kAlreadyExists, imported)) << label;
        std::string all = labelled.error().message + labelled.error().hint + made.error().message + imported.error().message;
        for (std::size_t at = all.find('"' + label + '"'); at != std::string::npos; at = all.find('"' + label + '"'))
            all.replace(at, label.size() + 2, "LABEL");
        refusals.push_back(std::move(all));
    }
    EXPECT_EQ(refusals[0], refusals[1]);
    EXPECT_EQ(refusals[0], refusals[2]);
    EXPECT_TRUE(engine_->label_wallet(alice_, "alice-main", "alice-main")) << "the label it has";
    // The operator is told what is in the way, in both directions.
    const auto of_operator = engine_->label_wallet(operator_, "alice-main", "bob");
    ASSERT_TRUE(fails_with(ErrorCode::kAlreadyExists, of_operator));
    EXPECT_NE(of_operator.error().message.find("is a user's name"), std::string::npos) << of_operator.error().message;
    const auto user = engine_->add_user(operator_, "bob-main");
    ASSERT_TRUE(fails_with(ErrorCode::kAlreadyExists, user));
    EXPECT_NE(user.error().message.find("A wallet is labelled"), std::string::npos) << user.error().message;
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, engine_->rename_user(operator_, "bob", "alice-main")));
}

TEST_F(SessionsTest, OperatorsVerbsAreDenied) {
    Engine& engine = *engine_;
    const std::string key = alices_.key_id;
    const std::vector<NamedVerb> verbs{
        {"add_user", [&](const Session& s) { return outcome(engine.add_user(s, "mallory")); }},
        {"list_users", [&](const Session& s) { return outcome(engine.list_users(s, {})); }},
        {"user", [&](const Session& s) { return outcome(engine.user(s, "bob")); }},
        {"rename_user", [&](const Session& s) { return outcome(engine.rename_user(s, "alice", "root")); }},
        {"lock_user", [&](const Session& s) { return outcome(engine.lock_user(s, "bob")); }},
        {"unlock_user", [&](const Session& s) { return outcome(engine.unlock_user(s, "alice")); }},
        {"remove_user", [&](const Session& s) { return engine.remove_user(s, "bob"); }},
        {"create_wallets", [&](const Session& s) { return outcome(engine.create_wallets(s, for_user("bob"))); }},
        {"import_wallet",
         [&](const Session& s) {
             ImportWallet request;
             request.user = "bob";
             request.private_key = SecretBytes::copy_of("0x" + std::string(64, '1'));
             return outcome(engine.import_wallet(s, std::move(request)));
         }},
        {"list_wallets",
         [&](const Session& s) {
             WalletQuery query;
             query.user = "bob";
             return outcome(engine.list_wallets(s, query));
         }},
        {"create_key", [&](const Session& s) { return outcome(engine.create_key(s, {})); }},
        {"list_keys", [&](const Session& s) { return outcome(engine.list_keys(s, {})); }},
        {"key", [&](const Session& s) { return outcome(engine.key(s, key)); }},
        {"alias_key", [&](const Session& s) { return outcome(engine.alias_key(s, key, "x")); }},
        {"tag_key", [&](const Session& s) { return outcome(engine.tag_key(s, key, "a", "b")); }},
        {"enable_key", [&](const Session& s) { return outcome(engine.enable_key(s, key)); }},
        {"disable_key", [&](const Session& s) { return outcome(engine.disable_key(s, key)); }},
        {"rotate_key", [&](const Session& s) { return outcome(engine.rotate_key(s, key)); }},
        {"deletion_impact", [&](const Session& s) { return outcome(engine.deletion_impact(s, key)); }},
        {"schedule_key_deletion", [&](const Session& s) { return outcome(engine.schedule_key_deletion(s, key, 30, 1)); }},
        {"cancel_key_deletion", [&](const Session& s) { return outcome(engine.cancel_key_deletion(s, key)); }},
        {"init_pool", [&](const Session& s) { return outcome(engine.init_pool(s, 3)); }},
        {"pool_status", [&](const Session& s) { return outcome(engine.pool_status(s)); }},
        {"add_pool_keys", [&](const Session& s) { return outcome(engine.add_pool_keys(s, 1)); }},
        {"verify_audit", [&](const Session& s) { return outcome(engine.verify_audit(s, std::nullopt)); }},
        {"list_audit of bob",
         [&](const Session& s) {
             AuditQuery query;
             query.user = "bob";
             return outcome(engine.list_audit(s, query));
         }},
        {"doctor", [&](const Session& s) { return outcome(engine.doctor(s)); }},
        {"adopt_key", [&](const Session& s) { return outcome(engine.adopt_key(s, key)); }},
        {"confirm_clock", [&](const Session& s) { return engine.confirm_clock(s); }},
    };
    for (const NamedVerb& verb : verbs) EXPECT_TRUE(fails_with(ErrorCode::kDenied, verb.call(alice_))) << verb.name;
    EXPECT_EQ(engine_->key(operator_, key)->state, "Enabled");
    EXPECT_EQ(engine_->vault()->users, 2);
    EXPECT_EQ(engine_->vault()->wallets, 2);
}

TEST_F(SessionsTest, AUserSeesAndMakesOnesOwn) {
    EXPECT_EQ(engine_->user(alice_, "alice")->name, "alice");
    const auto made = engine_->create_wallets(alice_, for_user("alice", Custody::kKmsKey, "mine"));
    ASSERT_TRUE(made) << why(made);
    const auto listed = engine_->list_wallets(alice_, {});
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 2U);
    for (const Wallet& wallet : *listed) EXPECT_EQ(wallet.user, "alice");
    WalletQuery all_of_key;
    all_of_key.key = bobs_.key_id;
    const auto of_key = engine_->list_wallets(alice_, all_of_key);
    ASSERT_TRUE(of_key) << why(of_key);
    for (const Wallet& wallet : *of_key) EXPECT_EQ(wallet.user, "alice");
}

TEST_F(SessionsTest, AUserSeesOnesOwnEventsOnly) {
    ASSERT_TRUE(engine_->sign_message(operator_, "bob-main", as_bytes("bob's")));
    ASSERT_TRUE(engine_->sign_message(alice_, "alice-main", as_bytes("alice's")));
    EXPECT_FALSE(engine_->sign_message(alice_, "bob-main", as_bytes("not hers")));
    const auto events = engine_->list_audit(alice_, {});
    ASSERT_TRUE(events) << why(events);
    ASSERT_FALSE(events->empty());
    for (const AuditEvent& event : *events) {
        EXPECT_EQ(event.user, "alice");
        EXPECT_EQ(event.detail.find("bob's"), std::string::npos);
    }
    EXPECT_EQ(events->back().result, "denied");
}

TEST_F(SessionsTest, ADeniedTryIsRecorded) {
    EXPECT_FALSE(engine_->sign_message(alice_, "bob-main", as_bytes("m")));
    const AuditEvent event = last_event();
    EXPECT_EQ(event.action, "SignMessage");
    EXPECT_EQ(event.actor, "alice");
    EXPECT_EQ(event.target, "bob-main");
    EXPECT_EQ(event.result, "denied");
    EXPECT_TRUE(event.digest.empty());
}

TEST_F(SessionsTest, NobodyCannotAct) {
    const Session dave = Session::of_user("dave", "test");
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->list_wallets(dave, {})));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->sign_message(dave, "alice-main", as_bytes("m"))));
}

TEST_F(SessionsTest, ALockedUserSignsAndExportsNothing) {
    ASSERT_TRUE(
        engine_->sign_message(alice_, "alice-main", as_bytes("m")));  // opened, so that the lock must reach the open wallet
    ASSERT_TRUE(engine_->lock_user(operator_, "alice"));
    for (const Session& session : {alice_, operator_}) {
        const auto refused = engine_->sign_message(session, "alice-main", as_bytes("m"));
        ASSERT_TRUE(fails_with(ErrorCode::kLocked, refused));
        EXPECT_NE(refused.error().message.find("nothing was signed"), std::string::npos);
        EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->sign_transaction(session, "alice-main", kTransaction)));
        EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->sign_typed_data(session, "alice-main", kTypedData)));
        EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->export_private_key(session, "alice-main")));
    }
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->create_wallets(alice_, for_user("alice"))));
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->state, WalletState::kUserLocked);
    ASSERT_TRUE(engine_->unlock_user(operator_, "alice"));
    EXPECT_TRUE(engine_->sign_message(alice_, "alice-main", as_bytes("m")));
}

TEST_F(TwoUsersTest, ALockedUsersSessionChangesNoWallet) {
    ASSERT_TRUE(engine_->lock_user(operator_, "alice"));
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->label_wallet(alice_, "alice-main", "mine")));
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->remove_wallet(alice_, "alice-main")));
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->destroy_wallet(alice_, "alice-main", 1)));
    EXPECT_TRUE(engine_->label_wallet(operator_, "alice-main", "hers")) << "the operator may";
}

TEST_F(TwoUsersTest, ANewUserWithAnOldNameDoesNotSeeTheFormerOnesEvents) {
    ASSERT_TRUE(engine_->sign_message(alice_, "alice-main", as_bytes("between us")));
    clock_.advance(std::chrono::seconds(1));
    ASSERT_TRUE(engine_->rename_user(operator_, "alice", "alicia"));
    clock_.advance(std::chrono::seconds(1));
    add_user("alice");
    AuditQuery query;
    query.page.limit = 2;
    const auto seen = engine_->list_audit(alice_, query);
    ASSERT_TRUE(seen) << why(seen);
    for (const AuditEvent& event : *seen) EXPECT_NE(event.action, "SignMessage") << event.id;
}

TEST_F(TwoUsersTest, ASecretInTheNamesPlaceIsNotWrittenDown) {
    const std::string key(64, 'a');
    EXPECT_FALSE(engine_->sign_message(operator_, key, as_bytes("x")));
    const AuditEvent event = last_event();
    EXPECT_EQ(event.target, "(withheld)");
    EXPECT_EQ(event.detail.find(key), std::string::npos) << event.detail;
}

}  // namespace
}  // namespace keydeck
