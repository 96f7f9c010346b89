#include "engine/custody/backup/contents.hpp"

#include <algorithm>

#include "engine/crypto/hash.hpp"
#include "engine/custody/backup/manifest.hpp"

namespace keydeck::custody::backup {
namespace {

constexpr std::size_t kLengthBytes = 4;

Result<BackupManifest> read_manifest(SealedReader& reader) {
    FixedBytes<kLengthBytes> length{};
    if (Status read = reader.read(length); !read) return fail(read);
    std::size_t size = 0;
    for (const std::uint8_t byte : length) size = size << 8U | byte;
    if (size > kMostManifestBytes) return fail(ErrorCode::kCorrupt, "The backup's list of its files is impossibly long.");
    Bytes json(size);
    if (Status read = reader.read(json); !read) return fail(read);
    return parse_manifest(as_text(json));
}

Status read_one(SealedReader& reader, const BackupFile& file, SecretBytes& piece, const FileSink& sink,
                ByteProgress& progress) {
    crypto::Sha256Pieces hash;
    auto left = static_cast<std::uint64_t>(file.size);
    do {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size()));
        const std::span<std::uint8_t> bytes = piece.span().first(size);
        if (Status read = reader.read(bytes); !read) return read;
        hash.update(bytes);
        if (sink) {
            if (Status taken = sink(file, bytes); !taken) return taken;
        }
        if (Status on = progress.add(size); !on) return on;
        left -= size;
    } while (left > 0);
    if (hash.finish() == file.sha256) return {};
    return fail(ErrorCode::kCorrupt, "The backup's " + file.name + " is not what its list of files says.");
}

}  // namespace

Status ByteProgress::add(std::size_t bytes) {
    if (progress_->stop.stop_requested()) return fail(ErrorCode::kCancelled, "Cancelled.");
    done_ += static_cast<std::int64_t>(bytes);
    if (progress_->report) progress_->report(done_, total_);
    return {};
}

Status write_manifest(SealedWriter& writer, const BackupManifest& manifest) {
    const std::string json = to_json(manifest);
    if (json.size() > kMostManifestBytes) return fail(ErrorCode::kInvalidInput, "The names of the files are too long.");
    Bytes framed;
    append_with_length(framed, as_bytes(json));
    return writer.append(framed);
}

Result<BackupManifest> read_contents(SealedReader& reader, const FileSink& sink, ByteProgress& progress,
                                     const std::function<void(const BackupManifest&)>& expected) {
    if (Status begun = reader.rewind(); !begun) return fail(begun);
    Result<BackupManifest> manifest = read_manifest(reader);
    if (!manifest) return manifest;
    if (expected) expected(*manifest);
    SecretBytes piece(kChunkSize);
    for (const BackupFile& file : manifest->files) {
        if (Status read = read_one(reader, file, piece, sink, progress); !read) return fail(read);
    }
    const Result<bool> ended = reader.at_end();
    if (!ended) return fail(ended);
    if (!*ended) return fail(ErrorCode::kCorrupt, "The backup holds more than its list of files says.");
    return manifest;
}

}  // namespace keydeck::custody::backup
