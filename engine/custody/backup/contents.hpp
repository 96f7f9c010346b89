// A backup's plaintext: the manifest, and then its files one after another.
#pragma once

#include <functional>

#include "engine/backup.hpp"
#include "engine/custody/backup/sealed_stream.hpp"
#include "engine/error.hpp"
#include "engine/types.hpp"

namespace keydeck::custody::backup {

/// The manifest's length (4 bytes, big-endian) and the manifest. Errors: those of the writer.
[[nodiscard]] Status write_manifest(SealedWriter& writer, const BackupManifest& manifest);

/// Is given each file's bytes in order, in pieces of at most a chunk; of an empty file one empty piece. What it answers with
/// an error ends the reading.
using FileSink = std::function<Status(const BackupFile& file, ByteView piece)>;

/// Counts bytes of long work and hears when to stop.
class ByteProgress {
public:
    ByteProgress(const Progress& progress, std::int64_t total) : progress_(&progress), total_(total) {}
    /// Error: cancelled.
    [[nodiscard]] Status add(std::size_t bytes);
    void expect(std::int64_t total) { total_ = total; }

private:
    const Progress* progress_;
    std::int64_t total_;
    std::int64_t done_ = 0;
};

/// Reads everything to the end, and checks each file's hash. `expected` hears what will come before any of it does. Errors:
/// corrupt, unavailable, cancelled; the sink's.
[[nodiscard]] Result<BackupManifest> read_contents(SealedReader& reader, const FileSink& sink, ByteProgress& progress,
                                                   const std::function<void(const BackupManifest&)>& expected = {});

}  // namespace keydeck::custody::backup
