using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Brokers, features, the metadata quorum and raw requests, end to end.</summary>
public class ClusterTests : AdminTest
{
    [Test]
    public async Task The_cluster_is_described_with_its_brokers_and_the_rights_on_it()
    {
        ClusterDescription cluster = await Admin.DescribeClusterAsync(new DescribeClusterOptions { IncludeAuthorizedOperations = true }, Bound);

        Assert.That(cluster.ClusterId, Is.EqualTo(Cluster.ClusterId));
        Assert.That(cluster.Brokers.Select(broker => (broker.Id, $"{broker.Host}:{broker.Port}")), Is.EqualTo(Cluster.BrokerIds.Zip(Cluster.BootstrapServers.Split(','))));
        Assert.That(cluster.ControllerId, Is.EqualTo(1));
        Assert.That(cluster.AuthorizedOperations, Does.Contain(AclOperation.ClusterAction));
        Assert.That((await Admin.DescribeClusterAsync(cancellationToken: Bound)).AuthorizedOperations, Is.Null);
    }

    [Test]
    public async Task Brokers_that_are_down_are_told_if_asked_for_until_they_are_unregistered()
    {
        await Cluster.StopBrokerAsync(2);
        var all = new DescribeClusterOptions { IncludeFencedBrokers = true };

        Assert.That((await Admin.DescribeClusterAsync(cancellationToken: Bound)).Brokers.Select(broker => broker.Id), Is.EqualTo(new[] { 1, 3 }));
        Assert.That((await Admin.DescribeClusterAsync(all, Bound)).Brokers.Select(broker => (broker.Id, broker.IsFenced)), Is.EqualTo(new[] { (1, false), (2, true), (3, false) }));
        await Admin.UnregisterBrokerAsync(2, cancellationToken: Bound);

        Assert.That((await Admin.DescribeClusterAsync(all, Bound)).Brokers.Select(broker => broker.Id), Is.EqualTo(new[] { 1, 3 }));
        Assert.That(async () => await Admin.UnregisterBrokerAsync(2, cancellationToken: Bound), Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.BrokerIdNotRegistered));
        await Cluster.StartBrokerAsync(2);
        Assert.That((await Admin.DescribeClusterAsync(cancellationToken: Bound)).Brokers, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Brokers_without_DescribeCluster_are_asked_with_metadata()
    {
        Cluster.HideApi(ApiKey.DescribeCluster);

        ClusterDescription cluster = await Admin.DescribeClusterAsync(new DescribeClusterOptions { IncludeAuthorizedOperations = true }, Bound);

        Assert.That((cluster.ClusterId, cluster.Brokers.Count), Is.EqualTo((Cluster.ClusterId, 3)));
        Assert.That(cluster.AuthorizedOperations, Does.Contain(AclOperation.Create));
        Assert.That(async () => await Admin.DescribeClusterAsync(new DescribeClusterOptions { IncludeFencedBrokers = true }, Bound), Throws.TypeOf<UnsupportedVersionException>());
    }

    [Test]
    public async Task Fenced_brokers_are_more_than_older_brokers_can_tell()
    {
        Cluster.MaxVersion(ApiKey.DescribeCluster, 1);

        Assert.That(async () => await Admin.DescribeClusterAsync(new DescribeClusterOptions { IncludeFencedBrokers = true }, Bound), Throws.TypeOf<UnsupportedVersionException>());
    }

    [TestCase((short)2)]
    [TestCase((short)1)]
    [TestCase((short)0)]
    public async Task Features_go_down_if_that_is_said_and_up_again(short version)
    {
        Cluster.MaxVersion(ApiKey.UpdateFeatures, version);
        FeatureDescription before = await Admin.DescribeFeaturesAsync(cancellationToken: Bound);
        Assert.That(before.Finalized["transaction.version"], Is.EqualTo(new FeatureLevels(2, 2)));
        Assert.That(before.Supported["group.version"], Is.EqualTo(new FeatureLevels(0, 1)));

        AdminOutcome<string> refused = await UpdateAsync(new FeatureUpdate(1));
        Assert.That(FailureOf(refused, "transaction.version"), Has.Property("Code").EqualTo(ErrorCode.InvalidUpdateVersion).And.Message.Contains("Can't downgrade"));
        (await UpdateAsync(new FeatureUpdate(1, FeatureUpgradeType.SafeDowngrade))).ThrowIfAnyFailed();

        FeatureDescription after = await Admin.DescribeFeaturesAsync(1, cancellationToken: Bound);
        Assert.That((after.Finalized["transaction.version"].Max, Cluster.TransactionVersion), Is.EqualTo(((short)1, 1)));
        Assert.That(after.FinalizedEpoch, Is.GreaterThan(before.FinalizedEpoch!.Value));
        (await UpdateAsync(new FeatureUpdate(2))).ThrowIfAnyFailed();
        Assert.That(Cluster.TransactionVersion, Is.EqualTo(2));
    }

    [Test]
    public async Task Of_features_all_change_or_none_and_nothing_if_only_validated()
    {
        var updates = new Dictionary<string, FeatureUpdate> { ["group.version"] = new(0, FeatureUpgradeType.SafeDowngrade), ["nonsense"] = new(1) };
        AdminOutcome<string> outcome = await Admin.UpdateFeaturesAsync(updates, cancellationToken: Bound);
        updates.Remove("nonsense");
        AdminOutcome<string> valid = await Admin.UpdateFeaturesAsync(updates, new AdminChangeOptions { ValidateOnly = true }, Bound);

        Assert.That(outcome.Failures.Keys, Is.EquivalentTo(new[] { "group.version", "nonsense" }));
        Assert.That(valid.Failures, Is.Empty);
        Assert.That(Cluster.ConsumerGroupProtocol);
    }

    [Test]
    public async Task Old_brokers_cannot_be_told_to_only_validate_features_or_to_lose_something()
    {
        Cluster.MaxVersion(ApiKey.UpdateFeatures, 0);
        var update = new Dictionary<string, FeatureUpdate> { ["group.version"] = new(0, FeatureUpgradeType.SafeDowngrade) };

        Assert.That(FailureOf(await Admin.UpdateFeaturesAsync(update, new AdminChangeOptions { ValidateOnly = true }, Bound), "group.version"), Is.TypeOf<UnsupportedVersionException>());
        update["group.version"] = new FeatureUpdate(0, FeatureUpgradeType.UnsafeDowngrade);
        Assert.That(FailureOf(await Admin.UpdateFeaturesAsync(update, cancellationToken: Bound), "group.version"), Is.TypeOf<UnsupportedVersionException>());
    }

    [Test]
    public async Task The_quorum_is_described_and_follows_the_controller()
    {
        QuorumDescription before = await Admin.DescribeMetadataQuorumAsync(cancellationToken: Bound);
        Cluster.CreateTopic("orders");
        await Cluster.StopBrokerAsync(1);
        QuorumDescription after = await Admin.DescribeMetadataQuorumAsync(cancellationToken: Bound);

        Assert.That((before.LeaderId, after.LeaderId), Is.EqualTo((1, 2)));
        Assert.That(after.LeaderEpoch, Is.GreaterThan(before.LeaderEpoch));
        Assert.That(after.HighWatermark, Is.GreaterThan(before.HighWatermark));
        Assert.That(after.Voters.Select(voter => voter.Id), Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(after.Voters[0].LogEndOffset, Is.LessThan(after.Voters[1].LogEndOffset));
        Assert.That(after.Nodes[2], Is.EqualTo(new[] { new RaftEndpoint("CONTROLLER", "127.0.0.1", ushort.Parse(Cluster.BootstrapServers.Split(',')[1].Split(':')[1], null)) }));
        Assert.That(after.Voters[1].LastCaughtUp, Is.Not.Null);
    }

    [Test]
    public async Task Voters_come_and_go_one_by_one()
    {
        var directory = new Guid("11111111-2222-3333-4444-555555555555");
        RaftEndpoint[] endpoints = [new("CONTROLLER", "controller.example", 9093)];

        await Admin.AddRaftVoterAsync(7, directory, endpoints, new RaftVoterOptions { ClusterId = Cluster.ClusterId }, Bound);
        QuorumDescription with = await Admin.DescribeMetadataQuorumAsync(cancellationToken: Bound);

        Assert.That(with.Voters.Single(voter => voter.Id == 7).DirectoryId, Is.EqualTo(directory));
        Assert.That(with.Nodes[7], Is.EqualTo(endpoints));
        Assert.That(async () => await Admin.AddRaftVoterAsync(7, directory, endpoints, cancellationToken: Bound), Fails(ErrorCode.DuplicateVoter));
        Assert.That(async () => await Admin.AddRaftVoterAsync(8, directory, endpoints, new RaftVoterOptions { ClusterId = "other" }, Bound), Fails(ErrorCode.InconsistentClusterId));
        Assert.That(async () => await Admin.RemoveRaftVoterAsync(7, Guid.Empty, cancellationToken: Bound), Fails(ErrorCode.VoterNotFound));
        await Admin.RemoveRaftVoterAsync(7, directory, cancellationToken: Bound);
        Assert.That((await Admin.DescribeMetadataQuorumAsync(cancellationToken: Bound)).Voters.Select(voter => voter.Id), Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Any_request_can_be_sent_to_any_broker()
    {
        Cluster.CreateTopic("orders");

        MetadataResponse any = await Admin.SendAsync(new MetadataRequest { Topics = [new() { Name = "orders" }], AllowAutoTopicCreation = false }, cancellationToken: Bound);
        DescribeConfigsResponse third = await Admin.SendAsync(
            new DescribeConfigsRequest { Resources = [new() { ResourceType = (sbyte)ConfigResourceType.Broker, ResourceName = "3", ConfigurationKeys = ["node.id"] }] },
            RequestTarget.Broker(3),
            cancellationToken: Bound);
        ListOffsetsResponse leader = await Admin.SendAsync(
            new ListOffsetsRequest { ReplicaId = -1, Topics = [new() { Name = "orders", Partitions = [new() { Timestamp = -1 }] }] },
            RequestTarget.LeaderOf(new TopicPartition("orders", 0)),
            cancellationToken: Bound);
        CreateTopicsResponse created = await Admin.SendAsync(
            new CreateTopicsRequest { Topics = [new() { Name = "orders", NumPartitions = 1, ReplicationFactor = 1 }] }, RequestTarget.Controller, new RawRequestOptions { MaxVersion = 4 }, Bound);

        Assert.That(any.Topics.Single().TopicId, Is.EqualTo(Cluster.TopicId("orders")));
        Assert.That(third.Results.Single().Configs.Single().Value, Is.EqualTo("3"));
        Assert.That(leader.Topics.Single().Partitions.Single(), Has.Property("ErrorCode").EqualTo(ErrorCode.None).And.Property("Offset").EqualTo(0));
        Assert.That(created.Topics.Single().ErrorCode, Is.EqualTo(ErrorCode.TopicAlreadyExists), "errors within the answer are the caller's");
        Assert.That(Cluster.Received(ApiKey.CreateTopics).Single().Version, Is.EqualTo(4));
    }

    [Test]
    public void A_request_that_no_broker_serves_or_that_names_no_broker_fails()
    {
        Cluster.HideApi(ApiKey.DescribeQuorum);

        Assert.That(async () => await Admin.SendAsync(new DescribeQuorumRequest(), cancellationToken: Bound), Throws.TypeOf<UnsupportedVersionException>());
        Assert.That(
            async () => await Admin.SendAsync(new MetadataRequest(), RequestTarget.Broker(9), new RawRequestOptions { Timeout = TimeSpan.FromMilliseconds(300) }, Bound),
            Throws.TypeOf<OperationTimeoutException>().With.Message.Contains("Broker 9"));
    }

    private static NUnit.Framework.Constraints.EqualConstraint<ErrorCode> Fails(ErrorCode code) => Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(code);

    private Task<AdminOutcome<string>> UpdateAsync(FeatureUpdate update) =>
        Admin.UpdateFeaturesAsync(new Dictionary<string, FeatureUpdate> { ["transaction.version"] = update }, cancellationToken: Bound);
}
