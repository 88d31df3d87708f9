using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Admin;

/// <summary>What becomes of administration without the rights for it, resource by resource.</summary>
public class RightsTests : AdminTest
{
    private const string Nobody = "User:ANONYMOUS";

    private static readonly TopicPartition Theirs = new("theirs", 0);
    private static readonly TopicPartition Ours = new("ours", 0);

    protected override void Configure(TestClusterOptions options)
    {
        var rights = new TestAuthorizationOptions();
        foreach (AclOperation operation in (AclOperation[])[AclOperation.Create, AclOperation.Delete, AclOperation.Alter, AclOperation.Describe])
        {
            rights.Acls.Add(new TestAcl(ResourceType.Topic, "ours", Nobody, operation));
        }

        options.Security.Authorization = rights;
    }

    [Test]
    public async Task Topics_of_others_are_out_of_reach_and_ones_own_are_not()
    {
        Cluster.CreateTopic("theirs");

        AdminResults<string, CreatedTopic> created = await Admin.CreateTopicsAsync([new NewTopic("ours"), new NewTopic("more")], cancellationToken: Bound);
        AdminResults<string, TopicDescription> described = await Admin.DescribeTopicsAsync(["ours", "theirs"], new DescribeTopicsOptions { IncludeAuthorizedOperations = true }, Bound);
        AdminOutcome<string> grown = await Admin.CreatePartitionsAsync(new Dictionary<string, NewPartitions> { ["ours"] = new(2), ["theirs"] = new(2) }, cancellationToken: Bound);
        AdminResults<TopicPartition, long> records = await Admin.DeleteRecordsAsync(new Dictionary<TopicPartition, long> { [Ours] = -1, [Theirs] = -1 }, cancellationToken: Bound);
        AdminResults<TopicPartition, ListedOffset> offsets = await Admin.ListOffsetsAsync(new Dictionary<TopicPartition, OffsetSpec> { [Ours] = OffsetSpec.Latest, [Theirs] = OffsetSpec.Latest }, cancellationToken: Bound);
        AdminOutcome<string> deleted = await Admin.DeleteTopicsAsync(["ours", "theirs"], cancellationToken: Bound);

        Assert.That((created["ours"].ConfigsError, created["ours"].Configs, created["ours"].Partitions), Is.EqualTo((ErrorCode.TopicAuthorizationFailed, (object?)null, (int?)null)), "KIP-525");
        Assert.That(described["ours"].AuthorizedOperations, Is.EquivalentTo(new[] { AclOperation.Create, AclOperation.Delete, AclOperation.Alter, AclOperation.Describe }));
        Assert.That(FailureOf(created, "more"), IsDenied(ErrorCode.TopicAuthorizationFailed));
        Assert.That(FailureOf(described, "theirs"), IsDenied(ErrorCode.TopicAuthorizationFailed));
        Assert.That((grown.Succeeded.Single(), records[Ours], offsets[Ours].Offset, deleted.Succeeded.Single()), Is.EqualTo(("ours", 0L, 0L, "ours")));
        Assert.That(FailureOf(grown, "theirs"), IsDenied(ErrorCode.TopicAuthorizationFailed));
        Assert.That(FailureOf(records, Theirs), IsDenied(ErrorCode.TopicAuthorizationFailed));
        Assert.That(FailureOf(offsets, Theirs), IsDenied(ErrorCode.TopicAuthorizationFailed));
        Assert.That(FailureOf(deleted, "theirs"), IsDenied(ErrorCode.TopicAuthorizationFailed));
        Assert.That((await Admin.ListTopicsAsync(cancellationToken: Bound)).Select(topic => topic.Name), Is.Empty);
    }

