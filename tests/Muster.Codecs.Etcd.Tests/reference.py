"""Reads 'Message HEX' lines, parses each with Python's protobuf and writes it again. The tables are etcd's field numbers."""
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# name: "number type[*]" — * repeated; a type that is no scalar is a message; "a|b" share a oneof.
HEADER = "1 ResponseHeader"
TABLES = {
    "ResponseHeader": "1 uint64,2 uint64,3 int64,4 uint64",
    "KeyValue": "1 bytes,2 int64,3 int64,4 int64,5 bytes,6 int64",
    "Event": "1 int32,2 KeyValue,3 KeyValue",
    "EmptyRequest": "",
    "HeaderResponse": HEADER,
    "RangeRequest": "1 bytes,2 bytes,3 int64,4 int64,5 int32,6 int32,7 bool,8 bool,9 bool,10 int64,11 int64,12 int64,13 int64",
    "RangeResponse": HEADER + ",2 KeyValue*,3 bool,4 int64",
    "PutRequest": "1 bytes,2 bytes,3 int64,4 bool,5 bool,6 bool",
    "PutResponse": HEADER + ",2 KeyValue",
    "DeleteRangeRequest": "1 bytes,2 bytes,3 bool",
    "DeleteRangeResponse": HEADER + ",2 int64,3 KeyValue*",
    "RequestOp": "1 RangeRequest|2 PutRequest|3 DeleteRangeRequest|4 TxnRequest",
    "ResponseOp": "1 RangeResponse|2 PutResponse|3 DeleteRangeResponse|4 TxnResponse",
    "Compare": "1 int32,2 int32,3 bytes,4 int64|5 int64|6 int64|7 bytes|8 int64,64 bytes",
    "TxnRequest": "1 Compare*,2 RequestOp*,3 RequestOp*",
    "TxnResponse": HEADER + ",2 bool,3 ResponseOp*",
    "CompactionRequest": "1 int64,2 bool",
    "WatchRequest": "1 WatchCreateRequest|2 WatchCancelRequest|3 EmptyRequest",
    "WatchCreateRequest": "1 bytes,2 bytes,3 int64,4 bool,5 int32*,6 bool,7 int64,8 bool",
    "WatchCancelRequest": "1 int64",
    "WatchResponse": HEADER + ",2 int64,3 bool,4 bool,5 int64,6 string,7 bool,11 Event*",
    "LeaseGrantRequest": "1 int64,2 int64",
    "LeaseGrantResponse": HEADER + ",2 int64,3 int64,4 string",
    "LeaseRequest": "1 int64",
    "LeaseKeepAliveResponse": HEADER + ",2 int64,3 int64",
    "LeaseTimeToLiveRequest": "1 int64,2 bool",
    "LeaseTimeToLiveResponse": HEADER + ",2 int64,3 int64,4 int64,5 bytes*",
    "LeaseStatus": "1 int64",
    "LeaseLeasesResponse": HEADER + ",2 LeaseStatus*",
    "MemberListRequest": "1 bool",
    "Member": "1 uint64,2 string,3 string*,4 string*,5 bool",
    "MemberListResponse": HEADER + ",2 Member*",
    "AlarmRequest": "1 int32,2 uint64,3 int32",
    "AlarmMember": "1 uint64,2 int32",
    "AlarmResponse": HEADER + ",2 AlarmMember*",
    "StatusResponse": HEADER + ",2 string,3 int64,4 uint64,5 uint64,6 uint64,7 uint64,8 string*,9 int64,10 bool,11 string,12 int64",
    "HashResponse": HEADER + ",2 uint32",
    "HashKvRequest": "1 int64",
    "HashKvResponse": HEADER + ",2 uint32,3 int64",
    "SnapshotResponse": HEADER + ",2 uint64,3 bytes",
    "MoveLeaderRequest": "1 uint64",
    "AuthStatusResponse": HEADER + ",2 bool,3 uint64",
    "AuthenticateRequest": "1 string,2 string",
    "AuthenticateResponse": HEADER + ",2 string",
    "NameRequest": "1 string",
    "UserRoleRequest": "1 string,2 string",
    "NamesResponse": HEADER + ",2 string*",
    "UserAddOptions": "1 bool",
    "UserAddRequest": "1 string,2 string,3 UserAddOptions,4 string",
    "UserChangePasswordRequest": "1 string,2 string,3 string",
    "Permission": "1 int32,2 bytes,3 bytes",
    "RoleGrantPermissionRequest": "1 string,2 Permission",
    "RoleRevokePermissionRequest": "1 string,2 bytes,3 bytes",
    "RoleGetResponse": HEADER + ",2 Permission*",
    "LockRequest": "1 bytes,2 int64",
    "LockResponse": HEADER + ",2 bytes",
    "UnlockRequest": "1 bytes",
    "LeaderKey": "1 bytes,2 bytes,3 int64,4 int64",
    "CampaignRequest": "1 bytes,2 int64,3 bytes",
    "CampaignResponse": HEADER + ",2 LeaderKey",
    "ProclaimRequest": "1 LeaderKey,2 bytes",
    "LeaderRequest": "1 bytes",
    "LeaderResponse": HEADER + ",2 KeyValue",
    "ResignRequest": "1 LeaderKey",
}
SCALARS = {"int64": 3, "uint64": 4, "int32": 5, "bool": 8, "string": 9, "bytes": 12, "uint32": 13}


def descriptors():
    file = descriptor_pb2.FileDescriptorProto(name="reference.proto", package="reference", syntax="proto3")
    for name, table in TABLES.items():
        message = file.message_type.add(name=name)
        for group in filter(None, table.split(",")):
            choices = group.split("|")
            if len(choices) > 1:
                message.oneof_decl.add(name="choice")
            for choice in choices:
                number, kind = choice.split()
                repeated, kind = kind.endswith("*"), kind.rstrip("*")
                field = message.field.add(name=f"f{number}", number=int(number), label=3 if repeated else 1)
                if kind in SCALARS:
                    field.type = SCALARS[kind]
                else:
                    field.type, field.type_name = 11, f".reference.{kind}"
                if len(choices) > 1:
                    field.oneof_index = 0
    return file


def main():
    pool = descriptor_pool.DescriptorPool()
    pool.Add(descriptors())
    factory = message_factory.MessageFactory(pool)
    kinds = {name: factory.GetPrototype(pool.FindMessageTypeByName(f"reference.{name}")) for name in TABLES}
    for line in sys.stdin:
        name, _, text = line.rstrip("\n").partition(" ")
        message = kinds[name].FromString(bytes.fromhex(text))
        message.DiscardUnknownFields()
        sys.stdout.write(f"{name} {message.SerializeToString(deterministic=True).hex().upper()}\n")


main()
