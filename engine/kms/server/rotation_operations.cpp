// Rotation.
#include <array>

#include "engine/kms/server/operations.hpp"

namespace keydeck::kms::server {
namespace {

constexpr int kDefaultPeriod = 365;
constexpr std::array<std::string_view, 2> kIncludes = {"ALL_KEY_MATERIAL", "ROTATIONS_ONLY"};

/// Rotation takes key ids and key ARNs only, so this is what remains of either.
std::string_view bare_id(std::string_view key_id) { return key_id.substr(key_id.rfind('/') + 1); }

Status enable_key_rotation(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    const int days = call.in.integer("RotationPeriodInDays").value_or(kDefaultPeriod);
    if (Status read = call.in.check(); !read) return read;
    return call.kms.enable_key_rotation(key_id, days);
}

Status disable_key_rotation(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    if (Status read = call.in.check(); !read) return read;
    return call.kms.disable_key_rotation(key_id);
}

Status get_key_rotation_status(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    if (Status read = call.in.check(); !read) return read;
    const Result<RotationStatus> status = call.kms.get_key_rotation_status(key_id);
    if (!status) return fail(status);
    call.out.boolean("KeyRotationEnabled", status->enabled).text("KeyId", bare_id(key_id));
    if (status->enabled) call.out.number("RotationPeriodInDays", status->period_days);
    if (status->next_rotation) call.out.time("NextRotationDate", *status->next_rotation);
    return {};
}

Status rotate_key_on_demand(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    if (Status read = call.in.check(); !read) return read;
    if (Status rotated = call.kms.rotate_key_on_demand(key_id); !rotated) return rotated;
    call.out.text("KeyId", bare_id(key_id));
    return {};
}

Status list_key_rotations(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    const PageRequest page = call.in.page();
    call.in.word("IncludeKeyMaterial", kIncludes, "ROTATIONS_ONLY");
    if (Status read = call.in.check(); !read) return read;
    const Result<Page<Rotation>> rotations = call.kms.list_key_rotations(key_id, page);
    if (!rotations) return fail(rotations);
    call.out.begin_list("Rotations");
    for (const Rotation& rotation : rotations->items) {
        call.out.begin_item()
            .text("KeyId", bare_id(key_id))
            .time("RotationDate", rotation.at)
            .text("RotationType", rotation.on_demand ? "ON_DEMAND" : "AUTOMATIC")
            .end_item();
    }
    call.out.end_list();
    write_page_end(call.out, *rotations);
    return {};
}

constexpr std::array kOperations = {
    Operation{.name = "EnableKeyRotation", .run = enable_key_rotation, .slow = true},
    Operation{.name = "DisableKeyRotation", .run = disable_key_rotation, .slow = true},
    Operation{.name = "GetKeyRotationStatus", .run = get_key_rotation_status},
    Operation{.name = "RotateKeyOnDemand", .run = rotate_key_on_demand, .slow = true},
    Operation{.name = "ListKeyRotations", .run = list_key_rotations},
};

}  // namespace

std::span<const Operation> rotation_operations() { return kOperations; }

}  // namespace keydeck::kms::server
