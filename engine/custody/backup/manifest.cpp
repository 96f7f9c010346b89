#include "engine/custody/backup/manifest.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "engine/base/hex.hpp"
#include "engine/base/json.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody::backup {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kLongestName = 100;
constexpr std::int64_t kLargestFile = std::int64_t{1} << 53;
constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

bool is_plain_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName && name.front() != '.' &&
           name.find_first_not_of(kNameCharacters) == std::string_view::npos;
}

std::string to_json(const BackupFile& file) {
    return oversight::Detail().text("name", file.name).number("size", file.size).text("sha256", to_hex(file.sha256)).done();
}

/// Reads members and remembers whether all of them were as they must be.
class Members {
public:
    explicit Members(const json::Value& object) : object_(&object) { sound_ = object.is(json::Kind::kObject); }

    std::string text(std::string_view name) {
        const json::Value* value = find(name, json::Kind::kString);
        return value == nullptr ? std::string() : value->text;
    }
    std::int64_t number(std::string_view name) {
        const json::Value* value = find(name, json::Kind::kNumber);
        if (value == nullptr) return 0;
        std::int64_t number = -1;
        const char* end = value->text.data() + value->text.size();
        const auto read = std::from_chars(value->text.data(), end, number);
        if (read.ec != std::errc() || read.ptr != end || number < 0 || number > kLargestFile) sound_ = false;
        return number;
    }
    Hash32 hash(std::string_view name) {
        Hash32 hash{};
        if (Status read = from_hex_into(text(name), hash, name); !read) sound_ = false;
        return hash;
    }
    Timestamp time(std::string_view name) {
        const Result<Timestamp> time = from_rfc3339(text(name));
        if (!time) sound_ = false;
        return time ? *time : Timestamp{};
    }
    const json::Value* find(std::string_view name, json::Kind kind) {
        const json::Value* value = object_->find(name);
        if (value != nullptr && value->is(kind)) return value;
        sound_ = false;
        return nullptr;
    }
    [[nodiscard]] bool sound() const { return sound_; }

private:
    const json::Value* object_;
    bool sound_ = true;
};

bool take_files(const json::Value& list, BackupManifest& manifest) {
    if (list.items.size() > kMostFiles) return false;
    for (const json::Value& item : list.items) {
        Members members(item);
        if (!members.sound()) return false;
        BackupFile file{members.text("name"), members.number("size"), members.hash("sha256")};
        if (!members.sound() || !is_plain_name(file.name) || find_file(manifest, file.name) != nullptr) return false;
        manifest.files.push_back(std::move(file));
    }
    return total_size(manifest) <= kLargestFile;
}

/// Whether the files are those of a vault of its kind.
bool is_a_vault(const BackupManifest& manifest) {
    const auto has = [&](std::string_view name) { return find_file(manifest, name) != nullptr; };
    if (!has(kDatabaseName)) return false;
    if (manifest.kms == kKmsAws) return has(kSealName) && !has(kKmsName) && !has(kKeyFileName);
    return manifest.kms == kKmsLocal && has(kKmsName) && !has(kSealName);
}

std::optional<BackupManifest> take_manifest(const json::Value& value) {
    Members members(value);
    if (!members.sound() || members.number("format") != kFormat) return std::nullopt;
    BackupManifest manifest;
    manifest.vault_id = members.text("vault_id");
    manifest.kms = members.text("kms");
    manifest.directory = members.text("directory");
    manifest.key_file = members.text("key_file");
    manifest.made_at = members.time("made_at");
    manifest.keydeck_version = members.text("keydeck_version");
    manifest.users = members.number("users");
    manifest.wallets = members.number("wallets");
    manifest.secrets = members.number("secrets");
    manifest.audit_events = members.number("audit_events");
    manifest.audit_head = members.hash("audit_head");
    const json::Value* files = members.find("files", json::Kind::kArray);
    if (!members.sound() || manifest.vault_id.empty() || !take_files(*files, manifest)) return std::nullopt;
    const BackupFile* key_file = find_file(manifest, kKeyFileName);
    manifest.has_key_file = key_file != nullptr;
    if (key_file != nullptr && key_file->size != static_cast<std::int64_t>(kKeyFileSize)) return std::nullopt;
    if (!is_a_vault(manifest)) return std::nullopt;
    return manifest;
}

}  // namespace

bool is_of_vault(std::string_view name) {
    return name == kDatabaseName || name == kKmsName || name == kSealName || name == kKeyFileName;
}

std::string to_json(const BackupManifest& manifest) {
    std::string files = "[";
    for (const BackupFile& file : manifest.files) files += (files.size() > 1 ? "," : "") + to_json(file);
    return oversight::Detail()
        .number("format", kFormat)
        .text("vault_id", manifest.vault_id)
        .text("kms", manifest.kms)
        .text("directory", manifest.directory)
        .text("key_file", manifest.key_file)
        .text("made_at", to_rfc3339(manifest.made_at))
        .text("keydeck_version", manifest.keydeck_version)
        .number("users", manifest.users)
        .number("wallets", manifest.wallets)
        .number("secrets", manifest.secrets)
        .number("audit_events", manifest.audit_events)
        .text("audit_head", to_hex(manifest.audit_head))
        .raw("files", files + ']')
        .done();
}

Result<BackupManifest> parse_manifest(std::string_view json) {
    const Result<json::Value> value = json::parse(json, "the backup's manifest");
    std::optional<BackupManifest> manifest = value ? take_manifest(*value) : std::nullopt;
    if (manifest) return std::move(*manifest);
    return fail(ErrorCode::kCorrupt, "The backup's list of its files makes no sense.",
                "It was made by a program that is not Keydeck, or by a defect: please report it.");
}

std::string name_of_settings(const std::string& file_name, const BackupManifest& manifest) {
    std::string plain = file_name.substr(0, kLongestName - 3);
    for (char& c : plain) {
        if (kNameCharacters.find(c) == std::string_view::npos) c = '_';
    }
    if (plain.empty() || plain.front() == '.') plain.insert(0, "_");
    std::string name = plain;
    for (int copy = 2; is_of_vault(name) || find_file(manifest, name) != nullptr; ++copy)
        name = std::to_string(copy) + "-" + plain;
    return name;
}

const BackupFile* find_file(const BackupManifest& manifest, std::string_view name) {
    const auto found = std::ranges::find(manifest.files, name, &BackupFile::name);
    return found == manifest.files.end() ? nullptr : &*found;
}

std::int64_t total_size(const BackupManifest& manifest) {
    // At most kMostFiles of at most kLargestFile each: no overflow.
    std::int64_t total = 0;
    for (const BackupFile& file : manifest.files) total += file.size;
    return total;
}

}  // namespace keydeck::custody::backup
