using System.Buffers.Binary;
using System.Text.Json;
using Milena.Kafka.Consumer.Internal.Assignment;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>What members of other clients have told one another through real brokers: subscriptions and assignments, as they were recorded.</summary>
public class RecordedMembersTests
{
    private const short Written = 3;

    [Test]
    public void Subscriptions_of_all_recorded_clients_are_read_and_those_of_our_version_written_alike()
    {
        var versions = new HashSet<short>();
        foreach (byte[] bytes in Recorded("JoinGroup", "Protocols", "Metadata"))
        {
            MemberSubscription read = ConsumerProtocol.ReadSubscription("m", null, bytes);
            Assert.That(read.Topics, Is.Not.Empty);
            short version = BinaryPrimitives.ReadInt16BigEndian(bytes);
            versions.Add(version);
            if (version == Written)
            {
                Assert.That(Convert.ToHexString(ConsumerProtocol.WriteSubscription(read).Span), Is.EqualTo(Convert.ToHexString(bytes)));
            }
        }

        Assert.That(versions, Is.SupersetOf(new short[] { 0, 1, Written }), "kafkajs, librdkafka and Java");
    }

    [Test]
    public void Assignments_of_all_recorded_leaders_are_read_and_those_of_our_version_written_alike()
    {
        int assigned = 0;
        foreach (byte[] bytes in Recorded("SyncGroup", "Assignments", "Assignment"))
        {
            MemberAssignment read = ConsumerProtocol.ReadAssignment(bytes);
            assigned += read.Partitions.Count;
            if (BinaryPrimitives.ReadInt16BigEndian(bytes) == Written)
            {
                Assert.That(Convert.ToHexString(ConsumerProtocol.WriteAssignment(read).Span), Is.EqualTo(Convert.ToHexString(bytes)));
            }
        }

        Assert.That(assigned, Is.Positive);
    }

    [Test]
    public void User_data_of_cooperative_members_of_Java_is_read_as_their_generation()
    {
        MemberSubscription[] members = [.. Recorded("JoinGroup", "Protocols", "Metadata", "cooperative-sticky").Select((bytes, i) => ConsumerProtocol.ReadSubscription($"m{i}", null, bytes)).Where(m => m.UserData is { Length: > 0 })];
        Assert.That(members, Is.Not.Empty);
        foreach (MemberSubscription member in members)
        {
            ReadOnlyMemory<byte>? ours = PartitionAssignors.CooperativeSticky.CreateUserData(new PreviousAssignment(member.Topics, member.OwnedPartitions, member.Generation, null));
            Assert.That(Convert.ToHexString(ours!.Value.Span), Is.EqualTo(Convert.ToHexString(member.UserData!.Value.Span)));
        }
    }

    private static IEnumerable<byte[]> Recorded(string api, string list, string field, string? name = null)
    {
        string file = Path.Combine(TestContext.CurrentContext.TestDirectory, "Vectors", "values", $"{api}.jsonl");
        foreach (string line in File.ReadAllLines(file).Where(l => l is not ("" or "-")))
        {
            using JsonDocument frame = JsonDocument.Parse(line);
            if (frame.RootElement.TryGetProperty(list, out JsonElement entries) && entries.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement entry in entries.EnumerateArray().Where(e => e.GetProperty(field).GetString() is { Length: > 0 } && (name is null || e.GetProperty("Name").GetString() == name)))
                {
                    yield return entry.GetProperty(field).GetBytesFromBase64();
                }
            }
        }
    }
}