    [Test]
    public async Task Settings_take_rights_of_their_own()
    {
        ConfigResource[] resources = [ConfigResource.Topic("ours"), ConfigResource.Broker(1), ConfigResource.Group("g"), ConfigResource.ClientMetrics("m")];

        AdminResults<ConfigResource, IReadOnlyDictionary<string, ConfigEntry>> described = await Admin.DescribeConfigsAsync(resources, cancellationToken: Bound);
        AdminOutcome<ConfigResource> altered = await Admin.AlterConfigsAsync(
            resources.ToDictionary(resource => resource, _ => (IReadOnlyCollection<ConfigChange>)[ConfigChange.Set("interval.ms", "1000")]), cancellationToken: Bound);

        ErrorCode[] denied = [ErrorCode.TopicAuthorizationFailed, ErrorCode.ClusterAuthorizationFailed, ErrorCode.GroupAuthorizationFailed, ErrorCode.ClusterAuthorizationFailed];
        Assert.That(resources.Select(resource => CodeOf(described, resource)), Is.EqualTo(denied));
        Assert.That(resources.Select(resource => CodeOf(altered, resource)), Is.EqualTo(denied));
        Assert.That(async () => await Admin.ListConfigResourcesAsync(cancellationToken: Bound), Throws.InstanceOf<AuthorizationException>());
    }

    [Test]
    public async Task The_cluster_is_changed_by_nobody_who_may_not()
    {
        Cluster.CreateTopic("ours");
        var replica = new TopicPartitionReplica("ours", 0, 1);

        Assert.That(async () => await Admin.ElectLeadersAsync(ElectionType.Preferred, [Ours], cancellationToken: Bound), IsDenied());
        Assert.That(FailureOf(await Admin.AlterPartitionReassignmentsAsync(new Dictionary<TopicPartition, IReadOnlyList<int>?> { [Ours] = [1] }, cancellationToken: Bound), Ours), IsDenied(ErrorCode.ClusterAuthorizationFailed));
        Assert.That(async () => await Admin.ListPartitionReassignmentsAsync(cancellationToken: Bound), IsDenied());
        Assert.That(FailureOf(await Admin.UpdateFeaturesAsync(new Dictionary<string, FeatureUpdate> { ["group.version"] = new(1) }, cancellationToken: Bound), "group.version"), IsDenied(ErrorCode.ClusterAuthorizationFailed));
        Assert.That(async () => await Admin.DescribeMetadataQuorumAsync(cancellationToken: Bound), IsDenied());
        Assert.That(async () => await Admin.AddRaftVoterAsync(9, Guid.Empty, [], cancellationToken: Bound), IsDenied());
        Assert.That(async () => await Admin.RemoveRaftVoterAsync(9, Guid.Empty, cancellationToken: Bound), IsDenied());
        Assert.That(async () => await Admin.UnregisterBrokerAsync(9, cancellationToken: Bound), IsDenied());
        Assert.That(FailureOf(await Admin.DescribeLogDirsAsync([1], cancellationToken: Bound), 1), IsDenied(ErrorCode.ClusterAuthorizationFailed));
        Assert.That(FailureOf(await Admin.AlterReplicaLogDirsAsync(new Dictionary<TopicPartitionReplica, string> { [replica] = "/" }, cancellationToken: Bound), replica), IsDenied(ErrorCode.ClusterAuthorizationFailed));
        Assert.That((await Admin.DescribeClusterAsync(new DescribeClusterOptions { IncludeAuthorizedOperations = true }, Bound)).AuthorizedOperations, Is.Empty, "everyone may see the brokers");
        Cluster.MaxVersion(ApiKey.DescribeLogDirs, 2);
        await using var old = new KafkaClient(Cluster.BootstrapServers);
        Assert.That(FailureOf(await old.CreateAdmin().DescribeLogDirsAsync([1], cancellationToken: Bound), 1), IsDenied(ErrorCode.ClusterAuthorizationFailed));
    }

    private static NUnit.Framework.Constraints.EqualConstraint<ErrorCode> IsDenied() => Throws.TypeOf<AuthorizationException>().With.Property("Code").EqualTo(ErrorCode.ClusterAuthorizationFailed);

    private static NUnit.Framework.Constraints.EqualConstraint<ErrorCode> IsDenied(ErrorCode code) => Is.TypeOf<AuthorizationException>().With.Property("Code").EqualTo(code);
}
