#!/usr/bin/env python3
"""Compares our encoding with PyKMIP's (Debian: python3-pykmip), byte for byte.

PyKMIP's client builds its requests and PyKMIP's engine answers them, in this process and without a network. Each
message is then decoded strictly into our model and encoded again, to identical bytes or this test fails.

usage: pykmip_bytes_test.py CHECK_MESSAGES
"""
import collections
import logging
import pathlib
import subprocess
import sys
import tempfile
import warnings

sys.path.append("/usr/lib/python3/dist-packages")  # where Debian has it, for other interpreters

warnings.simplefilter("ignore")  # of the libraries below PyKMIP

from kmip import enums
from kmip.core import exceptions, policy, utils
from kmip.core.messages import contents, messages
from kmip.pie import client as pie_client
from kmip.pie import objects
from kmip.services.server import engine as pykmip_engine

VERSIONS = [enums.KMIPVersion.KMIP_1_0, enums.KMIPVersion.KMIP_1_1, enums.KMIPVersion.KMIP_1_2,
            enums.KMIPVersion.KMIP_1_3, enums.KMIPVersion.KMIP_1_4, enums.KMIPVersion.KMIP_2_0]
# What PyKMIP 0.10 itself gets wrong: operation, and what our strict decoder says of its request.
KNOWN_DEVIATIONS = [
    ("LOCATE", "field missing", "RequestPayload/Attributes"),  # 2.0 requires the structure, be it empty
    ("REKEY", "not in this protocol version", "RequestPayload/TemplateAttribute"),  # of 1.x, sent at 2.0
]
LEAST_OPERATIONS = 22  # at each version, asked and answered; fewer would be a test of nothing


class Recorder:
    """Stands for the connection of a PyKMIP client: hands requests to the engine and keeps both directions' bytes."""

    def __init__(self, folder):
        self.engine = pykmip_engine.KmipEngine(policies=policy.policies,
                                                 database_path=str(pathlib.Path(folder) / "pykmip.db"))
        self.messages = []  # (version, operation, direction, bytes)
        self.answer = b""

    def client(self, version):
        client = pie_client.ProxyKmipClient(kmip_version=version)
        client._is_open = True
        client.proxy._send_message = lambda message: self.send(client.proxy, message)
        client.proxy._receive_message = lambda: utils.BytearrayStream(self.answer)
        return client

    def send(self, proxy, message):
        stream = utils.BytearrayStream()
        message.write(stream, proxy.kmip_version)
        operation = message.batch_items[0].operation.value.name
        self.messages.append((proxy.kmip_version, operation, "request", bytes(stream.buffer)))
        try:
            response, _, version = self.engine.process_request(message, ("somebody", None))
        except exceptions.KmipError as error:
            response, version = self.engine.build_error_response(
                contents.ProtocolVersion(1, 0), error.reason, str(error)), contents.ProtocolVersion(1, 0)
        stream = utils.BytearrayStream()
        response.write(stream, contents.protocol_version_to_kmip_version(version))
        self.answer = bytes(stream.buffer)
        self.messages.append((proxy.kmip_version, operation, "response", self.answer))


