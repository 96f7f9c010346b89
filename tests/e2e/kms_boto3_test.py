"""AWS's own clients (boto3 and the aws command, from Debian) against the served KMS: every operation in every state, every error's name and text."""
import base64
import concurrent.futures
import datetime
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
from functools import partial

import botocore.exceptions
from harness import MNEMONIC_PRIVATE_KEY, main
from kms_server import ServedKmsTest

OK = None
DISABLED, STATE, USAGE, UNSUPPORTED, INCORRECT = ("DisabledException", "KMSInvalidStateException", "InvalidKeyUsageException",
                                                  "UnsupportedOperationException", "IncorrectKeyException")
USABLE = (OK, DISABLED, STATE)
NOT_PENDING = (OK, OK, STATE)
ALWAYS = (OK, OK, OK)
WRONG_USAGE = (USAGE, DISABLED, STATE)
SPECS = {"symmetric": {}, "ecc": {"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "SIGN_VERIFY"},
         "hmac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}}
ALGORITHM = {"SigningAlgorithm": "ECDSA_SHA_256"}
MAC = {"MacAlgorithm": "HMAC_SHA_256"}

# Operation: how it is called, and what is due on an enabled, a disabled, a pending key of each kind. `s` is the scene.
TABLE = {
    "Encrypt": (lambda s: s.kms.encrypt(KeyId=s.key, Plaintext=b"x"), {"symmetric": USABLE, "ecc": WRONG_USAGE, "hmac": WRONG_USAGE}),
    "Decrypt": (lambda s: s.kms.decrypt(KeyId=s.key, CiphertextBlob=s.blob), {"symmetric": USABLE, "ecc": (INCORRECT, DISABLED, STATE)}),
    "DecryptByBlob": (lambda s: s.kms.decrypt(CiphertextBlob=s.blob), {"symmetric": USABLE}),
    "ReEncryptFrom": (lambda s: s.kms.re_encrypt(CiphertextBlob=s.blob, DestinationKeyId=s.other), {"symmetric": USABLE}),
    "ReEncryptTo": (lambda s: s.kms.re_encrypt(CiphertextBlob=s.other_blob, DestinationKeyId=s.key), {"symmetric": USABLE, "ecc": WRONG_USAGE}),
    "GenerateDataKey": (lambda s: s.kms.generate_data_key(KeyId=s.key, KeySpec="AES_256"), {"symmetric": USABLE, "ecc": WRONG_USAGE}),
    "GenerateDataKeyWithoutPlaintext": (lambda s: s.kms.generate_data_key_without_plaintext(KeyId=s.key, NumberOfBytes=16), {"symmetric": USABLE}),
    "GenerateDataKeyPair": (lambda s: s.kms.generate_data_key_pair(KeyId=s.key, KeyPairSpec="ECC_SECG_P256K1"), {"symmetric": USABLE, "ecc": WRONG_USAGE}),
    "GenerateDataKeyPairWithoutPlaintext": (
        lambda s: s.kms.generate_data_key_pair_without_plaintext(KeyId=s.key, KeyPairSpec="ECC_SECG_P256K1"), {"symmetric": USABLE}),
    "Sign": (lambda s: s.kms.sign(KeyId=s.key, Message=b"message", **ALGORITHM), {"symmetric": WRONG_USAGE, "ecc": USABLE, "hmac": WRONG_USAGE}),
    "Verify": (lambda s: s.kms.verify(KeyId=s.key, Message=b"message", Signature=s.signature, **ALGORITHM), {"symmetric": WRONG_USAGE, "ecc": USABLE}),
    "GetPublicKey": (lambda s: s.kms.get_public_key(KeyId=s.key), {"symmetric": (UNSUPPORTED, DISABLED, STATE), "ecc": USABLE, "hmac": (UNSUPPORTED, DISABLED, STATE)}),
    "GenerateMac": (lambda s: s.kms.generate_mac(KeyId=s.key, Message=b"message", **MAC), {"symmetric": WRONG_USAGE, "ecc": WRONG_USAGE, "hmac": USABLE}),
    "VerifyMac": (lambda s: s.kms.verify_mac(KeyId=s.key, Message=b"message", Mac=s.mac, **MAC), {"hmac": USABLE, "ecc": WRONG_USAGE}),
    "DescribeKey": (lambda s: s.kms.describe_key(KeyId=s.key), dict.fromkeys(SPECS, ALWAYS)),
    "ListKeys": (lambda s: s.kms.list_keys(Limit=1000), dict.fromkeys(SPECS, ALWAYS)),
    "EnableKey": (lambda s: s.kms.enable_key(KeyId=s.key), dict.fromkeys(SPECS, NOT_PENDING)),
    "DisableKey": (lambda s: s.kms.disable_key(KeyId=s.key), dict.fromkeys(SPECS, NOT_PENDING)),
    "ScheduleKeyDeletion": (lambda s: s.kms.schedule_key_deletion(KeyId=s.key, PendingWindowInDays=7), dict.fromkeys(SPECS, NOT_PENDING)),
    "CancelKeyDeletion": (lambda s: s.kms.cancel_key_deletion(KeyId=s.key), dict.fromkeys(SPECS, (STATE, STATE, OK))),
    "UpdateKeyDescription": (lambda s: s.kms.update_key_description(KeyId=s.key, Description="new"), dict.fromkeys(SPECS, NOT_PENDING)),
    "CreateAlias": (lambda s: s.kms.create_alias(AliasName=s.fresh_alias(), TargetKeyId=s.key), dict.fromkeys(SPECS, NOT_PENDING)),
    "UpdateAlias": (lambda s: s.kms.update_alias(AliasName=s.alias_of_twin, TargetKeyId=s.key), dict.fromkeys(SPECS, NOT_PENDING)),
    "DeleteAlias": (lambda s: s.kms.delete_alias(AliasName=s.alias), dict.fromkeys(SPECS, ALWAYS)),
    "ListAliases": (lambda s: s.kms.list_aliases(KeyId=s.key), dict.fromkeys(SPECS, ALWAYS)),
    "TagResource": (lambda s: s.kms.tag_resource(KeyId=s.key, Tags=[{"TagKey": "a", "TagValue": "b"}]), dict.fromkeys(SPECS, NOT_PENDING)),
    "UntagResource": (lambda s: s.kms.untag_resource(KeyId=s.key, TagKeys=["a"]), dict.fromkeys(SPECS, NOT_PENDING)),
    "ListResourceTags": (lambda s: s.kms.list_resource_tags(KeyId=s.key), dict.fromkeys(SPECS, ALWAYS)),
    "EnableKeyRotation": (lambda s: s.kms.enable_key_rotation(KeyId=s.key),
                          {"symmetric": USABLE, "ecc": (UNSUPPORTED, DISABLED, STATE), "hmac": (UNSUPPORTED, DISABLED, STATE)}),
    "DisableKeyRotation": (lambda s: s.kms.disable_key_rotation(KeyId=s.key), {"symmetric": USABLE, "ecc": (UNSUPPORTED, DISABLED, STATE)}),
    "GetKeyRotationStatus": (lambda s: s.kms.get_key_rotation_status(KeyId=s.key), {"symmetric": ALWAYS, "ecc": (UNSUPPORTED,) * 3}),
    "GetKeyPolicy": (lambda s: s.kms.get_key_policy(KeyId=s.key, PolicyName="default"), dict.fromkeys(SPECS, ALWAYS)),
    "PutKeyPolicy": (lambda s: s.kms.put_key_policy(KeyId=s.key, PolicyName="default", Policy="{}"), dict.fromkeys(SPECS, ALWAYS)),
    "ListKeyPolicies": (lambda s: s.kms.list_key_policies(KeyId=s.key), dict.fromkeys(SPECS, ALWAYS)),
    "GetParametersForImport": (lambda s: s.kms.get_parameters_for_import(KeyId=s.key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"),
                               {"symmetric": (UNSUPPORTED,) * 2 + (UNSUPPORTED,), "ecc": (UNSUPPORTED,) * 3}),
    "DeleteImportedKeyMaterial": (lambda s: s.kms.delete_imported_key_material(KeyId=s.key), {"symmetric": (UNSUPPORTED,) * 3}),
}


class Scene:
    """A key of one kind in one state, and things made while it was enabled."""

    count = 0

    def __init__(self, kms, kind, state):
        Scene.count += 1
        self.kms = kms
        meta = kms.create_key(**SPECS[kind])["KeyMetadata"]
        self.key, self.arn = meta["KeyId"], meta["Arn"]
        self.twin = kms.create_key(**SPECS[kind])["KeyMetadata"]["KeyId"]
        self.other = kms.create_key()["KeyMetadata"]["KeyId"]
        self.alias, self.alias_of_twin = f"alias/k-{Scene.count}", f"alias/t-{Scene.count}"
        kms.create_alias(AliasName=self.alias, TargetKeyId=self.key)
        kms.create_alias(AliasName=self.alias_of_twin, TargetKeyId=self.twin)
        self.other_blob = kms.encrypt(KeyId=self.other, Plaintext=b"x")["CiphertextBlob"]
        self.blob = kms.encrypt(KeyId=self.key, Plaintext=b"x")["CiphertextBlob"] if kind == "symmetric" else self.other_blob
        self.signature = kms.sign(KeyId=self.key, Message=b"message", **ALGORITHM)["Signature"] if kind == "ecc" else b"x"
        self.mac = kms.generate_mac(KeyId=self.key, Message=b"message", **MAC)["Mac"] if kind == "hmac" else b"x"
        if state == "Disabled":
            kms.disable_key(KeyId=self.key)
        elif state == "PendingDeletion":
            kms.schedule_key_deletion(KeyId=self.key, PendingWindowInDays=7)

    def fresh_alias(self):
        return f"alias/n-{Scene.count}"


class BotoTest(ServedKmsTest):
    def setUp(self):
        super().setUp()
        self.kms = self.boto3()

    def fails(self, name, message, call, *args, **kwargs):
        """`message` None: any."""
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            call(*args, **kwargs)
        error = raised.exception.response["Error"]
        self.assertEqual((error["Code"], raised.exception.response["ResponseMetadata"]["HTTPStatusCode"]), (name, 400), error)
        if message is not None:
            self.assertEqual(error["Message"], message)

    def make(self, kind="symmetric", **more):
        return self.kms.create_key(**SPECS[kind], **more)["KeyMetadata"]


class OperationsInStates(BotoTest):
    def test_every_cell(self):
        cells = 0
        for name, (call, expected) in TABLE.items():
            for kind, due in expected.items():
                for state, error in zip(("Enabled", "Disabled", "PendingDeletion"), due):
                    cells += 1
                    with self.subTest(operation=name, kind=kind, state=state):
                        scene = Scene(self.kms, kind, state)
                        if error is OK:
                            call(scene)
                        elif error == DISABLED:
                            self.fails(error, f"{scene.arn} is disabled.", call, scene)
                        elif error == STATE and name == "CancelKeyDeletion":
                            self.fails(error, f"{scene.arn} is not pending deletion", call, scene)
                        elif error == STATE:
                            self.fails(error, f"{scene.arn} is pending deletion.", call, scene)
                        else:
                            self.fails(error, None, call, scene)
        self.assertGreater(cells, 200)

    def test_a_cancelled_deletion_comes_back_disabled(self):
        key = self.make()["KeyId"]
        scheduled = self.kms.schedule_key_deletion(KeyId=key)
        self.assertEqual((scheduled["KeyState"], scheduled["PendingWindowInDays"]), ("PendingDeletion", 30))
        self.assertAlmostEqual(scheduled["DeletionDate"].timestamp(), datetime.datetime.now().timestamp() + 30 * 86400, delta=300)
        self.assertIn(key, [k["KeyId"] for k in self.kms.list_keys()["Keys"]])
        self.kms.cancel_key_deletion(KeyId=key)
        self.assertEqual(self.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"], "Disabled")
        self.fails(DISABLED, None, self.kms.encrypt, KeyId=key, Plaintext=b"x")
        self.kms.enable_key(KeyId=key)
        self.kms.encrypt(KeyId=key, Plaintext=b"x")


class ErrorTexts(BotoTest):
    def test_names_and_texts(self):
        sym, ecc = self.make(), self.make("ecc")
        nobody = "11111111-2222-3333-4444-555555555555"
        arn = sym["Arn"].replace(sym["KeyId"], nobody)
        invalid = "1 validation error detected: Value"
        e, d = self.kms.encrypt, self.kms.describe_key
        self.fails("NotFoundException", f"Key '{arn}' does not exist", d, KeyId=nobody)
        self.fails("NotFoundException", f"Key '{arn}' does not exist", d, KeyId=arn)
        self.fails("NotFoundException", "Invalid keyId 'nonsense'", d, KeyId="nonsense")
        self.fails("NotFoundException", "Invalid arn eu-west-3", d, KeyId=sym["Arn"].replace("us-east-1", "eu-west-3"))
        self.fails("NotFoundException", f"Alias {arn.split(':key')[0]}:alias/none is not found.", d, KeyId="alias/none")
        self.fails("NotFoundException", "Invalid keyId 'alias/none'", self.kms.enable_key, KeyId="alias/none")
        self.fails(USAGE, f"{ecc['Arn']} key usage is SIGN_VERIFY which is not valid for Encrypt.", e, KeyId=ecc["KeyId"], Plaintext=b"x")
        self.fails("ValidationException", f"{invalid} at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096", e,
                   KeyId=sym["KeyId"], Plaintext=bytes(4097))
        self.kms.encrypt(KeyId=sym["KeyId"], Plaintext=bytes(4096))
        self.fails("ValidationException", "Digest is invalid length for algorithm ECDSA_SHA_256.", self.kms.sign, KeyId=ecc["KeyId"], Message=bytes(31),
                   MessageType="DIGEST", **ALGORITHM)
        self.fails("KMSInvalidSignatureException", "", self.kms.verify, KeyId=ecc["KeyId"], Message=b"x", Signature=b"garbage", **ALGORITHM)
        good = self.kms.sign(KeyId=ecc["KeyId"], Message=b"x", **ALGORITHM)["Signature"]
        self.fails("KMSInvalidSignatureException", "", self.kms.verify, KeyId=ecc["KeyId"], Message=b"y", Signature=good, **ALGORITHM)
        blob = self.kms.encrypt(KeyId=sym["KeyId"], Plaintext=b"x", EncryptionContext={"a": "bc"})["CiphertextBlob"]
        self.fails("InvalidCiphertextException", "", self.kms.decrypt, CiphertextBlob=blob, EncryptionContext={"ab": "c"})
        self.fails("InvalidCiphertextException", "", self.kms.decrypt, CiphertextBlob=b"not the KMS's")
        self.fails(INCORRECT, "The key ID in the request does not identify a CMK that can perform this operation.", self.kms.decrypt,
                   KeyId=self.make()["KeyId"], CiphertextBlob=blob, EncryptionContext={"a": "bc"})
        mac = self.make("hmac")["KeyId"]
        self.fails("KMSInvalidMacException", "", self.kms.verify_mac, KeyId=mac, Message=b"x", Mac=bytes(32), **MAC)
        alias = self.kms.create_alias
        alias(AliasName="alias/taken", TargetKeyId=sym["KeyId"])
        self.fails("AlreadyExistsException", None, alias, AliasName="alias/taken", TargetKeyId=ecc["KeyId"])
        self.fails("ValidationException", None, self.kms.update_alias, AliasName="alias/taken", TargetKeyId=ecc["KeyId"])
        self.fails("NotAuthorizedException", None, alias, AliasName="alias/aws/x", TargetKeyId=sym["KeyId"])
        self.fails("ValidationException", 'Alias must start with the prefix "alias/". Please see '
                   "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html", alias, AliasName="x", TargetKeyId=sym["KeyId"])
        tag = partial(self.kms.tag_resource, KeyId=sym["KeyId"])
        self.fails("TagException", "Duplicate tag keys", tag, Tags=[{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}])
        self.fails("TagException", "Tags beginning with aws: are reserved", tag, Tags=[{"TagKey": "aws:a", "TagValue": "1"}])
        self.fails("TagException", "Too many tags", tag, Tags=[{"TagKey": f"k{i}", "TagValue": ""} for i in range(51)])
        self.fails("InvalidMarkerException", None, self.kms.list_keys, Marker="x")
        self.fails("ValidationException", None, self.kms.list_keys, Limit=1001)
        self.fails("MalformedPolicyDocumentException", None, self.kms.put_key_policy, KeyId=sym["KeyId"], PolicyName="default", Policy="x")
        self.fails(UNSUPPORTED, None, self.kms.create_key, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
        self.fails(UNSUPPORTED, None, self.kms.create_grant, KeyId=sym["KeyId"], GranteePrincipal="x", Operations=["Encrypt"])

    def test_a_ciphertext_whose_key_is_gone_is_denied(self):
        blob = bytearray(self.kms.encrypt(KeyId=self.make()["KeyId"], Plaintext=b"x")["CiphertextBlob"])
        blob[4:20] = bytes(16)  # the key's id
        self.fails("AccessDeniedException", None, self.kms.decrypt, CiphertextBlob=bytes(blob))

    def test_wrong_credentials(self):
        right = self.access_key
        session = self.one("kms", "access-key", "create", "--session-token")
        self.boto3(session).list_keys()
        self.fails("InvalidSignatureException", None, self.boto3({**right, "secret_access_key": "wrong"}).list_keys)
        self.fails("UnrecognizedClientException", "The security token included in the request is invalid.",
                   self.boto3({**right, "access_key_id": "AKIAAAAAAAAAAAAAAAAA"}).list_keys)
        self.fails("UnrecognizedClientException", None, self.boto3({**session, "session_token": None}).list_keys)
        self.fails("UnrecognizedClientException", None, self.boto3({**right, "session_token": "x"}).list_keys)
        self.fails("InvalidSignatureException", "Credential should be scoped to a valid region, not 'eu-west-1'. ",
                   self.boto3(region_name="eu-west-1").list_keys)
        import botocore
        from botocore.config import Config

        self.fails("MissingAuthenticationTokenException", "Missing Authentication Token",
                   self.boto3(config=Config(signature_version=botocore.UNSIGNED, retries={"total_max_attempts": 1})).list_keys)
        self.one("kms", "access-key", "remove", session["access_key_id"])
        self.fails("UnrecognizedClientException", None, self.boto3(session).list_keys)
        self.assertEqual([key["access_key_id"] for key in self.ok("kms", "access-key", "list")], [right["access_key_id"]])
        self.refused(3, "not_found", "kms", "access-key", "remove", session["access_key_id"])


class Lists(BotoTest):
    def test_pages(self):
        keys = {self.make()["KeyId"] for _ in range(7)}
        for i, key in enumerate(sorted(keys)):
            self.kms.create_alias(AliasName=f"alias/a{i}", TargetKeyId=key)
        walk = lambda name, member, field, **more: [  # noqa: E731
            item[field] for page in self.kms.get_paginator(name).paginate(PaginationConfig={"PageSize": 3}, **more) for item in page[member]]
        self.assertEqual(set(walk("list_keys", "Keys", "KeyId")), keys)
        self.assertEqual(walk("list_aliases", "Aliases", "AliasName"), [f"alias/a{i}" for i in range(7)])
        key = min(keys)
        self.kms.tag_resource(KeyId=key, Tags=[{"TagKey": f"t{i}", "TagValue": "ü\"\\\n"} for i in range(7)])
        first = self.kms.list_resource_tags(KeyId=key, Limit=5)
        rest = self.kms.list_resource_tags(KeyId=key, Limit=5, Marker=first["NextMarker"])
        self.assertEqual([t["TagKey"] for t in first["Tags"] + rest["Tags"]], [f"t{i}" for i in range(7)])
        self.assertEqual((first["Truncated"], rest["Truncated"], rest["Tags"][0]["TagValue"]), (True, False, "ü\"\\\n"))
        policy = json.loads(self.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        self.assertEqual(policy["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::000000000000:root")


class ImportedKeys(BotoTest):
    def wrapped(self, parameters, material, md="sha256"):
        """By openssl, which nobody here wrote."""
        public, plain = self.write("public.der", parameters["PublicKey"]), self.write("plain", material)
        return subprocess.run(["openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", public, "-keyform", "DER", "-in", plain, "-pkeyopt",
                               "rsa_padding_mode:oaep", "-pkeyopt", f"rsa_oaep_md:{md}"], check=True, capture_output=True).stdout

    def test_a_fixed_signing_key(self):
        scalar = bytes.fromhex(MNEMONIC_PRIVATE_KEY[2:])
        # RFC 5915's shortest form, made a PKCS #8 by openssl.
        ec = b"\x30\x2e\x02\x01\x01\x04\x20" + scalar + bytes.fromhex("a00706052b8104000a")
        pkcs8 = subprocess.run(["openssl", "pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER"], input=ec, check=True,
                               capture_output=True).stdout
        point = subprocess.run(["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"], input=pkcs8, check=True,
                               capture_output=True).stdout
        key = self.make("ecc", Origin="EXTERNAL")
        self.assertEqual(key["KeyState"], "PendingImport")
        self.fails(STATE, f"{key['Arn']} is pending import.", self.kms.sign, KeyId=key["KeyId"], Message=b"x", **ALGORITHM)
        for algorithm, md in (("RSAES_OAEP_SHA_256", "sha256"), ("RSAES_OAEP_SHA_1", "sha1")):
            parameters = self.kms.get_parameters_for_import(KeyId=key["KeyId"], WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048")
            self.assertEqual(parameters["KeyId"], key["Arn"])
            self.kms.import_key_material(KeyId=key["KeyId"], ImportToken=parameters["ImportToken"], ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
                                         EncryptedKeyMaterial=self.wrapped(parameters, pkcs8, md))
            self.assertEqual(self.kms.get_public_key(KeyId=key["KeyId"])["PublicKey"], point)
        described = self.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        self.assertEqual((described["Origin"], described["ExpirationModel"]), ("EXTERNAL", "KEY_MATERIAL_DOES_NOT_EXPIRE"))
        self.kms.delete_imported_key_material(KeyId=key["KeyId"])
        self.assertEqual(self.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"], "PendingImport")

    def test_symmetric_material_that_expires(self):
        key = self.make(Origin="EXTERNAL")["KeyId"]
        parameters = self.kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_3072")
        until = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=3)
        send = partial(self.kms.import_key_material, KeyId=key, ImportToken=parameters["ImportToken"],
                       EncryptedKeyMaterial=self.wrapped(parameters, bytes(range(32))))
        self.fails("ValidationException", "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES", send)
        self.fails("InvalidImportTokenException", None, send, ImportToken=b"no token", ValidTo=until)
        self.fails("InvalidCiphertextException", "", send, EncryptedKeyMaterial=bytes(384), ValidTo=until)
        send(ValidTo=until)
        described = self.kms.describe_key(KeyId=key)["KeyMetadata"]
        self.assertEqual((described["ValidTo"], described["ExpirationModel"], described["KeyState"]), (until, "KEY_MATERIAL_EXPIRES", "Enabled"))
        self.fails("IncorrectKeyMaterialException", None, send, ValidTo=until, EncryptedKeyMaterial=self.wrapped(parameters, bytes(32)))


class TheProcess(BotoTest):
    def test_what_was_answered_survives_a_kill(self):
        made = []
        for _ in range(3):
            kms = self.boto3()
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                for key in pool.map(lambda _: kms.create_key()["KeyMetadata"]["KeyId"], range(12)):
                    made.append((key, kms.encrypt(KeyId=key, Plaintext=key.encode())["CiphertextBlob"]))
                kms.disable_key(KeyId=made[-1][0])
            self.end_server(signal.SIGKILL)
            self.start_server()
        kms = self.boto3()
        for i, (key, blob) in enumerate(made):
            if i % 12 == 11:
                self.fails(DISABLED, None, kms.decrypt, CiphertextBlob=blob)
            else:
                self.assertEqual(kms.decrypt(CiphertextBlob=blob)["Plaintext"], key.encode())

    def test_it_ends_on_a_signal_and_says_nothing(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            self.assertEqual(self.end_server(how), (0, ""))
            self.start_server()

    def test_the_vault_sees_the_same_keys(self):
        key = self.make("ecc")["KeyId"]
        self.assertEqual(self.one("key", "show", key)["state"], "Enabled")
        self.one("key", "disable", key)
        self.fails(DISABLED, None, self.kms.get_public_key, KeyId=key)

    def test_where_it_may_listen(self):
        taken = self.url.split("//")[1]
        self.refused(5, "unavailable", "kms", "serve", "--listen", taken)
        self.refused(4, "denied", "kms", "serve", "--listen", "0.0.0.0:0")
        self.refused(4, "denied", "kms", "serve", "--listen", "0.0.0.0:0", "--allow-remote")
        for wrong in ("", "127.0.0.1", ":0", "127.0.0.1:x", "127.0.0.1:70000", "example.org:1"):
            self.refused(2, "invalid_input", "kms", "serve", "--listen", wrong)
        self.refused(4, "denied", "--read-only", "kms", "serve")
        self.refused(4, "denied", "--as", "alice", "kms", "access-key", "create")

    def test_without_an_access_key_it_says_how_to_make_one(self):
        self.one("kms", "access-key", "remove", self.access_key["access_key_id"])
        other = subprocess.Popen(self.command("kms", "serve", "--listen", "127.0.0.1:0"), env=self.environment, stdout=subprocess.PIPE, text=True)
        said = "".join(other.stdout.readline() for _ in range(6))
        other.terminate()
        other.communicate(timeout=60)
        self.assertIn("keydeck kms access-key create", said)
        self.assertIn("not enforced", said)

    def test_secrets_stay_sealed(self):
        secret = self.access_key["secret_access_key"]
        self.kms.encrypt(KeyId=self.make()["KeyId"], Plaintext=b"a plaintext nobody must find")
        for path in self.vault.rglob("*"):
            content = path.read_bytes()
            for needle in (secret.encode(), base64.b64encode(secret.encode()), b"a plaintext nobody must find"):
                self.assertNotIn(needle, content, path)


class Tls(BotoTest):
    def setUp(self):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="keydeck-tls-"))
        self.addCleanup(shutil.rmtree, directory)
        self.certificate, key = directory / "cert.pem", directory / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", self.certificate,
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        self.serve_options = ("--tls-cert", str(self.certificate), "--tls-key", str(key))
        super().setUp()

    def test_https(self):
        self.assertTrue(self.url.startswith("https://"))
        kms = self.boto3(verify=str(self.certificate))
        for _ in range(10):
            kms.encrypt(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], Plaintext=bytes(4096))
        with self.assertRaises(botocore.exceptions.SSLError):
            self.boto3().list_keys()
        self.assertEqual(self.end_server(), (0, ""))
        # With a certificate and --allow-remote, and only then, it may be reached from elsewhere.
        self.refused(4, "denied", "kms", "serve", "--listen", "0.0.0.0:0", *self.serve_options)
        self.serve_options += ("--allow-remote",)
        self.start_server("0.0.0.0:0")


class AwsCommand(ServedKmsTest):
    def aws(self, *args, env=None):
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", self.url, "--output", "json", "kms", *args], env={**self.aws_environment(), **(env or {})},
                              capture_output=True, text=True, check=False)
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr

    def test_a_key_from_the_cradle_to_the_grave(self):
        status, made, said = self.aws("create-key", "--description", "made by aws", "--tags", "TagKey=a,TagValue=b")
        self.assertEqual((status, said), (0, ""))
        key = made["KeyMetadata"]["KeyId"]
        self.assertEqual(self.aws("create-alias", "--alias-name", "alias/cli", "--target-key-id", key)[0], 0)
        plain = self.write("plain", b"text from a file")
        status, encrypted, said = self.aws("encrypt", "--key-id", "alias/cli", "--plaintext", f"fileb://{plain}", "--encryption-context", "a=b")
        self.assertEqual(status, 0, said)
        blob = self.write("blob", base64.b64decode(encrypted["CiphertextBlob"]))
        status, decrypted, said = self.aws("decrypt", "--ciphertext-blob", f"fileb://{blob}", "--encryption-context", "a=b")
        self.assertEqual((status, base64.b64decode(decrypted["Plaintext"])), (0, b"text from a file"), said)
        status, _, said = self.aws("decrypt", "--ciphertext-blob", f"fileb://{blob}")
        self.assertNotEqual(status, 0)
        self.assertIn("InvalidCiphertextException", said)
        self.assertEqual(self.aws("list-resource-tags", "--key-id", key)[1]["Tags"], [{"TagKey": "a", "TagValue": "b"}])
        self.assertEqual(self.aws("schedule-key-deletion", "--key-id", key, "--pending-window-in-days", "7")[1]["KeyState"], "PendingDeletion")
        status, _, said = self.aws("encrypt", "--key-id", key, "--plaintext", "eA==")
        self.assertIn("KMSInvalidStateException", said)
        status, _, said = self.aws("list-keys", env={"AWS_SECRET_ACCESS_KEY": "wrong"})
        self.assertIn("InvalidSignatureException", said)


if __name__ == "__main__":
    main()
