// The chunks of a backup file, one after another, in memory that does not grow with the file.
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/custody/backup/files.hpp"
#include "engine/custody/backup/format.hpp"
#include "engine/error.hpp"

namespace keydeck::custody::backup {

/// Writes plaintext as sealed chunks. `file` and `random` outlive it. Of one thread.
class SealedWriter {
public:
    /// Writes the header.
    [[nodiscard]] static Result<SealedWriter> begin(OutputFile& file, SealedUnder under, Random& random);
    [[nodiscard]] Status append(ByteView plaintext);
    /// The last chunk, which says that it is.
    [[nodiscard]] Status finish();

private:
    SealedWriter(OutputFile& file, SealedUnder under, Random& random)
        : file_(&file), random_(&random), under_(std::move(under)), chunk_(kChunkSize) {}
    Status seal(bool is_last);

    OutputFile* file_;
    Random* random_;
    SealedUnder under_;
    SecretBytes chunk_;
    std::size_t filled_ = 0;
    std::uint64_t number_ = 0;
};

/// Reads it again; what it hands out is authentic. `file` outlives it. Of one thread.
class SealedReader {
public:
    /// Errors: those of open_header(), and of the file.
    [[nodiscard]] static Result<SealedReader> begin(InputFile& file, const SecretBytes& passphrase, std::uint64_t largest_n);
    /// Fills `out`. Errors: corrupt (altered, cut short, reordered, added to, or no more plaintext), unavailable.
    [[nodiscard]] Status read(std::span<std::uint8_t> out);
    /// Whether nothing follows; the last chunk was opened then. Errors as read().
    [[nodiscard]] Result<bool> at_end();
    /// Once more from the first chunk on. Error: unavailable.
    [[nodiscard]] Status rewind();

private:
    SealedReader(InputFile& file, SealedUnder under) : file_(&file), under_(std::move(under)) {}
    Status open_next();
    [[nodiscard]] std::size_t unread() const { return chunk_.size() - taken_; }

    InputFile* file_;
    SealedUnder under_;
    SecretBytes chunk_;
    Bytes sealed_;
    std::size_t taken_ = 0;
    std::uint64_t number_ = 0;
    bool was_last_ = false;
};

}  // namespace keydeck::custody::backup
