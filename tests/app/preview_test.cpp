#include <gtest/gtest.h>

#include "app/cli/preview.hpp"

namespace keydeck::cli {
namespace {

TEST(Grade, AnAuthorizationIsAlwaysRisky) {
    SigningPreview known_delegate;
    known_delegate.kind = SigningKind::kAuthorization;
    grade(known_delegate);
    EXPECT_EQ(known_delegate.risk, Risk::kRisky);
    EXPECT_EQ(known_delegate.challenge, "DELEGATE");
    EXPECT_EQ(known_delegate.challenge_prompt, "Type DELEGATE to sign");

    SigningPreview every_chain;
    every_chain.kind = SigningKind::kAuthorization;
    every_chain.risk = Risk::kRisky;
    every_chain.challenge = "EVERY CHAIN";
    every_chain.challenge_prompt = "Type EVERY CHAIN to sign";
    grade(every_chain);
    EXPECT_EQ(every_chain.challenge, "EVERY CHAIN");  // the engine's own says more
}

TEST(Grade, NoRiskySignatureGoesByEnterAlone) {
    SigningPreview preview;
    preview.kind = SigningKind::kTransaction;
    preview.risk = Risk::kRisky;
    grade(preview);
    EXPECT_FALSE(preview.challenge.empty());
}

TEST(Grade, LeavesOrdinarySignaturesAlone) {
    for (const SigningKind kind : {SigningKind::kMessage, SigningKind::kTypedData, SigningKind::kTransaction}) {
        SigningPreview preview;
        preview.kind = kind;
        grade(preview);
        EXPECT_EQ(preview.risk, Risk::kOrdinary);
        EXPECT_TRUE(preview.challenge.empty());
    }
}

}  // namespace
}  // namespace keydeck::cli
