using Milena.Kafka.Testing.Groups.Consumer;
using Milena.Kafka.Testing.State;
using PartitionSet = System.Collections.Immutable.ImmutableSortedSet<Milena.Kafka.Testing.Groups.Consumer.TopicIdPartition>;

namespace Milena.Kafka.Testing.Tests.Groups;

internal sealed class AssignorTests
{
    private static readonly CatalogTopic A = new("a", Guid.NewGuid(), 3);
    private static readonly CatalogTopic B = new("b", Guid.NewGuid(), 3);

    [Test]
    public void Range_gives_neighbours_and_the_same_ones_of_each_topic()
    {
        var shares = new RangeAssignor().Assign([New("m1", A, B), New("m2", A, B)]);

        Assert.That(shares["m1"], Is.EquivalentTo(Partitions(A, 0, 1).Union(Partitions(B, 0, 1))));
        Assert.That(shares["m2"], Is.EquivalentTo(Partitions(A, 2).Union(Partitions(B, 2))));
    }

    [Test]
    public void Range_gives_a_topic_to_those_who_want_it_and_static_members_come_first()
    {
        var shares = new RangeAssignor().Assign([New("m1", A), New("m2", A, B), New("m3", B) with { InstanceId = "i" }]);

        Assert.That(shares["m1"], Is.EquivalentTo(Partitions(A, 0, 1)));
        Assert.That(shares["m2"], Is.EquivalentTo(Partitions(A, 2).Union(Partitions(B, 2))));
        Assert.That(shares["m3"], Is.EquivalentTo(Partitions(B, 0, 1)));
    }

    [TestCase(1, 1)]
    [TestCase(7, 3)]
    [TestCase(3, 7)]
    [TestCase(2000, 200)]
    public void Uniform_is_even_and_moves_no_more_than_it_must(int partitions, int members)
    {
        var topic = new CatalogTopic("t", Guid.NewGuid(), partitions);
        var assignor = new UniformAssignor();
        Assignee[] some = [.. Enumerable.Range(0, members).Select(i => New($"m{i}", topic))];
        IReadOnlyDictionary<string, PartitionSet> first = assignor.Assign(some);
        IsEven(first, partitions);

        IReadOnlyDictionary<string, PartitionSet> again = assignor.Assign([.. some.Select(member => member with { Current = first[member.MemberId] })]);
        Assert.That(some.All(member => again[member.MemberId].SetEquals(first[member.MemberId])));

        IReadOnlyDictionary<string, PartitionSet> more = assignor.Assign([.. some.Select(member => member with { Current = first[member.MemberId] }), New("new", topic)]);
        IsEven(more, partitions);
        Assert.That(some.Sum(member => first[member.MemberId].Except(more[member.MemberId]).Count), Is.EqualTo(more["new"].Count), "only the new member gains");
    }

    [Test]
    public void Uniform_gives_the_one_who_wants_little_what_only_it_can_have()
    {
        var shares = new UniformAssignor().Assign([New("m1", A), New("m2", A, B)]);

        Assert.That(shares["m1"], Is.EquivalentTo(Partitions(A, 0, 1, 2)));
        Assert.That(shares["m2"], Is.EquivalentTo(Partitions(B, 0, 1, 2)));
    }

    [Test]
    public void What_a_member_no_longer_wants_goes_to_another()
    {
        var shares = new UniformAssignor().Assign([New("m1", B) with { Current = Partitions(A, 0, 1, 2) }, New("m2", A)]);

        Assert.That(shares["m1"], Is.EquivalentTo(Partitions(B, 0, 1, 2)));
        Assert.That(shares["m2"], Is.EquivalentTo(Partitions(A, 0, 1, 2)));
    }

    private static Assignee New(string id, params CatalogTopic[] topics) => new(id, null, topics, []);

    private static PartitionSet Partitions(CatalogTopic topic, params int[] partitions) => [.. partitions.Select(partition => new TopicIdPartition(topic.Id, partition))];

    private static void IsEven(IReadOnlyDictionary<string, PartitionSet> shares, int partitions)
    {
        Assert.That(shares.Values.SelectMany(share => share).Distinct().Count(), Is.EqualTo(partitions));
        Assert.That(shares.Values.Sum(share => share.Count), Is.EqualTo(partitions));
        Assert.That(shares.Values.Max(share => share.Count) - shares.Values.Min(share => share.Count), Is.LessThanOrEqualTo(1));
    }
}
