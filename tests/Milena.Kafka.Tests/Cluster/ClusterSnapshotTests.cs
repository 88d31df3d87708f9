using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Cluster;

public class ClusterSnapshotTests
{
    private static readonly Guid FirstId = new(1, 0, 0, new byte[8]);
    private static readonly Guid SecondId = new(2, 0, 0, new byte[8]);

    [Test]
    public void An_answer_names_brokers_topics_and_leaders()
    {
        ClusterSnapshot cluster = ClusterSnapshot.Empty.Apply(Answer(FirstId, (1, 5), (2, 7)), allTopics: false);

        Assert.That(cluster.Brokers.Keys, Is.EquivalentTo(new[] { 1, 2 }));
        Assert.That(cluster.FindPartition(new("orders", 1)), Is.Not.Null.And.Property("LeaderId").EqualTo(2).And.Property("LeaderEpoch").EqualTo(7));
        Assert.That(cluster.FindTopic(FirstId)?.Name, Is.EqualTo("orders"));
        Assert.That(cluster.FindPartition(new("orders", 2)), Is.Null);
        Assert.That(cluster.FindPartition(new("others", 0)), Is.Null);
    }

    [Test]
    public void A_leader_epoch_never_goes_back()
    {
        ClusterSnapshot cluster = ClusterSnapshot.Empty.Apply(Answer(FirstId, (1, 5)), false).Apply(Answer(FirstId, (2, 4)), false);

        Assert.That(cluster.FindPartition(new("orders", 0))!.LeaderId, Is.EqualTo(1));
    }

    [Test]
    public void A_topic_made_anew_starts_its_epochs_anew()
    {
        ClusterSnapshot cluster = ClusterSnapshot.Empty.Apply(Answer(FirstId, (1, 5)), false).Apply(Answer(SecondId, (2, 0)), false);

        Assert.That(cluster.FindPartition(new("orders", 0))!.LeaderId, Is.EqualTo(2));
        Assert.That(cluster.FindTopic(FirstId), Is.Null);
    }

    [Test]
    public void Topics_that_an_answer_does_not_mention_stay()
    {
        MetadataResponse other = Answer(SecondId, (1, 0));
        other.Topics[0].Name = "payments";

        ClusterSnapshot cluster = ClusterSnapshot.Empty.Apply(Answer(FirstId, (1, 5)), false).Apply(other, false);

        Assert.That(cluster.Topics.Keys, Is.EquivalentTo(new[] { "orders", "payments" }));
        Assert.That(cluster.Apply(other, allTopics: true).Topics.Keys, Is.EqualTo(new[] { "payments" }));
    }

    [Test]
    public void A_newer_leader_in_an_answer_is_taken_with_its_address()
    {
        ClusterSnapshot cluster = ClusterSnapshot.Empty.Apply(Answer(FirstId, (1, 5)), false);

        ClusterSnapshot moved = cluster.WithLeader(new("orders", 0), 3, 6, new BrokerEndpoint(3, "c", 9, null));

        Assert.That(moved.FindPartition(new("orders", 0))!.LeaderId, Is.EqualTo(3));
        Assert.That(moved.Brokers[3].Host, Is.EqualTo("c"));
        Assert.That(cluster.WithLeader(new("orders", 0), 2, 5, null), Is.SameAs(cluster), "an epoch that is not newer");
        Assert.That(cluster.WithLeader(new("orders", 0), 9, 6, null), Is.SameAs(cluster), "a broker without address");
        Assert.That(cluster.WithLeader(new("others", 0), 2, 6, null), Is.SameAs(cluster), "a topic that is not known");
    }

    [Test]
    public void Partitions_that_cannot_be_are_a_protocol_error()
    {
        MetadataResponse answer = Answer(FirstId, (1, 5));
        answer.Topics[0].Partitions[0].PartitionIndex = 7;

        Assert.That(() => ClusterSnapshot.Empty.Apply(answer, false), Throws.TypeOf<ProtocolException>().With.Message.Contains("orders"));
    }

    [Test]
    public void A_topic_that_loses_its_leader_for_a_moment_keeps_its_partitions()
    {
        MetadataResponse electing = Answer(FirstId);
        electing.Topics[0].ErrorCode = ErrorCode.LeaderNotAvailable;

        ClusterSnapshot cluster = ClusterSnapshot.Empty.Apply(Answer(FirstId, (1, 5)), false).Apply(electing, false);

        Assert.That(cluster.FindTopic("orders")!.Partitions, Has.Count.EqualTo(1));
    }

    private static MetadataResponse Answer(Guid topicId, params (int Leader, int Epoch)[] partitions) => new()
    {
        ControllerId = 1,
        Brokers =
        [
            new() { NodeId = 1, Host = "a", Port = 9 },
            new() { NodeId = 2, Host = "b", Port = 9 },
        ],
        Topics =
        [
            new()
            {
                Name = "orders",
                TopicId = topicId,
                Partitions = partitions.Select((p, i) => new MetadataResponse.MetadataResponsePartition
                {
                    PartitionIndex = i,
                    LeaderId = p.Leader,
                    LeaderEpoch = p.Epoch,
                    ReplicaNodes = [1, 2],
                    IsrNodes = [1, 2],
                }).ToList(),
            },
        ],
    };
}
