// Every operation of a Kms on a key, as a value that a table can run.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/kms/kms.hpp"

namespace keydeck::kms::contract {

/// What a cell's operation works with: the key under test, and things made while it was enabled.
struct Scene {
    Kms& kms;
    std::string key;        ///< how the request names the key
    std::string key_id;     ///< its id
    std::string alias;      ///< an alias of the key
    std::string helper_id;  ///< an enabled key of the same spec, which has the alias helper_alias
    std::string helper_alias;
    Bytes ciphertext;          ///< made under the key, or under some symmetric key where it is not symmetric
    std::string symmetric_id;  ///< an enabled symmetric key other than the key
    Bytes symmetric_ciphertext;
    Bytes signature;  ///< of the message "message" by the key; anything where the key cannot sign
};

/// What an operation answers on a key of one spec, by state. Empty: it succeeds. Else AWS's name of the error.
struct Expected {
    std::string_view enabled;
    std::string_view disabled;
    std::string_view pending_deletion;
    [[nodiscard]] std::string_view in(KeyState state) const;
};

struct Operation {
    std::string_view name;
    Status (*run)(Scene& scene);
    Expected symmetric;
    Expected ecc;
    bool names_key = true;  ///< its request has a KeyId
    bool takes_aliases = false;
    std::optional<KeyState> leads_to{};  ///< the state after success, where the operation changes it
    [[nodiscard]] const Expected& on(KeySpec spec) const { return spec == KeySpec::kSymmetricDefault ? symmetric : ecc; }
};

[[nodiscard]] std::span<const Operation> operations();

}  // namespace keydeck::kms::contract
