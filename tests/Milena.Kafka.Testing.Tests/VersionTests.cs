using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests;

internal sealed class VersionTests : ClusterTest
{
    [Test]
    public async Task Every_api_that_is_listed_answers_at_every_version_with_and_without_an_error()
    {
        Guid id = Cluster.CreateTopic(Topic);
        Cluster.CreateShareGroup("s");
        List<ApiVersionsResponse.ApiVersion> listed = (await Client.SendAsync(new ApiVersionsRequest { ClientSoftwareName = "a", ClientSoftwareVersion = "1" }, 4, Bound)).ApiKeys;
        int answered = 0;
        foreach (ApiVersionsResponse.ApiVersion api in listed)
        {
            for (short version = api.MinVersion; version <= api.MaxVersion; version++)
            {
                await CallAsync((ApiKey)api.ApiKey, version, id);
                Cluster.FailNext((ApiKey)api.ApiKey, ErrorCode.UnknownServerError);
                await CallAsync((ApiKey)api.ApiKey, version, id);
                answered++;
            }
        }

        Assert.That(listed, Has.Count.EqualTo(68));
        Assert.That(answered, Is.GreaterThan(140));
        Assert.That(Cluster.Rejections, Is.Empty);
        Assert.That(Cluster.Errors, Is.Empty);
    }

    [Test]
    public async Task An_unknown_version_of_ApiVersions_is_answered_in_version_0_with_what_is_known_of_it()
    {
        byte[] request = Convert.FromHexString("00120063000000070003617070000278023100");
        await Client.SendBytesAsync((byte[])[0, 0, 0, (byte)request.Length, .. request], Bound);

        byte[]? answer = await Client.ReceiveFrameAsync(Bound);

        Assert.That(Convert.ToHexStringLower(answer!), Is.EqualTo("00000007002300000001001200000004"));
    }

    [Test]
    public async Task A_version_above_the_limit_closes_the_connection()
    {
        Cluster.MaxVersion(ApiKey.Metadata, 7);

        Assert.That((await Client.SendAsync(new ApiVersionsRequest(), 2, Bound)).ApiKeys.Single(api => api.ApiKey == (short)ApiKey.Metadata).MaxVersion, Is.EqualTo(7));
        await Client.SendOnlyAsync(new MetadataRequest(), 8, Bound);

        Assert.That(await Client.ReceiveFrameAsync(Bound), Is.Null);
        Assert.That(Cluster.Rejections.Single().Reason, Does.Contain("Metadata version 8"));
    }

    [Test]
    public async Task A_hidden_api_is_neither_listed_nor_served()
    {
        Cluster.HideApi(ApiKey.DescribeCluster);

        Assert.That((await Client.SendAsync(new ApiVersionsRequest(), 0, Bound)).ApiKeys, Has.None.Matches<ApiVersionsResponse.ApiVersion>(api => api!.ApiKey == (short)ApiKey.DescribeCluster));
        await Client.SendOnlyAsync(new DescribeClusterRequest(), 0, Bound);
        Assert.That(await Client.ReceiveFrameAsync(Bound), Is.Null);
    }

    [Test]
    public async Task Software_without_a_proper_name_is_an_invalid_request()
    {
        ApiVersionsResponse response = await Client.SendAsync(new ApiVersionsRequest { ClientSoftwareName = "-", ClientSoftwareVersion = "1" }, 3, Bound);

        Assert.That(response.ErrorCode, Is.EqualTo(ErrorCode.InvalidRequest));
    }

    [Test]
    public async Task A_client_that_means_another_broker_is_told_to_bootstrap_again()
    {
        Cluster.MaxVersion(ApiKey.ApiVersions, 5);

        ApiVersionsResponse response = await Client.SendAsync(new ApiVersionsRequest { ClientSoftwareName = "a", ClientSoftwareVersion = "1", ClusterId = Cluster.ClusterId, NodeId = 9 }, 5, Bound);

        Assert.That(response.ErrorCode, Is.EqualTo(ErrorCode.RebootstrapRequired));
    }

    private async Task CallAsync(ApiKey api, short version, Guid topicId)
    {
        IRequest request = Request(api, version, topicId);
        await Client.SendOnlyAsync(request, version, Bound);
        byte[] frame = await Client.ReceiveFrameAsync(Bound) ?? throw new AssertionException($"{api} v{version} closed the connection");
        var reader = new ProtocolReader(frame);
        ResponseHeader.Read(ref reader, request.Api.ResponseHeaderVersion(version));
        Apis.ReadResponse(api, ref reader, version);
        Assert.That(reader.Remaining, Is.Zero, $"{api} v{version}");
    }

