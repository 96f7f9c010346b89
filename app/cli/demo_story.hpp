// Alice, bob and charlie: what the demo sets up, signs and verifies.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace keydeck::cli {

/// One of the three, and the proof that their wallet signs.
struct DemoPart {
    Wallet wallet;
    std::string message;
    MessageSignature message_signature;
    Verification message_check;
    std::string transaction_sentence;
    TransactionSignature transaction;
    AddressBytes transaction_sender{};
    [[nodiscard]] bool verified() const { return message_check.valid && transaction_sender == wallet.address; }
};

struct DemoStory {
    VaultInfo vault;
    PoolStatus pool;
    std::vector<DemoPart> parts;
    KeyInfo retired_key;
    AuditVerification audit;
    [[nodiscard]] bool verified() const;
};

/// How many KMS keys it needs: the pool, and one for each wallet that has its own. (The key on its way out costs nothing.)
[[nodiscard]] int demo_key_count();

/// Whether the story was told to its end in this vault before: scheduling the key's deletion comes last.
Result<bool> is_demo_complete(Engine& engine);

/// Makes what is missing (users, pool, wallets, the key to be deleted), signs a message and an EIP-1559 transaction with
/// each wallet, and checks every signature anew from its bytes. Interrupted anywhere, it goes on where it stopped.
Result<DemoStory> tell_demo(Engine& engine);

}  // namespace keydeck::cli
