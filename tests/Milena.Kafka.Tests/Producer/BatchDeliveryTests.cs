using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Producer;

public class BatchDeliveryTests
{
    private static readonly TopicPartition Partition = new("t", 0);

    [Test]
    public void Each_record_of_a_split_batch_has_the_outcome_of_its_part_in_whatever_order_they_end([Values] bool lastFirst)
    {
        var delivery = new BatchDelivery(Partition);
        ValueTask<DeliveryResult>[] records = [.. Enumerable.Range(0, 4).Select(_ => new ValueTask<DeliveryResult>(delivery, delivery.Add(1, isAwaited: true)))];
        (int First, DeliveryOutcome Outcome)[] parts =
        [
            (0, new DeliveryOutcome(40, -1, null)),
            (2, DeliveryOutcome.Failed(new DeliveryFault(Partition, DeliveryStatus.NotStored, ErrorCode.TopicAuthorizationFailed, "refused", null))),
        ];

        foreach ((int first, DeliveryOutcome outcome) in lastFirst ? parts.Reverse() : parts)
        {
            delivery.End(first, 2, outcome);
        }

        Assert.That(records[..2].Select(r => r.Result.Offset), Is.EqualTo(new[] { 40, 41 }));
        Assert.That(records[2..].Select(r => r.IsFaulted), Is.All.True);
    }
}
