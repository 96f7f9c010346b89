"""Backups with the real program: taken while others write, killed, restored, read by a program nobody here wrote; and the emergency kit."""
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import stat
import struct
import subprocess
import sys
import time

import pexpect
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from harness import BINARY, MNEMONIC_ADDRESS, VaultTest, main

PASSPHRASE = "correct horse battery staple"
HEADER, CHUNK = 100, 1 << 20
KILLS = 12
# Tells the most memory that a program took. (A child of this process would begin with what this one holds.)
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""


def keys_of(passphrase, header):
    """engine/custody/backup/README.md, in Python's `cryptography`."""
    magic, version, n, r, p, salt = struct.unpack(">16sIQII32s", header[:68])
    assert magic == b"KEYDECK-BACKUP\r\n" and version == 1
    root = Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase.encode())

    def derive(label):
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=label).derive(root)

    code = hmac.HMAC(derive(b"keydeck backup 1: header"), hashes.SHA256())
    code.update(header[:68])
    return code, AESGCM(derive(b"keydeck backup 1: chunks"))


def place(header, number, last):
    return header + struct.pack(">QB", number, last)


def decrypt(file, passphrase):
    """The plaintext of a backup."""
    header = file[:HEADER]
    code, chunks = keys_of(passphrase, header)
    code.verify(header[68:])
    rest, plaintext, number = file[HEADER:], [], 0
    while True:
        sealed, rest = rest[:CHUNK + 28], rest[CHUNK + 28:]
        plaintext.append(chunks.decrypt(sealed[:12], sealed[12:], place(header, number, not rest)))
        number += 1
        if not rest:
            return b"".join(plaintext)


def encrypt(plaintext, passphrase, out):
    header = struct.pack(">16sIQII32s", b"KEYDECK-BACKUP\r\n", 1, 2, 8, 1, os.urandom(32))
    code, chunks = keys_of(passphrase, header)
    header += code.finalize()
    out.write(header)
    pieces = [plaintext[at:at + CHUNK] for at in range(0, len(plaintext), CHUNK)] or [b""]
    for number, piece in enumerate(pieces):
        nonce = os.urandom(12)
        out.write(nonce + chunks.encrypt(nonce, piece, place(header, number, number == len(pieces) - 1)))


class BackupTest(VaultTest):
    def setUp(self):
        super().setUp()
        self.backup_passphrase = self.write("backup-passphrase", PASSPHRASE + "\n")
        self.file = self.home / "vault.backup"
        self.elsewhere = self.home / "restored"

    def sealed(self, *args):
        return (*args, "--backup-passphrase-file", self.backup_passphrase)

    def back_up(self, *more):
        return self.one(*self.sealed("backup", self.file, *more))

    def at(self, vault, *args, **options):
        """Runs it with --json on another vault."""
        return self.run_command([BINARY, "--vault", str(vault), "--json", *map(str, args)], **options)

    def restore(self, *more, vault=None):
        ran = self.at(vault or self.elsewhere, *self.sealed("restore", self.file, *more))
        self.assertEqual((ran.status, ran.err), (0, ""), ran)
        return json.loads(ran.out)

    def expect_sound(self, vault):
        """Every wallet that is in it signs, and its chain verifies; answers how many there were."""
        listed = self.at(vault, "wallet", "list")
        self.assertEqual(listed.status, 0, listed)
        wallets = listed.lines()
        for wallet in wallets:
            signed = self.at(vault, "sign", "message", wallet["address"], "hello")
            self.assertEqual(signed.status, 0, signed)
            self.assertEqual(signed.lines()[0]["address"], wallet["address"])
        verified = self.at(vault, "audit", "verify")
        self.assertEqual(verified.status, 0, verified)
        self.assertTrue(verified.lines()[0]["valid"])
        return len(wallets)

    def leftovers(self):
        return sorted(path.name for folder in (self.home, self.vault) if folder.is_dir() for path in folder.iterdir()
                      if path.name.startswith(".keydeck"))


