// What a person is shown before signing, and how risky it is.
#include "engine/custody/risk.hpp"
#include "tests/custody/preview_fixture.hpp"

namespace keydeck {
namespace {

TEST_F(PreviewTest, ShowsEverythingThatMatters) {
    const SigningPreview preview = shown(to(name_of(bobs_)) + R"(,"value":"1500000000000000000")");
    EXPECT_EQ(preview.kind, SigningKind::kTransaction);
    EXPECT_EQ(preview.sentence, "Send 1.5 ETH to bob / bob-main");
    EXPECT_EQ(preview.risk, Risk::kOrdinary);
    EXPECT_TRUE(preview.warnings.empty());
    EXPECT_TRUE(preview.challenge.empty());
    EXPECT_EQ(preview.wallet.id, alices_.id);
    EXPECT_EQ(value_of(preview, "From"), "alice / alice-main");
    EXPECT_EQ(value_of(preview, ""), name_of(alices_));
    EXPECT_EQ(value_of(preview, "To"), name_of(bobs_) + " (bob / bob-main)");
    EXPECT_EQ(value_of(preview, "Value"), "1.5 ETH");
    EXPECT_EQ(value_of(preview, "Chain"), "1 (Ethereum mainnet)");
    EXPECT_EQ(value_of(preview, "Nonce"), "42");
    EXPECT_EQ(value_of(preview, "Gas"), "65000 at most, at 28.8 gwei at most, tip 1.5 gwei");
    EXPECT_EQ(value_of(preview, "Fee"), "at most 0.001872 ETH");
    EXPECT_EQ(value_of(preview, "Highest total cost"), "1.501872 ETH");
    EXPECT_EQ(value_of(preview, "Custody"), "envelope");
    EXPECT_NE(value_of(preview, "KMS key").find(alices_.key_id), std::string::npos);
    const auto signature = engine_->sign_transaction(
        operator_, "alice-main",
        R"({"chainId":1,"nonce":42,"gas":65000,"maxFeePerGas":28800000000,"maxPriorityFeePerGas":1500000000,)" +
            to(name_of(bobs_)) + R"(,"value":"1500000000000000000"})");
    ASSERT_TRUE(signature);
    EXPECT_EQ(digest_of(preview, "Signing hash"), last_event().digest) << "what is shown is what is signed";
}

TEST_F(PreviewTest, AFirstTimeRecipientAsksForTheMiddleOfItsAddress) {
    const SigningPreview preview = shown(to(kStranger));
    EXPECT_EQ(preview.risk, Risk::kRisky);
    EXPECT_TRUE(warns(preview, "First time"));
    EXPECT_EQ(value_of(preview, "To"), std::string(kStranger) + " (new)");
    EXPECT_EQ(preview.challenge, kStranger.substr(2 + 16, 4));
    EXPECT_NE(preview.challenge_prompt.find("17-20"), std::string::npos);
    sign_for(kStranger);
    const SigningPreview again = shown(to(kStranger));
    EXPECT_EQ(again.risk, Risk::kOrdinary);
    EXPECT_EQ(value_of(again, "To"), std::string(kStranger) + " (known)");
}

TEST_F(PreviewTest, ALookAlikeIsNamed) {
    sign_for(kStranger);
    std::string twin(kStranger);
    twin[20] = twin[20] == '4' ? '5' : '4';
    std::ranges::transform(twin, twin.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    const SigningPreview preview = shown(to(twin));
    EXPECT_EQ(preview.risk, Risk::kRisky);
    EXPECT_TRUE(warns(preview, "LOOK-ALIKE"));
    EXPECT_TRUE(warns(preview, kStranger));
}

TEST_F(PreviewTest, ContactsStandByName) {
    const Status added = add_contact("bob-cold", kStranger);
    ASSERT_TRUE(added) << why(added);
    const std::string with_name = std::string(kStranger) + " bob-cold (address book)";
    const SigningPreview sent = shown(to(kStranger) + R"(,"value":"1500000000000000000")");
    EXPECT_EQ(sent.sentence, "Send 1.5 ETH to bob-cold (address book)");
    EXPECT_EQ(value_of(sent, "To"), with_name);
    EXPECT_EQ(sent.risk, Risk::kOrdinary) << "a contact is no first time";
    EXPECT_TRUE(sent.warnings.empty());

    ASSERT_TRUE(add_contact("USDC", kToken));
    const SigningPreview called = shown(call("a9059cbb", kStranger, "ee6b280"));
    EXPECT_EQ(called.sentence, "Send 250000000 units of token USDC (address book) to bob-cold (address book)");
    EXPECT_EQ(value_of(called, "  to"), with_name);
    EXPECT_EQ(value_of(called, "To"), std::string(kToken) + " USDC (address book)");

    const SigningPreview listed =
        shown(to(kStranger) + R"(,"accessList":[{"address":")" + std::string(kToken) + R"(","storageKeys":[]}])");
    EXPECT_EQ(value_of(listed, "Access list"), std::string(kToken) + " USDC (address book), 0 storage keys");

    const auto authorization = engine_->preview_authorization(operator_, "alice-main", "1", kStranger, 0);
    ASSERT_TRUE(authorization) << why(authorization);
    EXPECT_EQ(authorization->sentence, "Let the code at bob-cold (address book) act as alice / alice-main");
    EXPECT_EQ(value_of(*authorization, "Delegate"), with_name);
}

TEST_F(PreviewTest, AUserSeesContactsButNotOthersWallets) {
    ASSERT_TRUE(add_contact("bob-cold", kStranger));
    const auto fields = [](std::string_view address) {
        return R"({"chainId":1,"nonce":0,"gas":21000,"gasPrice":1,)" + to(address) + "}";
    };
    const auto contact = engine_->preview_transaction(alice_, "alice-main", fields(kStranger));
    ASSERT_TRUE(contact) << why(contact);
    EXPECT_EQ(value_of(*contact, "To"), std::string(kStranger) + " bob-cold (address book)");
    const auto other = engine_->preview_transaction(alice_, "alice-main", fields(name_of(bobs_)));
    ASSERT_TRUE(other) << why(other);
    EXPECT_EQ(value_of(*other, "To"), name_of(bobs_) + " (known)");
    EXPECT_EQ(other->sentence.find("bob"), std::string::npos) << other->sentence;
    const auto own = engine_->preview_transaction(alice_, "alice-main", fields(name_of(alices_)));
    EXPECT_EQ(value_of(*own, "To"), name_of(alices_) + " (this wallet)");
    EXPECT_EQ(own->sentence, "Send 0 ETH to this wallet itself");
}

TEST_F(PreviewTest, AddressPoisoningIsLoud) {
    ASSERT_TRUE(add_contact("bob-cold", kStranger));
    const std::string twin = twin_of(kStranger);
    const SigningPreview fresh = shown(to(twin));
    EXPECT_EQ(fresh.risk, Risk::kRisky);
    ASSERT_EQ(fresh.warnings.size(), 2U);
    EXPECT_TRUE(fresh.warnings[0].starts_with("LOOK-ALIKE")) << "before everything else";
    EXPECT_NE(fresh.warnings[0].find("bob-cold"), std::string::npos);
    EXPECT_EQ(fresh.challenge, checksum_address(*parse_address_text(twin)).substr(18, 4));

    // Having fallen for it once does not make it right.
    sign_for(twin);
    const SigningPreview again = shown(to(twin));
    EXPECT_EQ(again.risk, Risk::kRisky);
    ASSERT_EQ(again.warnings.size(), 1U);
    EXPECT_TRUE(again.warnings[0].starts_with("LOOK-ALIKE"));
    EXPECT_EQ(shown(to(kStranger)).risk, Risk::kOrdinary) << "the true one is left in peace";

    const SigningPreview like_a_wallet = shown(to(twin_of(name_of(alices_))));
    EXPECT_TRUE(warns(like_a_wallet, "a wallet of this user"));
    const SigningPreview transfer = shown(call("a9059cbb", twin, "1"));
    EXPECT_TRUE(warns(transfer, "LOOK-ALIKE")) << "the recipient within a call too";
}

TEST_F(PreviewTest, AnUnlimitedAmountIsNamed) {
    const SigningPreview unlimited = shown(call("095ea7b3", name_of(bobs_), std::string(64, 'f')));
    EXPECT_EQ(value_of(unlimited, "  value"), "UNLIMITED (2^256-1)");
    EXPECT_NE(unlimited.sentence.find("Let bob / bob-main spend an UNLIMITED amount"), std::string::npos);
    const SigningPreview nearly = shown(call("095ea7b3", name_of(bobs_), std::string(63, 'f') + "e"));
    EXPECT_TRUE(value_of(nearly, "  value").starts_with("UNLIMITED (1157920892373161954235"));
}

TEST_F(PreviewTest, TakingBackAsksForNothing) {
    const SigningPreview taken = shown(call("a22cb465", kStranger, "0"));
    EXPECT_EQ(taken.risk, Risk::kOrdinary);
    EXPECT_TRUE(taken.warnings.empty());
    EXPECT_EQ(value_of(taken, "To"), kToken);
    const SigningPreview fewer = shown(call("a457c2d7", kStranger, "5"));
    EXPECT_EQ(fewer.risk, Risk::kOrdinary);
    EXPECT_EQ(shown(call("095ea7b3", kStranger, "0")).risk, Risk::kRisky) << "item 0 of a collection is something";
}

TEST_F(PreviewTest, ACallWithinACallIsFollowed) {
    sign_for(kToken);  // the contract is known; who gains is not
    std::string digits(kStranger.substr(2));
    std::ranges::transform(digits, digits.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    const auto element = [&](std::string_view amount) {
        return word("44") + "a9059cbb" + word(digits) + word(amount) + std::string(56, '0');
    };
    const std::string data = "ac9650d8" + word("20") + word("2") + word("40") + word("c0") + element("a") + element("14");
    const SigningPreview preview = shown(to(kToken) + R"(,"data":"0x)" + data + "\"");
    EXPECT_EQ(preview.risk, Risk::kRisky);
    EXPECT_TRUE(warns(preview, "First time"));
    EXPECT_EQ(preview.challenge, kStranger.substr(18, 4));
    EXPECT_EQ(value_of(preview, "Sends in all"),
              "30 units of token " + std::string(kToken) + ", in 2 transfers to 1 address");
}

// disperse.app's calldata, as ethers encodes it.
TEST_F(PreviewTest, ManyTransfersAreAddedUp) {
    const auto addresses = {kStranger, std::string_view("0x70997970C51812dc3A010C7d01b50e0d17dc79C8")};
    std::string list = word("2");
    for (const std::string_view address : addresses) {
        std::string digits(address.substr(2));
        std::ranges::transform(digits, digits.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
        list += word(digits);
    }
    // 1 and 0.5 ether
    const std::string amounts = word("2") + word("de0b6b3a7640000") + word("6f05b59d3b20000");
    const SigningPreview preview = shown(to(kToken) + R"(,"value":"1500000000000000000","data":"0xe63d38ed)" + word("40") +
                                         word("a0") + list + amounts + "\"");
    EXPECT_EQ(value_of(preview, "Sends in all"), "1.5 ETH, in 2 transfers to 2 addresses");
    EXPECT_EQ(value_of(preview, "Highest total cost"), "1.501872 ETH");
    EXPECT_EQ(value_of(preview, "  recipients[0]"), std::string(kStranger) + " (new)");
    EXPECT_TRUE(warns(preview, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"));
}

TEST_F(PreviewTest, WhatWasShownIsKept) {
    ASSERT_TRUE(add_contact("bob-cold", kStranger));
    const std::string json = R"({"chainId":1,"nonce":0,"gas":65000,"gasPrice":1,)" + call("a9059cbb", kStranger, "1") + "}";
    const auto preview = engine_->preview_transaction(operator_, "alice-main", json);
    ASSERT_TRUE(preview) << why(preview);
    ASSERT_TRUE(engine_->sign_transaction(operator_, "alice-main", json));
    const std::string detail = last_event().detail;
    EXPECT_NE(detail.find("bob-cold (address book)"), std::string::npos) << detail;
    ASSERT_EQ(preview->digests.size(), 2U);
    for (const PreviewLine& digest : preview->digests)
        EXPECT_NE(detail.find(digest.name + ": " + digest.value), std::string::npos) << digest.name << " in " << detail;
    EXPECT_EQ(last_event().digest, digest_of(*preview, "Signing hash"));
}

TEST_F(PreviewTest, DecodesAKnownCallAndFollowsItsRecipient) {
    const SigningPreview preview = shown(call("a9059cbb", kStranger, "ee6b280"));  // transfer, 250000000
    EXPECT_NE(preview.sentence.find("250000000"), std::string::npos) << preview.sentence;
    EXPECT_NE(value_of(preview, "Call").find("transfer(address to, uint256 value)"), std::string::npos);
    EXPECT_EQ(value_of(preview, "  to"), std::string(kStranger) + " (new)");
    EXPECT_EQ(value_of(preview, "  value"), "250000000");
    // As ethers 6.17 computes them.
    EXPECT_EQ(digest_of(preview, "Signing hash"), "0x04366dd63bd45bf980f743820fd46df021e10d42f8280d5e14cae14d2380356c");
    EXPECT_EQ(digest_of(preview, "Calldata digest (ERC-8213)"),
              "0x79d1bde758786422c4645cf254607ee457613fa8bfd3811e8195fba9a0059439");
    EXPECT_EQ(preview.risk, Risk::kRisky);
    EXPECT_EQ(preview.challenge, kStranger.substr(18, 4)) << "of the recipient, not of the token";
    EXPECT_EQ(shown(call("a9059cbb", name_of(bobs_), "1")).risk, Risk::kOrdinary) << "to a wallet of this vault";
    const SigningPreview with_value = shown(call("a9059cbb", name_of(bobs_), "1") + R"(,"value":1)");
    EXPECT_EQ(with_value.risk, Risk::kRisky) << "the value goes to the contract";
    EXPECT_TRUE(warns(with_value, kToken));
}

TEST_F(PreviewTest, UnlimitedApprovalAndApprovalForAllAreRisky) {
    const SigningPreview unlimited = shown(call("095ea7b3", name_of(bobs_), std::string(64, 'f')));
    EXPECT_EQ(unlimited.risk, Risk::kRisky);
    EXPECT_TRUE(warns(unlimited, "Unlimited approval"));
    EXPECT_FALSE(unlimited.challenge.empty());
    EXPECT_EQ(shown(call("095ea7b3", name_of(bobs_), "64")).risk, Risk::kOrdinary);
    const SigningPreview all = shown(call("a22cb465", name_of(bobs_), "1"));
    EXPECT_EQ(all.risk, Risk::kRisky);
    EXPECT_TRUE(warns(all, "Approval for all"));
    EXPECT_EQ(shown(call("a22cb465", name_of(bobs_), "0")).risk, Risk::kOrdinary) << "taking it back hurts nobody";
}

/// Safe's multiSend of these calls, packed: operation, address, value and length of the data in 32 bytes each, data.
std::string multi_send(std::string_view list) {
    const auto number = [](std::size_t value) { return to_hex(to_be32(Uint256(value))); };
    const std::size_t size = list.size() / 2;
    return R"(,"data":"0x8d80ff0a)" + number(32) + number(size) + std::string(list) +
           std::string((32 - size % 32) % 32 * 2, '0') + "\"";
}

std::string packed(std::string_view operation, std::string_view to, std::size_t value) {
    return std::string(operation) + std::string(to.substr(2)) + to_hex(to_be32(Uint256(value))) + std::string(64, '0');
}

TEST_F(PreviewTest, TellsTheCallsOfASafesMultiSend) {
    sign_for(kStranger);
    const std::string two = packed("00", kStranger, 5) + packed("00", kStranger, 7);
    const SigningPreview calls = shown(to(kToken) + multi_send(two));
    EXPECT_EQ(value_of(calls, "  call 2"), "Send 7 wei to " + std::string(kStranger));
    EXPECT_EQ(value_of(calls, "Sends in all"), "0.000000000000000012 ETH, in 2 transfers to 1 address");
    EXPECT_EQ(calls.risk, Risk::kOrdinary);
    const SigningPreview delegates = shown(to(kToken) + multi_send(two + packed("01", kStranger, 0)));
    EXPECT_EQ(delegates.risk, Risk::kRisky);
    ASSERT_FALSE(delegates.warnings.empty());
    EXPECT_TRUE(delegates.warnings.front().starts_with("DELEGATECALL")) << delegates.warnings.front();
    EXPECT_EQ(delegates.challenge, "DELEGATECALL");
    const auto loud = std::ranges::find(delegates.lines, "  call 3", &PreviewLine::name);
    ASSERT_NE(loud, delegates.lines.end());
    EXPECT_TRUE(loud->warning);
    const SigningPreview cut = shown(to(kToken) + multi_send(two.substr(0, two.size() - 2)));
    EXPECT_EQ(cut.risk, Risk::kRisky);
    EXPECT_TRUE(warns(cut, "Unknown call"));
    EXPECT_EQ(value_of(cut, "Call"), "unknown: cannot decode");
    EXPECT_EQ(value_of(cut, "  problem"), "Call 2 of the list is cut short.");
    EXPECT_EQ(value_of(cut, "  call 1"), "(no such line)");
}

TEST_F(PreviewTest, UnknownCalldataSaysThatItCannotBeTold) {
    sign_for(kToken);
    const SigningPreview preview = shown(to(kToken) + R"(,"data":"0x123456780000")");
    EXPECT_EQ(preview.risk, Risk::kRisky);
    EXPECT_TRUE(warns(preview, "Unknown call"));
    EXPECT_NE(preview.sentence.find("0x12345678"), std::string::npos);
    EXPECT_NE(value_of(preview, "Call").find("cannot decode"), std::string::npos);
    EXPECT_EQ(value_of(preview, "Data"), "0x123456780000");
    EXPECT_EQ(shown(to(kToken) + R"(,"data":"0x12")").risk, Risk::kRisky) << "shorter than a selector";
}

TEST_F(PreviewTest, CreatingAContractIsRisky) {
    const SigningPreview preview = shown(R"("data":"0x6001")");
    EXPECT_EQ(preview.risk, Risk::kRisky);
    EXPECT_EQ(preview.challenge, "CREATE");
    EXPECT_NE(preview.sentence.find("Create a contract"), std::string::npos);
}

TEST_F(PreviewTest, AnotherChainIsRiskyOnceOneIsUsual) {
    const std::string on_polygon =
        R"({"chainId":137,"nonce":0,"gas":21000,"gasPrice":1,"value":"5",)" + to(name_of(bobs_)) + "}";
    EXPECT_EQ(engine_->preview_transaction(operator_, "alice-main", on_polygon)->risk, Risk::kOrdinary)
        << "nothing is usual yet";
    sign_for(name_of(bobs_), 1);
    const auto preview = engine_->preview_transaction(operator_, "alice-main", on_polygon);
    ASSERT_TRUE(preview);
    EXPECT_EQ(preview->risk, Risk::kRisky);
    EXPECT_TRUE(warns(*preview, "Another chain"));
    EXPECT_EQ(preview->challenge, name_of(bobs_).substr(18, 4));
    EXPECT_EQ(value_of(*preview, "Value"), "0.000000000000000005 POL");
    sign_for(name_of(bobs_), 137);
    EXPECT_EQ(engine_->preview_transaction(operator_, "alice-main", on_polygon)->risk, Risk::kOrdinary);
    const auto nameless = engine_->preview_transaction(
        operator_, "alice-main", R"({"chainId":987654321,"nonce":0,"gas":21000,"gasPrice":1,)" + to(name_of(bobs_)) + "}");
    EXPECT_EQ(value_of(*nameless, "Chain"), "987654321 (no name known)");
}

TEST_F(PreviewTest, TooMuchGasIsAWarning) {
    const auto over = engine_->preview_transaction(
        operator_, "alice-main", R"({"chainId":1,"nonce":0,"gas":16777217,"gasPrice":1,)" + to(name_of(bobs_)) + "}");
    ASSERT_TRUE(over) << why(over);
    EXPECT_TRUE(warns(*over, "EIP-7825"));
    EXPECT_EQ(over->risk, Risk::kOrdinary);
    const auto at = engine_->preview_transaction(
        operator_, "alice-main", R"({"chainId":1,"nonce":0,"gas":16777216,"gasPrice":1,)" + to(name_of(bobs_)) + "}");
    EXPECT_TRUE(at->warnings.empty());
}

TEST_F(PreviewTest, AForeignFromIsAnError) {
    const auto preview = transaction(to(kStranger) + R"(,"from":")" + std::string(kStranger) + "\"");
    ASSERT_TRUE(fails_with(ErrorCode::kInvalidInput, preview));
    EXPECT_NE(preview.error().message.find("from"), std::string::npos);
}

TEST_F(PreviewTest, AuthorizationsAreGradedByDelegateAndChain) {
    const auto fresh = engine_->preview_authorization(operator_, "alice-main", "1", kStranger, 0);
    ASSERT_TRUE(fresh) << why(fresh);
    EXPECT_EQ(digest_of(*fresh, "EIP-7702 digest"), "0x103994e631a3c8fbbde4c1e25bf12b6a67f063f52a3431dc35dd5c0c43ce2f76");
    EXPECT_EQ(fresh->kind, SigningKind::kAuthorization);
    EXPECT_EQ(fresh->risk, Risk::kRisky);
    EXPECT_EQ(fresh->challenge, kStranger.substr(18, 4));
    ASSERT_TRUE(engine_->sign_authorization(operator_, "alice-main", "1", kStranger, 0, false));
    const auto again = engine_->preview_authorization(operator_, "alice-main", "1", kStranger, 1);
    EXPECT_EQ(again->risk, Risk::kRisky) << "it hands the account over, whoever wrote the code";
    EXPECT_EQ(again->challenge, "DELEGATE");
    const auto everywhere = engine_->preview_authorization(operator_, "alice-main", "0", kStranger, 0);
    EXPECT_EQ(everywhere->risk, Risk::kRisky);
    EXPECT_EQ(everywhere->challenge, "EVERY CHAIN");
    EXPECT_EQ(value_of(*everywhere, "Chain"), "0 (EVERY chain)");
    EXPECT_TRUE(
        fails_with(ErrorCode::kInvalidInput, engine_->preview_authorization(operator_, "alice-main", "1", "0x12", 0)));
}

TEST_F(PreviewTest, MessagesAreShownInFull) {
    const auto preview =
        engine_->preview_message(operator_, "alice-main", as_bytes("Sign in to demo.example\nNonce: 7f3a91\n"));
    ASSERT_TRUE(preview) << why(preview);
    EXPECT_EQ(preview->risk, Risk::kOrdinary);
    EXPECT_TRUE(preview->warnings.empty());
    EXPECT_EQ(value_of(*preview, "Message"), "2 lines, 38 bytes, UTF-8, no hidden characters, a line feed at its end");
    EXPECT_EQ(digest_of(*preview, "EIP-191 digest"), "0xdf4b5c9a52cc2dc7b359313a5416fac0e1c4da0a998ad9dfd441a07d11c41554");
    std::vector<std::string> lines;
    for (const PreviewLine& line : preview->lines) {
        if (line.name.empty()) lines.push_back(line.value);
    }
    EXPECT_EQ(lines, (std::vector<std::string>{name_of(alices_), "Sign in to demo.example", "Nonce: 7f3a91"}));
}

TEST_F(PreviewTest, WhatEndsALineUnseenIsTold) {
    const auto preview = engine_->preview_message(operator_, "alice-main", as_bytes("hello   \n \nbye"));
    ASSERT_TRUE(preview) << why(preview);
    EXPECT_EQ(value_of(*preview, "Message"), "3 lines, 14 bytes, UTF-8, no hidden characters, blanks at the end of 2 lines");
    std::vector<std::string> lines;
    for (const PreviewLine& line : preview->lines) {
        if (line.name.empty()) lines.push_back(line.value);
    }
    EXPECT_EQ(lines, (std::vector<std::string>{name_of(alices_), "hello[3 blanks]", "[1 blank]", "bye"}));
}

struct MessageCase {
    const char* name;
    std::string message;
    const char* warning;  // part of it; nullptr: none
    Risk risk = Risk::kOrdinary;
};

TEST_F(PreviewTest, MessagesThatMayMislead) {
    const std::vector<MessageCase> cases{
        {"plain", "hello world", nullptr},
        {"line ends", "a\nb\n", nullptr},
        {"a tab", "a\tb", "1 hidden"},
        {"carriage returns", "a\r\nb\r\n", "2 hidden"},
        {"spaces that are none", "a\u00A0b\u2003c\u3000d", "3 hidden"},
        {"accents and emoji", "gr\u00fc\u00df \U0001F600", nullptr},
        {"right-to-left override", "pay \u202Eecila", "hidden"},
        {"zero width space", "a\u200Bb", "hidden"},
        {"tag characters", "a\U000E0041b", "hidden"},
        {"escape", "a\x1b[31mb", "hidden"},
        {"a NUL", std::string("a\0b", 3), "hidden"},
        {"C1", "a\u0085b", "hidden"},
        {"hex", "0xdeadbeef", "looks like hex"},
        {"hex without prefix", "deadbeefdeadbeef", "looks like hex"},
        {"a word of hex digits", "deadbee", nullptr},
        {"32 bytes of text", "abcdefghijklmnopqrstuvwxyz .,!?x", nullptr},
        {"32 bytes of no text", std::string(32, '\xC3'), "Blind", Risk::kRisky},
        {"32 bytes with a NUL", std::string(31, 'a') + std::string(1, '\0'), "Blind", Risk::kRisky},
        {"31 bytes of no text", std::string(31, '\xC3'), "not text"},
        {"no text", "\xff\xfe", "not text"},
        {"nothing", "", "empty"},
    };
    for (const MessageCase& c : cases) {
        const auto preview = engine_->preview_message(operator_, "alice-main", as_bytes(c.message));
        ASSERT_TRUE(preview) << c.name;
        EXPECT_EQ(preview->risk, c.risk) << c.name;
        EXPECT_EQ(preview->challenge, c.risk == Risk::kRisky ? "BLIND" : "") << c.name;
        if (c.warning == nullptr) {
            EXPECT_TRUE(preview->warnings.empty()) << c.name << ": " << preview->warnings.front();
        } else {
            EXPECT_TRUE(warns(*preview, c.warning)) << c.name;
        }
    }
}

TEST(HiddenCharacters, AreCountedByCodePoint) {
    using custody::count_hidden_characters;
    EXPECT_EQ(count_hidden_characters(""), 0U);
    EXPECT_EQ(count_hidden_characters("abc \n"), 0U);
    EXPECT_EQ(count_hidden_characters("\t\r\u00A0\u2003\u1680\u202F\u3000\uE000"), 8U);
    EXPECT_EQ(count_hidden_characters("\u200B\u200D\u2066"), 3U);
    EXPECT_EQ(count_hidden_characters("\U0001F600\u4E2D\u00E9"), 0U);
    EXPECT_EQ(count_hidden_characters("\u00AD"), 1U);
    EXPECT_EQ(count_hidden_characters("\uFEFF"), 1U);
    EXPECT_EQ(count_hidden_characters("\x7f"), 1U);
}

}  // namespace
}  // namespace keydeck