    private static IRequest Request(ApiKey api, short version, Guid topicId) => api switch
    {
        ApiKey.Produce => Produce(version < 3 ? Convert.FromHexString("0000000000000000000000101fecd70a0000000000016b0000000176") : Batch("a"), topicId: topicId),
        ApiKey.Fetch => new FetchRequest { MaxBytes = 1000, Topics = [new() { Topic = Topic, TopicId = topicId, Partitions = [new() { PartitionMaxBytes = 1000 }] }] },
        ApiKey.ListOffsets => ListOffsets(-1),
        ApiKey.Metadata => new MetadataRequest { Topics = [new() { Name = Topic }, new() { Name = $"v{version}" }], IncludeTopicAuthorizedOperations = version >= 8 },
        ApiKey.OffsetCommit => new OffsetCommitRequest { GroupId = "g", Topics = [new() { Name = Topic, TopicId = topicId, Partitions = [new() { CommittedOffset = 1, CommittedMetadata = "m" }] }] },
        ApiKey.OffsetFetch when version < 8 => new OffsetFetchRequest { GroupId = "g", Topics = [new() { Name = Topic, PartitionIndexes = [0, 1] }] },
        ApiKey.OffsetFetch => new OffsetFetchRequest { Groups = [new() { GroupId = "g", Topics = null }, new() { GroupId = "h", Topics = [new() { Name = Topic, TopicId = topicId, PartitionIndexes = [0] }] }] },
        ApiKey.FindCoordinator when version < 4 => new FindCoordinatorRequest { Key = "g" },
        ApiKey.FindCoordinator => new FindCoordinatorRequest { CoordinatorKeys = ["g", ""] },
        ApiKey.JoinGroup => new JoinGroupRequest { GroupId = $"join{version}", SessionTimeoutMs = 10_000, ProtocolType = "consumer", Protocols = [new() { Name = "range", Metadata = new byte[] { 1 } }] },
        ApiKey.SyncGroup => new SyncGroupRequest { GroupId = "g", MemberId = "m" },
        ApiKey.Heartbeat => new HeartbeatRequest { GroupId = "g", MemberId = "m" },
        ApiKey.LeaveGroup when version < 3 => new LeaveGroupRequest { GroupId = "g", MemberId = "m" },
        ApiKey.LeaveGroup => new LeaveGroupRequest { GroupId = "g", Members = [new() { MemberId = "m" }] },
        ApiKey.DescribeGroups => new DescribeGroupsRequest { Groups = ["g", "unknown"], IncludeAuthorizedOperations = version >= 3 },
        ApiKey.ListGroups => new ListGroupsRequest(),
        ApiKey.OffsetDelete => new OffsetDeleteRequest { GroupId = "g", Topics = [new() { Name = "t", Partitions = [new(), new() { PartitionIndex = 9 }] }] },
        ApiKey.ConsumerGroupHeartbeat => new ConsumerGroupHeartbeatRequest
        {
            GroupId = "consumers",
            MemberId = "m",
            RebalanceTimeoutMs = 1000,
            SubscribedTopicNames = ["t"],
            SubscribedTopicRegex = version >= 1 ? "x.*" : null,
            TopicPartitions = [],
        },
        ApiKey.ConsumerGroupDescribe => new ConsumerGroupDescribeRequest { GroupIds = ["consumers", "g", "unknown"], IncludeAuthorizedOperations = true },
        ApiKey.DeleteGroups => new DeleteGroupsRequest { GroupsNames = ["g", "unknown"] },
        ApiKey.ApiVersions => new ApiVersionsRequest { ClientSoftwareName = "a", ClientSoftwareVersion = "1" },
        ApiKey.CreateTopics => new CreateTopicsRequest { Topics = [new() { Name = $"created{version}", NumPartitions = 1, ReplicationFactor = 1, Configs = [new() { Name = "retention.ms", Value = "1" }] }] },
        ApiKey.DeleteTopics when version < 6 => new DeleteTopicsRequest { TopicNames = [$"created{version}", "unknown"] },
        ApiKey.DeleteTopics => new DeleteTopicsRequest { Topics = [new() { Name = $"created{version}" }, new() { TopicId = Guid.NewGuid() }] },
        ApiKey.CreatePartitions => new CreatePartitionsRequest { Topics = [new() { Name = Topic, Count = 9 - version, Assignments = null }, new() { Name = "unknown", Count = 2, Assignments = [new() { BrokerIds = [1] }] }], ValidateOnly = true },
        ApiKey.DescribeTopicPartitions => new DescribeTopicPartitionsRequest { Topics = [new() { Name = Topic }, new() { Name = "unknown" }], ResponsePartitionLimit = 1 },
        ApiKey.DescribeConfigs => new DescribeConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = Topic, ConfigurationKeys = null }, new() { ResourceType = 4, ResourceName = "1", ConfigurationKeys = ["num.partitions"] }], IncludeSynonyms = version >= 1, IncludeDocumentation = version >= 3 },
        ApiKey.AlterConfigs => new AlterConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = Topic, Configs = [new() { Name = "retention.ms", Value = "-1" }] }] },
        ApiKey.IncrementalAlterConfigs => new IncrementalAlterConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = Topic, Configs = [new() { Name = "cleanup.policy", ConfigOperation = 2, Value = "compact" }] }] },
        ApiKey.ListConfigResources => new ListConfigResourcesRequest(),
        ApiKey.ElectLeaders => new ElectLeadersRequest { ElectionType = (sbyte)(version >= 1 ? 1 : 0), TopicPartitions = [new() { Topic = Topic, Partitions = [0, 9] }, new() { Topic = "unknown", Partitions = [0] }] },
        ApiKey.AlterPartitionReassignments => new AlterPartitionReassignmentsRequest { Topics = [new() { Name = Topic, Partitions = [new() { Replicas = [1] }, new() { PartitionIndex = 9, Replicas = null }] }] },
        ApiKey.ListPartitionReassignments => new ListPartitionReassignmentsRequest { Topics = [new() { Name = Topic, PartitionIndexes = [0] }] },
        ApiKey.DescribeLogDirs => new DescribeLogDirsRequest { Topics = [new() { Topic = Topic, Partitions = [0] }] },
        ApiKey.AlterReplicaLogDirs => new AlterReplicaLogDirsRequest { Dirs = [new() { Path = "/nowhere", Topics = [new() { Name = Topic, Partitions = [0] }] }] },
        ApiKey.UpdateFeatures => new UpdateFeaturesRequest { FeatureUpdates = [new() { Feature = "transaction.version", MaxVersionLevel = 2 }] },
        ApiKey.DescribeQuorum => new DescribeQuorumRequest { Topics = [new() { TopicName = "__cluster_metadata", Partitions = [new()] }] },
        ApiKey.AddRaftVoter => new AddRaftVoterRequest { ClusterId = null, VoterId = 100 + version, Listeners = [new() { Name = "CONTROLLER", Host = "localhost", Port = 9 }] },
        ApiKey.RemoveRaftVoter => new RemoveRaftVoterRequest { ClusterId = null, VoterId = 100 },
        ApiKey.UnregisterBroker => new UnregisterBrokerRequest { BrokerId = 99 },
        ApiKey.DeleteRecords => new DeleteRecordsRequest { Topics = [new() { Name = Topic, Partitions = [new() { Offset = 0 }] }] },
        ApiKey.InitProducerId => new InitProducerIdRequest { TransactionalId = null },
        ApiKey.OffsetForLeaderEpoch => new OffsetForLeaderEpochRequest { Topics = [new() { Topic = Topic, Partitions = [new() { LeaderEpoch = 0 }] }] },
        ApiKey.DescribeCluster => new DescribeClusterRequest { IncludeClusterAuthorizedOperations = true },
        ApiKey.SaslHandshake => new SaslHandshakeRequest { Mechanism = "PLAIN" },
        ApiKey.SaslAuthenticate => new SaslAuthenticateRequest { AuthBytes = new byte[3] },
        ApiKey.CreateAcls => new CreateAclsRequest { Creations = [new() { ResourceType = (sbyte)ResourceType.Topic, ResourceName = "t", Principal = "User:a", Host = "*", Operation = (sbyte)AclOperation.Read, PermissionType = (sbyte)AclPermissionType.Allow }] },
        ApiKey.DescribeAcls => new DescribeAclsRequest { ResourceTypeFilter = (sbyte)ResourceType.Any, Operation = (sbyte)AclOperation.Any, PermissionType = (sbyte)AclPermissionType.Any },
        ApiKey.DeleteAcls => new DeleteAclsRequest { Filters = [new() { ResourceTypeFilter = (sbyte)ResourceType.Any, Operation = (sbyte)AclOperation.Any, PermissionType = (sbyte)AclPermissionType.Any }] },
        ApiKey.DescribeUserScramCredentials => new DescribeUserScramCredentialsRequest(),
        ApiKey.AlterUserScramCredentials => new AlterUserScramCredentialsRequest { Deletions = [new() { Name = "a", Mechanism = (sbyte)ScramMechanism.ScramSha256 }] },
        ApiKey.AddPartitionsToTxn when version < 4 => new AddPartitionsToTxnRequest { V3AndBelowTransactionalId = "x", V3AndBelowTopics = [new() { Name = Topic, Partitions = [0] }] },
        ApiKey.AddPartitionsToTxn => new AddPartitionsToTxnRequest { Transactions = [new() { TransactionalId = "x", Topics = [new() { Name = Topic, Partitions = [0] }] }] },
        ApiKey.AddOffsetsToTxn => new AddOffsetsToTxnRequest { TransactionalId = "x", GroupId = "g" },
        ApiKey.TxnOffsetCommit => new TxnOffsetCommitRequest { TransactionalId = "x", GroupId = "g", Topics = [new() { Name = Topic, TopicId = topicId, Partitions = [new() { CommittedOffset = 1 }] }] },
        ApiKey.EndTxn => new EndTxnRequest { TransactionalId = "x", Committed = true },
        ApiKey.WriteTxnMarkers => new WriteTxnMarkersRequest { Markers = [new() { ProducerId = 1, Topics = [new() { Name = Topic, PartitionIndexes = [0, 9] }] }] },
        ApiKey.DescribeTransactions => new DescribeTransactionsRequest { TransactionalIds = ["x"] },
        ApiKey.ListTransactions => new ListTransactionsRequest { StateFilters = ["Ongoing"] },
        ApiKey.DescribeProducers => new DescribeProducersRequest { Topics = [new() { Name = Topic, PartitionIndexes = [0, 9] }] },
        ApiKey.CreateDelegationToken => new CreateDelegationTokenRequest { Renewers = [new() { PrincipalType = "User", PrincipalName = "a" }] },
        ApiKey.RenewDelegationToken => new RenewDelegationTokenRequest { Hmac = new byte[] { 1 } },
        ApiKey.ExpireDelegationToken => new ExpireDelegationTokenRequest { Hmac = new byte[] { 1 } },
        ApiKey.DescribeDelegationToken => new DescribeDelegationTokenRequest { Owners = null },
        ApiKey.DescribeClientQuotas => new DescribeClientQuotasRequest { Components = [new() { EntityType = "user", MatchType = (sbyte)QuotaMatchType.Specified }] },
        ApiKey.AlterClientQuotas => new AlterClientQuotasRequest { Entries = [new() { Entity = [new() { EntityType = "user", EntityName = null }], Ops = [new() { Key = "producer_byte_rate", Value = 1e9 }] }] },
        ApiKey.ShareGroupDescribe => new ShareGroupDescribeRequest { GroupIds = ["s", "unknown"], IncludeAuthorizedOperations = true },
        ApiKey.DescribeShareGroupOffsets => new DescribeShareGroupOffsetsRequest { Groups = [new() { GroupId = "s", Topics = [new() { TopicName = Topic, Partitions = [0, 9] }] }, new() { GroupId = "unknown", Topics = null }] },
        ApiKey.AlterShareGroupOffsets => new AlterShareGroupOffsetsRequest { GroupId = "s", Topics = [new() { TopicName = Topic, Partitions = [new() { StartOffset = 1 }, new() { PartitionIndex = 9 }] }] },
        ApiKey.DeleteShareGroupOffsets => new DeleteShareGroupOffsetsRequest { GroupId = "s", Topics = [new() { TopicName = Topic }, new() { TopicName = "unknown" }] },
        ApiKey.StreamsGroupDescribe => new StreamsGroupDescribeRequest { GroupIds = ["g"], IncludeAuthorizedOperations = true },
        ApiKey.GetTelemetrySubscriptions => new GetTelemetrySubscriptionsRequest(),
        ApiKey.PushTelemetry => new PushTelemetryRequest { ClientInstanceId = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) },
        _ => throw new ArgumentOutOfRangeException(nameof(api), api, "The test has no request for this API."),
    };
}