def converse(client):
    """One of everything that PyKMIP's client can ask. What its engine refuses is an answer too."""
    algorithm, mask = enums.CryptographicAlgorithm, enums.CryptographicUsageMask
    answers, failures = [], []

    def ask(call, *arguments, **options):
        try:
            answers.append(call(*arguments, **options))
            return answers[-1]
        except Exception as error:  # its own checks, or what its engine says: the bytes have been kept
            failures.append("%s: %s" % (getattr(call, "__wrapped__", call).__name__, error))
            return None

    all_uses = [mask.ENCRYPT, mask.DECRYPT, mask.MAC_GENERATE, mask.DERIVE_KEY]
    in_1x = {} if client.kmip_version == VERSIONS[-1] else {"operation_policy_name": "default"}
    key = ask(client.create, algorithm.AES, 256, name="k", cryptographic_usage_mask=all_uses, **in_1x)
    pair = ask(client.create_key_pair, algorithm.RSA, 2048, public_name="pub", private_name="priv",
               public_usage_mask=[mask.VERIFY], private_usage_mask=[mask.SIGN])
    ask(client.register, objects.SymmetricKey(algorithm.AES, 128, b"0123456789abcdef", [mask.ENCRYPT], name="own"))
    ask(client.register, objects.SecretData(b"secret", enums.SecretDataType.PASSWORD, [mask.DERIVE_KEY], name="word"))
    ask(client.register, objects.OpaqueObject(b"opaque", enums.OpaqueDataType.NONE, name="blob"))
    ask(client.register, objects.X509Certificate(b"certificate", [mask.VERIFY], name="cert"))
    public, private = pair if pair else ("1", "2")
    for uid in (key, public, private):
        ask(client.activate, uid)
    ask(client.locate, maximum_items=10, **({"offset_items": 1} if client.kmip_version.value >= 1.3 else {}))
    ask(client.locate)
    ask(client.check, key, 100, [mask.ENCRYPT], 60)
    ask(client.get, key)
    ask(client.get, private)
    ask(client.get_attributes, key)
    ask(client.get_attributes, key, ["State", "Cryptographic Algorithm"])
    ask(client.get_attribute_list, key)
    cbc = {"cryptographic_algorithm": algorithm.AES, "block_cipher_mode": enums.BlockCipherMode.CBC,
           "padding_method": enums.PaddingMethod.PKCS5}
    ask(client.encrypt, b"sixteen bytes ..", uid=key, cryptographic_parameters=cbc, iv_counter_nonce=b"\x01" * 16)
    ask(client.decrypt, b"\x02" * 32, uid=key, cryptographic_parameters=cbc, iv_counter_nonce=b"\x01" * 16)
    pss = {"cryptographic_algorithm": algorithm.RSA, "hashing_algorithm": enums.HashingAlgorithm.SHA_256,
           "padding_method": enums.PaddingMethod.PSS}
    signature = ask(client.sign, b"data", uid=private, cryptographic_parameters=pss)
    ask(client.signature_verify, b"data", signature or b"x", uid=public, cryptographic_parameters=pss)
    ask(client.mac, b"data", uid=key, algorithm=algorithm.HMAC_SHA256)
    ask(client.derive_key, enums.ObjectType.SYMMETRIC_KEY, [key], enums.DerivationMethod.HMAC,
        {"cryptographic_parameters": {"hashing_algorithm": enums.HashingAlgorithm.SHA_256}, "derivation_data": b"d"},
        cryptographic_algorithm=algorithm.AES, cryptographic_length=128,
        cryptographic_usage_mask=[mask.ENCRYPT])
    ask(client.rekey, key, offset=0)
    ask(client.modify_attribute, unique_identifier=key, **modified_name(client.kmip_version))
    ask(client.delete_attribute, unique_identifier=key, **deleted_name(client.kmip_version))
    if client.kmip_version == enums.KMIPVersion.KMIP_2_0:
        ask(client.set_attribute, unique_identifier=key, attribute_name="Sensitive", attribute_value=True)
    ask(client.proxy.query, query_functions=list(enums.QueryFunction)[:4])
    ask(client.proxy.discover_versions)
    ask(client.revoke, enums.RevocationReasonCode.KEY_COMPROMISE, key, "lost", 10)
    ask(client.destroy, key)
    ask(client.destroy, "nobody")
    return len(answers), failures


def modified_name(version):
    from kmip.core import attributes, objects as core_objects
    from kmip.core.factories import attributes as attribute_factory
    name = attributes.Name.create("renamed", enums.NameType.UNINTERPRETED_TEXT_STRING)
    if version == enums.KMIPVersion.KMIP_2_0:
        old = attributes.Name.create("k", enums.NameType.UNINTERPRETED_TEXT_STRING)
        return {"current_attribute": core_objects.CurrentAttribute(attribute=old),
                "new_attribute": core_objects.NewAttribute(attribute=name)}
    return {"attribute": attribute_factory.AttributeFactory().create_attribute(enums.AttributeType.NAME, "renamed", 0)}


def deleted_name(version):
    from kmip.core import objects as core_objects
    if version == enums.KMIPVersion.KMIP_2_0:
        return {"attribute_reference": core_objects.AttributeReference("x", "Name")}
    return {"attribute_name": "Name", "attribute_index": 0}


def main():
    logging.disable(logging.CRITICAL)
    check_messages = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(folder)
        for version in VERSIONS:
            answered, failures = converse(recorder.client(version))
            print("%s: %d requests answered" % (version.name, answered), *failures, sep="\n  ")
    lines = "".join("%s\n" % message.hex() for _, _, _, message in recorder.messages)
    result = subprocess.run([check_messages], input=lines.encode(), stdout=subprocess.PIPE, timeout=120, check=False)
    verdicts = result.stdout.decode().splitlines()
    if len(verdicts) != len(recorder.messages):
        sys.exit("%s gave %d verdicts on %d messages" % (check_messages, len(verdicts), len(recorder.messages)))
    bad = known = 0
    seen = collections.defaultdict(set)
    for (version, operation, direction, _), verdict in zip(recorder.messages, verdicts):
        seen[version].add(operation)
        if is_known(operation, direction, verdict):
            known += 1
        elif verdict != "same":
            bad += 1
            print("%s %s %s: %s" % (version.name, operation, direction, verdict))
    for version in VERSIONS:
        if len(seen[version]) < LEAST_OPERATIONS:
            bad += 1
            print("%s: only %d operations were tried" % (version.name, len(seen[version])))
    print("%d messages of PyKMIP: %d are PyKMIP's own mistakes, %d we encode differently or refuse" % (
        len(verdicts), known, bad))
    return 1 if bad else 0


def is_known(operation, direction, verdict):
    return direction == "request" and any(operation == known and what in verdict and where in verdict
                                          for known, what, where in KNOWN_DEVIATIONS)


if __name__ == "__main__":
    sys.exit(main())