class Commands(BackupTest):
    def test_there_and_back(self):
        self.import_known()
        made = self.back_up()
        self.assertEqual((made["users"], made["wallets"], made["kms"], made["has_key_file"]), (2, 1, "local", True))
        self.assertEqual([file["name"] for file in made["files"]], ["keydeck.db", "kms.db", "key-file"])
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)
        verified = self.one(*self.sealed("backup", self.file, "--verify"))
        self.assertTrue(verified.pop("valid"))
        self.assertEqual(verified, made)
        report = self.restore("--key-file", self.home / "key-2")
        self.assertEqual(report["directory"], str(self.elsewhere))
        self.assertEqual(report["key_file"], str(self.home / "key-2"))
        self.assertEqual((report["keys_were_checked"], report["losses"]), (True, []))
        self.assertEqual(len(report["notices"]), 1, "the first vault is still there")
        self.assertEqual(self.expect_sound(self.elsewhere), 1)
        events = self.at(self.elsewhere, "audit", "list").lines()
        self.assertIn("RestoreVault", [event["action"] for event in events])
        shutil.rmtree(self.elsewhere)
        self.assertIn("Restored to", self.run_command([BINARY, "--vault", str(self.elsewhere), *map(str, self.sealed("restore", self.file))]).out)
        self.assertEqual(self.leftovers(), [])

    def test_the_configuration_comes_along(self):
        (self.home / ".config" / "keydeck").mkdir(parents=True)
        self.write(".config/keydeck/config.toml", "pool_size = 3\nbackup_keep = 2\n")
        self.back_up()
        self.assertEqual(self.restore()["settings"], ["config.toml"])
        self.assertIn("pool_size = 3", (self.elsewhere / "restored-settings" / "config.toml").read_text())
        self.write(".config/keydeck/config.toml", "backup_keep = -1\n")
        self.assertIn("backup_keep", self.refused(2, "invalid_input", "user", "list")["message"])

    def test_refusals(self):
        self.refused(2, "invalid_input", "backup", self.file)  # nobody to ask for a passphrase
        self.refused(2, "invalid_input", "backup")
        self.refused(4, "denied", "--as", "alice", *self.sealed("backup", self.file))
        self.refused(4, "denied", "--read-only", *self.sealed("backup", self.file))
        self.refused(3, "not_found", *self.sealed("backup", self.home / "no" / "file"))
        self.refused(3, "not_found", *self.sealed("backup", self.file, "--verify"))
        self.assertFalse(self.file.exists())
        self.back_up()
        before = self.file.read_bytes()
        self.refused(1, "already_exists", *self.sealed("backup", self.file))
        self.assertEqual(self.file.read_bytes(), before)
        self.refused(1, "already_exists", *self.sealed("restore", self.file))  # over the vault
        wrong = self.write("wrong", "not it\n")
        for command in (["backup", self.file, "--verify"], ["restore", self.file]):
            error = self.at(self.elsewhere, *command, "--backup-passphrase-file", wrong)
            self.assertEqual((error.status, error.error()["code"]), (4, "denied"), error)
        self.file.write_bytes(before[:-1])
        for command in (["backup", self.file, "--verify"], ["restore", self.file]):
            error = self.at(self.elsewhere, *self.sealed(*command))
            self.assertEqual((error.status, error.error()["code"]), (6, "corrupt"), error)
        self.assertFalse(self.elsewhere.exists())
        self.assertEqual(self.leftovers(), [])

    def test_a_person_types_the_passphrase_twice(self):
        child = pexpect.spawn(BINARY, ["--vault", str(self.vault), "backup", str(self.file)], env=self.environment, encoding="utf-8", timeout=60)
        for prompt in ("New passphrase for the backup: ", "The same again: "):
            child.expect_exact(prompt)
            child.sendline(PASSPHRASE)
        child.expect_exact("Audit head")
        child.expect(pexpect.EOF)
        self.assertNotIn(PASSPHRASE, child.before)
        self.assertEqual(self.one(*self.sealed("backup", self.file, "--verify"))["users"], 2)

    def test_a_full_disk(self):
        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

        (self.home / ".config" / "keydeck").mkdir(parents=True)
        self.write(".config/keydeck/config.toml", "# " + "x" * 500_000 + "\n")
        self.refused(5, "unavailable", *self.sealed("backup", self.file), preexec_fn=small_files)
        self.assertFalse(self.file.exists())
        self.assertEqual(self.leftovers(), [])

    def test_losses_and_their_status(self):
        made = self.one("wallet", "create", "alice", "--custody", "kms-key")
        self.one("key", "disable", made["key_id"])
        self.back_up()
        losses = self.restore()["losses"]
        self.assertEqual([(loss["key_id"], loss["key_state"], loss["wallets"], loss["first_wallets"]) for loss in losses],
                         [(made["key_id"], "Disabled", 1, [made["address"]])])


