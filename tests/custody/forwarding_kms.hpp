// A KMS that passes everything on; tests override what is to go wrong.
#pragma once

#include "engine/kms/kms.hpp"

namespace keydeck {

class ForwardingKms : public kms::Kms {
public:
    explicit ForwardingKms(kms::Kms& inner) : inner_(inner) {}

    Result<kms::KeyMetadata> create_key(const kms::CreateKeyRequest& request) override { return inner_.create_key(request); }
    Result<kms::KeyMetadata> describe_key(std::string_view key_id) override { return inner_.describe_key(key_id); }
    Result<kms::Page<kms::KeyListEntry>> list_keys(const kms::PageRequest& page) override { return inner_.list_keys(page); }
    Status update_key_description(std::string_view key_id, std::string_view description) override {
        return inner_.update_key_description(key_id, description);
    }
    Status enable_key(std::string_view key_id) override { return inner_.enable_key(key_id); }
    Status disable_key(std::string_view key_id) override { return inner_.disable_key(key_id); }
    Result<kms::KeyMetadata> schedule_key_deletion(std::string_view key_id, int days) override {
        return inner_.schedule_key_deletion(key_id, days);
    }
    Status cancel_key_deletion(std::string_view key_id) override { return inner_.cancel_key_deletion(key_id); }
    Status create_alias(std::string_view name, std::string_view key_id) override {
        return inner_.create_alias(name, key_id);
    }
    Status update_alias(std::string_view name, std::string_view key_id) override {
        return inner_.update_alias(name, key_id);
    }
    Status delete_alias(std::string_view name) override { return inner_.delete_alias(name); }
    Result<kms::Page<kms::Alias>> list_aliases(std::string_view key_id, const kms::PageRequest& page) override {
        return inner_.list_aliases(key_id, page);
    }
    Status tag_resource(std::string_view key_id, const kms::Tags& tags) override {
        return inner_.tag_resource(key_id, tags);
    }
    Status untag_resource(std::string_view key_id, const std::vector<std::string>& tag_keys) override {
        return inner_.untag_resource(key_id, tag_keys);
    }
    Result<kms::Page<std::pair<std::string, std::string>>> list_resource_tags(std::string_view key_id,
                                                                              const kms::PageRequest& page) override {
        return inner_.list_resource_tags(key_id, page);
    }
    Status enable_key_rotation(std::string_view key_id, int days) override {
        return inner_.enable_key_rotation(key_id, days);
    }
    Status disable_key_rotation(std::string_view key_id) override { return inner_.disable_key_rotation(key_id); }
    Result<kms::RotationStatus> get_key_rotation_status(std::string_view key_id) override {
        return inner_.get_key_rotation_status(key_id);
    }
    Status rotate_key_on_demand(std::string_view key_id) override { return inner_.rotate_key_on_demand(key_id); }
    Result<kms::Page<kms::Rotation>> list_key_rotations(std::string_view key_id, const kms::PageRequest& page) override {
        return inner_.list_key_rotations(key_id, page);
    }
    Result<kms::EncryptResult> encrypt(std::string_view key_id, ByteView plaintext,
                                       const kms::EncryptionContext& context) override {
        return inner_.encrypt(key_id, plaintext, context);
    }
    Result<kms::DecryptResult> decrypt(std::string_view key_id, ByteView ciphertext,
                                       const kms::EncryptionContext& context) override {
        return inner_.decrypt(key_id, ciphertext, context);
    }
    Result<kms::ReEncryptResult> re_encrypt(const kms::ReEncryptRequest& request) override {
        return inner_.re_encrypt(request);
    }
    Result<kms::DataKey> generate_data_key(std::string_view key_id, int bytes,
                                           const kms::EncryptionContext& context) override {
        return inner_.generate_data_key(key_id, bytes, context);
    }
    Result<kms::DataKey> generate_data_key_without_plaintext(std::string_view key_id, int bytes,
                                                             const kms::EncryptionContext& context) override {
        return inner_.generate_data_key_without_plaintext(key_id, bytes, context);
    }
    Result<kms::DataKeyPair> generate_data_key_pair(std::string_view key_id,
                                                    const kms::EncryptionContext& context) override {
        return inner_.generate_data_key_pair(key_id, context);
    }
    Result<kms::DataKeyPair> generate_data_key_pair_without_plaintext(std::string_view key_id,
                                                                      const kms::EncryptionContext& context) override {
        return inner_.generate_data_key_pair_without_plaintext(key_id, context);
    }
    Result<Bytes> generate_random(int bytes) override { return inner_.generate_random(bytes); }
    Result<kms::PublicKeyResult> get_public_key(std::string_view key_id) override { return inner_.get_public_key(key_id); }
    Result<kms::SignResult> sign(std::string_view key_id, ByteView message, kms::MessageType type) override {
        return inner_.sign(key_id, message, type);
    }
    Status verify(std::string_view key_id, ByteView message, kms::MessageType type, ByteView signature) override {
        return inner_.verify(key_id, message, type, signature);
    }

protected:
    kms::Kms& inner_;
};

}  // namespace keydeck
