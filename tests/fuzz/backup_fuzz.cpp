// A backup from anywhere: refused unless it was sealed under the passphrase; and what was sealed under it, whatever it
// holds, is a manifest with exactly its files or is refused.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "engine/custody/backup/contents.hpp"
#include "engine/custody/backup/manifest.hpp"

namespace {

using namespace keydeck;
using namespace keydeck::custody::backup;

void require(bool holds) {
    if (!holds) std::abort();
}

const SecretBytes& passphrase() {
    static const SecretBytes kept = SecretBytes::copy_of(std::string_view("fuzz"));
    return kept;
}

Result<BackupManifest> read(ByteView bytes) {
    const int descriptor = memfd_create("backup", MFD_CLOEXEC);
    require(descriptor >= 0 && write(descriptor, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    Result<InputFile> input = InputFile::of(descriptor, "backup");
    close(descriptor);
    require(input.has_value());
    Result<SealedReader> reader = SealedReader::begin(*input, passphrase(), 16);
    if (!reader) return fail(reader);
    const Progress none;
    ByteProgress progress(none, 0);
    std::int64_t seen = 0;
    Result<BackupManifest> manifest = read_contents(
        *reader,
        [&](const BackupFile&, ByteView piece) -> Status {
            seen += static_cast<std::int64_t>(piece.size());
            return {};
        },
        progress);
    require(!manifest || seen == total_size(*manifest));
    return manifest;
}

Bytes sealed(ByteView plaintext) {
    static SystemRandom random;
    static const SealedUnder under = std::move(*make_header(passphrase(), 2, random));
    Bytes file = to_bytes(under.header);
    append(file, seal_chunk(under, 0, true, plaintext, random));
    return file;
}

void check_manifest(std::string_view text) {
    const Result<BackupManifest> manifest = parse_manifest(text);
    if (!manifest) return require(manifest.error().code == ErrorCode::kCorrupt);
    require(manifest->files.size() <= kMostFiles && find_file(*manifest, kDatabaseName) != nullptr);
    for (const BackupFile& file : manifest->files) {
        require(file.size >= 0 && file.name.find('/') == std::string::npos && !file.name.starts_with('.'));
    }
    const Result<BackupManifest> again = parse_manifest(to_json(*manifest));
    require(again && to_json(*again) == to_json(*manifest));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    require(!read(input));  // nobody guesses the header's code
    check_manifest(as_text(input));
    if (size > kChunkSize) return 0;
    const Result<BackupManifest> direct = read(sealed(input));
    require(direct || direct.error().code == ErrorCode::kCorrupt);
    // Past the length: the manifest is the first line, what follows are its files.
    const std::string_view text = as_text(input);
    const std::size_t line = std::min(text.find('\n'), text.size());
    Bytes framed;
    append_with_length(framed, as_bytes(text.substr(0, line)));
    append(framed, as_bytes(text.substr(std::min(line + 1, text.size()))));
    (void)read(sealed(framed)).has_value();
    const std::string name = name_of_settings(std::string(text), {});
    require(!name.empty() && name.size() <= 100 && name.find('/') == std::string::npos && !name.starts_with('.'));
    return 0;
}
