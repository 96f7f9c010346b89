#include "engine/custody/backup/sealed_stream.hpp"

#include <algorithm>
#include <utility>

namespace keydeck::custody::backup {

Result<SealedWriter> SealedWriter::begin(OutputFile& file, SealedUnder under, Random& random) {
    SealedWriter writer(file, std::move(under), random);
    if (Status written = file.append(writer.under_.header); !written) return fail(written);
    return writer;
}

Status SealedWriter::append(ByteView plaintext) {
    while (!plaintext.empty()) {
        // A full chunk waits until it is known that something follows.
        if (filled_ == kChunkSize) {
            if (Status sealed = seal(false); !sealed) return sealed;
        }
        const std::size_t size = std::min(plaintext.size(), kChunkSize - filled_);
        std::ranges::copy(plaintext.first(size), chunk_.data() + filled_);
        filled_ += size;
        plaintext = plaintext.subspan(size);
    }
    return {};
}

Status SealedWriter::finish() { return seal(true); }

Status SealedWriter::seal(bool is_last) {
    const ByteView plaintext = chunk_.view().first(filled_);
    filled_ = 0;
    return file_->append(seal_chunk(under_, number_++, is_last, plaintext, *random_));
}

Result<SealedReader> SealedReader::begin(InputFile& file, const SecretBytes& passphrase, std::uint64_t largest_n) {
    Bytes header(static_cast<std::size_t>(std::min<std::uint64_t>(kHeaderSize, file.size())));
    file.rewind();
    if (Status read = file.read(header); !read) return fail(read);
    Result<SealedUnder> under = open_header(header, passphrase, largest_n);
    if (!under) return fail(under);
    return SealedReader(file, std::move(*under));
}

Status SealedReader::open_next() {
    if (was_last_) return fail(ErrorCode::kCorrupt, "The backup ends before its content does.");
    // What is not followed by anything must have been sealed as the last chunk: no whole number of chunks that is missing or
    // added goes unnoticed.
    const bool is_last = file_->left() <= kSealedChunkSize;
    sealed_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(file_->left(), kSealedChunkSize)));
    if (Status read = file_->read(sealed_); !read) return read;
    Result<SecretBytes> opened = open_chunk(under_, number_++, is_last, sealed_);
    if (!opened) return fail(opened);
    chunk_ = std::move(*opened);
    taken_ = 0;
    was_last_ = is_last;
    return {};
}

Status SealedReader::read(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        if (unread() == 0) {
            if (Status opened = open_next(); !opened) return opened;
            continue;
        }
        const std::size_t size = std::min(out.size(), unread());
        std::ranges::copy(chunk_.view().subspan(taken_, size), out.begin());
        taken_ += size;
        out = out.subspan(size);
    }
    return {};
}

Result<bool> SealedReader::at_end() {
    while (unread() == 0 && !was_last_) {
        if (Status opened = open_next(); !opened) return fail(opened);
    }
    return unread() == 0;
}

Status SealedReader::rewind() {
    file_->rewind();
    chunk_.truncate(0);
    taken_ = 0;
    number_ = 0;
    was_last_ = false;
    FixedBytes<kHeaderSize> passed_over;
    return file_->read(passed_over);
}

}  // namespace keydeck::custody::backup
