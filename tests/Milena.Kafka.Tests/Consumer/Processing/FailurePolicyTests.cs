using System.Text;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Consumer.Internal.Processing;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Tests.Consumer.Processing;

/// <summary>What is next for a record whose handler failed, and what its headers say.</summary>
public class FailurePolicyTests
{
    [Test]
    public void Policies_nest()
    {
        FailurePolicy policy = FailurePolicy.Retry(
            2,
            TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(1.5),
            FailurePolicy.RetryTopic("soon", 1, TimeSpan.FromMinutes(1), FailurePolicy.RetryTopic("late", 2, TimeSpan.FromHours(1), FailurePolicy.DeadLetter("dead"))));
        string Next(int runs, int sent)
        {
            FailureDecision next = policy.Decide(runs, sent);
            return $"{next.Action} {next.Topic} {next.Pause.TotalSeconds}";
        }

        Assert.That(Next(1, 0), Is.EqualTo("RunAgain  1"));
        Assert.That(Next(2, 0), Is.EqualTo("RunAgain  1.5"));
        Assert.That(Next(3, 0), Is.EqualTo("RetryTopic soon 60"));
        Assert.That(Next(3, 1), Is.EqualTo("RetryTopic late 3600"));
        Assert.That(Next(3, 2), Is.EqualTo("RetryTopic late 3600"));
        Assert.That(Next(3, 3), Is.EqualTo("DeadLetter dead 0"));
        Assert.That(policy.MayForward);
        Assert.That(FailurePolicy.Retry(1, TimeSpan.Zero).Decide(2, 0).Action, Is.EqualTo(FailureAction.Stop));
    }

    [Test]
    public void A_record_that_moves_on_keeps_its_origin_and_tells_the_last_failure()
    {
        RecordHeaders own = Read([new RecordHeader("mine", "x"u8.ToArray())]);
        List<RecordHeader> first = FailureNote.Write(own, new FailedPlace(new("orders", 3), 42, 1234), new FormatException("bad"), "billing", null, new RetryDue(1, 99));
        RecordHeaders retried = Read([.. first]);
        Assert.That(FailureNote.Read(retried), Is.EqualTo(new RetryDue(1, 99)));

        List<RecordHeader> second = FailureNote.Write(retried, new FailedPlace(new("orders.retry", 0), 7, 5678), new InvalidOperationException("worse"), "billing", RecordPart.Value, null);

        Assert.That(second.Select(h => $"{h.Key}={Encoding.UTF8.GetString(h.Value.Span)}"), Is.EqualTo(new[]
        {
            "mine=x",
            "__milena.errors.topic=orders",
            "__milena.errors.partition=3",
            "__milena.errors.offset=42",
            "__milena.errors.timestamp=1234",
            "__milena.errors.group=billing",
            "__milena.errors.part=value",
            "__milena.errors.exception.class.name=System.InvalidOperationException",
            "__milena.errors.exception.message=worse",
        }));
    }

    [Test]
    public void Headers_that_are_no_numbers_say_nothing()
    {
        RecordHeaders odd = Read([new RecordHeader(FailureHeaders.Attempt, "many"u8.ToArray()), new RecordHeader(FailureHeaders.Due, (byte[]?)null)]);

        Assert.That(FailureNote.Read(odd), Is.EqualTo(default(RetryDue)));
    }

    private static RecordHeaders Read(RecordHeader[] headers)
    {
        var writer = new RecordBatchWriter(new byte[4096]);
        writer.TryAppend(0, "k"u8.ToArray(), "v"u8.ToArray(), headers);
        byte[] bytes = writer.Close(RecordBatchFlags.None, BatchProducer.None, null).ToArray();
        foreach (RecordBatch batch in new RecordBatches(bytes))
        {
            using BatchRecords records = batch.OpenRecords();
            foreach (ref readonly Record record in records)
            {
                return record.Headers.ToOwned();
            }
        }

        throw new InvalidOperationException("No record.");
    }
}