class Format(BackupTest):
    """The documented format, by another implementation."""

    def test_python_reads_what_keydeck_wrote(self):
        self.import_known()
        made = self.back_up()
        plaintext = decrypt(self.file.read_bytes(), PASSPHRASE)
        length = struct.unpack(">I", plaintext[:4])[0]
        manifest, rest = json.loads(plaintext[4:4 + length]), plaintext[4 + length:]
        self.assertEqual(manifest["format"], 1)
        self.assertEqual("0x" + manifest["audit_head"], made["audit_head"])
        files = {}
        for file in manifest["files"]:
            files[file["name"]], rest = rest[:file["size"]], rest[file["size"]:]
            self.assertEqual(hashlib.sha256(files[file["name"]]).hexdigest(), file["sha256"])
        self.assertEqual(rest, b"")
        self.assertEqual(files["key-file"], self.key_file.read_bytes())
        # Put together by hand it is the vault.
        self.elsewhere.mkdir(mode=0o700)
        for name in ("keydeck.db", "kms.db"):
            (self.elsewhere / name).write_bytes(files[name])
            (self.elsewhere / name).chmod(0o600)
        self.assertEqual(self.at(self.elsewhere, "wallet", "list").lines()[0]["address"], MNEMONIC_ADDRESS)
        self.assertEqual(self.expect_sound(self.elsewhere), 1)
        for name in ("keydeck.db", "kms.db"):
            copy = self.home / name
            copy.write_bytes(files[name])
            out = subprocess.run(["sqlite3", copy, "PRAGMA integrity_check; PRAGMA journal_mode;"], capture_output=True, text=True, check=True)
            self.assertEqual(out.stdout.split(), ["ok", "delete"], "it needs no WAL")

    def test_keydeck_reads_what_python_wrote_in_bounded_memory(self):
        peaks = []
        for size in (1 << 20, 400 << 20):
            content = os.urandom(1 << 20) * (size >> 20)
            files = [{"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                     for name, data in (("keydeck.db", content), ("seal.key", b"s"))]
            manifest = json.dumps({"format": 1, "vault_id": "v", "kms": "aws", "directory": "", "key_file": "", "keydeck_version": "python",
                                   "made_at": "2026-11-30T12:00:00Z", "users": 0, "wallets": 0, "secrets": 0, "audit_events": 0,
                                   "audit_head": "00" * 32, "files": files}).encode()
            with open(self.file, "wb") as out:
                encrypt(struct.pack(">I", len(manifest)) + manifest + content + b"s", PASSPHRASE, out)
            ran = self.run_command([sys.executable, "-c", PEAK, *self.command("--json", *self.sealed("backup", self.file, "--verify"))])
            self.assertEqual(ran.status, 0, ran)
            self.assertEqual(json.loads(ran.out)["files"][0]["size"], size)
            peaks.append(int(ran.err))
        self.assertLess(peaks[1], peaks[0] + 8 * 1024, f"KiB at 1 and at 400 MiB: {peaks}")


class WhileOthersWrite(BackupTest):
    def test_four_processes_write(self):
        self.one("pool", "init", "--size", "3")
        self.ok("wallet", "create", "alice", "--count", "50", "--label", "w")
        script = self.write("writer.sh", """
            n=0
            while [ ! -e "$STOP" ]; do
                n=$((n + 1))
                case $1 in
                1) "$K" --vault "$V" wallet create alice --label "a-$n" ;;
                2) "$K" --vault "$V" wallet create bob --custody kms-key --label "b-$n" ;;
                3) "$K" --vault "$V" sign message "w-$((n % 50 + 1))" "$n" ;;
                4) "$K" --vault "$V" pool rewrap --fresh-data-keys ;;
                esac >/dev/null 2>>"$V.errors" || echo "$1 $n" >>"$V.failed"
            done
        """)
        stop = self.home / "stop"
        environment = {**self.environment, "K": BINARY, "V": str(self.vault), "STOP": str(stop), "KEYDECK_BACKUP_KEEP": "0"}
        writers = [subprocess.Popen(["sh", str(script), str(i)], env=environment) for i in (1, 2, 3, 4)]
        self.addCleanup(stop.touch)
        made = []
        try:
            for number in range(4):
                self.file = self.home / f"backup-{number}"
                made.append(self.back_up())
        finally:
            stop.touch()
            for writer in writers:
                self.assertEqual(writer.wait(timeout=120), 0)
        self.assertFalse((self.home / "vault.failed").exists(), (self.home / "vault.errors").read_text())
        self.assertGreater(made[-1]["wallets"], made[0]["wallets"], "they were writing")
        for number, manifest in enumerate(made):
            self.file = self.home / f"backup-{number}"
            vault = self.home / f"vault-{number}"
            report = self.restore(vault=vault)
            self.assertEqual(report["losses"], [])
            self.assertEqual(self.expect_sound(vault), manifest["wallets"])
            head = self.at(vault, "audit", "verify", "--head", manifest["audit_head"])
            self.assertTrue(head.lines()[0]["valid"], head)
        self.assertEqual(self.leftovers(), [])


class Killed(BackupTest):
    def run_and_kill(self, command, after):
        child = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(after)
        child.kill()
        child.wait()
        return child.returncode == -signal.SIGKILL

    def test_killed_at_any_moment(self):
        self.ok("wallet", "create", "alice", "--count", "2000", "--label", "w")
        began = time.monotonic()
        self.back_up()
        whole = time.monotonic() - began
        random.seed(int(os.environ.get("KEYDECK_TEST_SEED", "7"), 36))
        killed = 0
        for _ in range(KILLS):
            target = self.home / "cut-short"
            if self.run_and_kill(self.command(*self.sealed("backup", target)), random.uniform(0, whole)):
                killed += 1
                self.assertFalse(target.exists())
                self.assertEqual([name for name in self.leftovers() if (self.home / name).exists()], [], "beside the backup")
            else:
                target.unlink()
        self.assertGreater(killed, 0)
        self.file = self.home / "after"
        self.back_up()
        self.assertEqual(self.leftovers(), [], "swept")
        killed = 0
        command = [BINARY, "--vault", str(self.elsewhere), *map(str, self.sealed("restore", self.file))]
        for _ in range(KILLS):
            if self.run_and_kill(command, random.uniform(0, whole)):
                killed += 1
            if self.elsewhere.exists():  # all of it, then
                self.assertEqual(len(self.at(self.elsewhere, "wallet", "list").lines()), 2000)
                shutil.rmtree(self.elsewhere)
        self.assertGreater(killed, 0)
        self.restore()
        self.assertEqual(self.leftovers(), [], "swept")
        self.assertTrue(self.at(self.elsewhere, "audit", "verify").lines()[0]["valid"])


class OldCopies(VaultTest):
    def test_destroying_tells_people_of_the_copies_that_stay(self):
        for label in ("first", "second", "third"):
            self.one("wallet", "create", "alice", "--label", label)
        destroy = ("--destroy", "--acknowledge", "1", "--yes")
        self.text("wallet", "remove", "first", *destroy)  # nothing to tell
        copy = self.vault / "keydeck.db.v3.bak"
        copy.write_bytes(b"")
        ran = self.run_command(self.command("wallet", "remove", "second", *destroy))
        self.assertEqual(ran.status, 0, ran)
        self.assertIn(f"{copy} still holds what was destroyed", ran.err)
        self.one("wallet", "remove", "third", *destroy)  # programs are not told


class EmergencyKit(VaultTest):
    def setUp(self):
        super().setUp()
        self.passphrase = self.write("kit-passphrase", "for the kit\n")
        self.kit = self.home / "kit"
        self.kit.mkdir(mode=0o700)

    def export(self, *args):
        return self.ok("--yes", "wallet", "export", *args, "--keystore-directory", self.kit, "--keystore-passphrase-file", self.passphrase)

    def test_keystores_of_a_user(self):
        self.import_known(user="alice")
        own = self.one("wallet", "create", "alice", "--custody", "kms-key", "--label", "own")
        other = self.one("wallet", "create", "bob", "--label", "savings")
        exported = self.export("savings", "--user", "alice")
        self.assertEqual([line["address"] for line in exported], [other["address"], MNEMONIC_ADDRESS, own["address"]])
        self.assertIn("KMS", exported[2]["skipped"])
        self.assertIsNone(exported[2]["keystore"])
        for line in exported[:2]:
            self.assertEqual(stat.S_IMODE(os.stat(line["keystore"]).st_mode), 0o600)
            self.assertEqual(line["keystore"], str(self.kit / (line["address"] + ".json")))
        self.one("--yes", "wallet", "remove", MNEMONIC_ADDRESS, "--destroy", "--acknowledge", "1")
        again = self.one("wallet", "import", "bob", "--keystore", exported[1]["keystore"], "--keystore-passphrase-file", self.passphrase)
        self.assertEqual(again["address"], MNEMONIC_ADDRESS)
        self.assertEqual(self.export("savings"), exported[:1], "it is there already")
        other_passphrase = self.write("another-passphrase", "another\n")
        ran = self.keydeck("--yes", "wallet", "export", "savings", "--keystore-directory", self.kit, "--keystore-passphrase-file", other_passphrase)
        self.assertEqual(ran.status, 1, "it would not open with the others")
        self.assertIn("exists already", ran.lines()[0]["skipped"])

    def test_a_hidden_wallet_is_in_the_kit(self):
        self.import_known(user="alice")
        self.one("wallet", "remove", MNEMONIC_ADDRESS)
        self.assertEqual([line["address"] for line in self.export("--user", "alice")], [MNEMONIC_ADDRESS])

    def test_usage(self):
        self.refused(2, "invalid_input", "wallet", "export", "--keystore-directory", self.kit)
        self.refused(2, "invalid_input", "wallet", "export", "alice", "bob", "--private-key")
        self.refused(2, "invalid_input", "wallet", "export", "--user", "alice", "--mnemonic")
        self.refused(2, "invalid_input", "wallet", "export", "alice", "--mnemonic", "--keystore-directory", self.kit)
        self.import_known()
        self.refused(1, "rejected", "wallet", "export", "alice", "--keystore-directory", self.kit)  # nobody to confirm
        self.refused(3, "not_found", "--yes", "wallet", "export", "--user", "carol", "--keystore-directory", self.kit)
        self.assertEqual(list(self.kit.iterdir()), [])

    def test_the_sheet(self):
        self.import_known(user="alice")
        text = self.text("recovery-sheet")
        self.assertIn(MNEMONIC_ADDRESS, text)
        self.assertIn("Audit head", text)
        self.assertEqual(self.one("recovery-sheet")["sheet"].splitlines()[0], "Keydeck recovery sheet")
        page = self.home / "sheet.html"
        self.one("recovery-sheet", "--user", "alice", "--html", "--output", page)
        self.assertTrue(page.read_text().startswith("<!DOCTYPE html>"))
        self.refused(1, "already_exists", "recovery-sheet", "--output", page)
        self.refused(4, "denied", "--as", "alice", "recovery-sheet")


if __name__ == "__main__":
    main()
