using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>What an answer about a partition means, by itself.</summary>
public class FetchVerdictTests
{
    [Test]
    public void Whole_batches_are_read_and_the_next_offset_is_behind_them() =>
        Assert.That(Of(Batch(3)), Is.EqualTo(new FetchVerdict(FetchAction.Read, 3, -1)));

    [Test]
    public void Nothing_is_no_news() => Assert.That(Of(default), Is.EqualTo(new FetchVerdict(FetchAction.None, 0, -1)));

    [Test]
    public void A_batch_that_is_cut_off_is_asked_for_again() => Assert.That(Of(Batch(3).AsMemory(0, 70)).Action, Is.EqualTo(FetchAction.AskAgain));

    [Test]
    public void A_damaged_head_goes_to_the_reader_who_reports_it()
    {
        byte[] damaged = Batch(3);
        damaged[16] = 9;

        Assert.That(Of(damaged), Is.EqualTo(new FetchVerdict(FetchAction.Read, 0, -1)));
    }

    [Test]
    public void A_diverging_epoch_counts_before_records()
    {
        FetchResponse.PartitionData answer = Answer(Batch(3));
        answer.DivergingEpoch = new() { Epoch = 2, EndOffset = 7 };

        Assert.That(FetchVerdict.Of(answer, 10), Is.EqualTo(new FetchVerdict(FetchAction.CutBack, 7, -1)));
    }

    [TestCase(ErrorCode.OffsetOutOfRange, ExpectedResult = "OutOfRange")]
    [TestCase(ErrorCode.NotLeaderOrFollower, ExpectedResult = "RefreshMetadata")]
    [TestCase(ErrorCode.TopicAuthorizationFailed, ExpectedResult = "Fail")]
    [TestCase(ErrorCode.UnknownServerError, ExpectedResult = "Retry")]
    public string An_error_counts_before_everything(ErrorCode error)
    {
        FetchResponse.PartitionData answer = Answer(Batch(3));
        answer.ErrorCode = error;
        return FetchVerdict.Of(answer, 0).Action.ToString();
    }

    private static FetchVerdict Of(ReadOnlyMemory<byte> records) => FetchVerdict.Of(Answer(records), 0);

    private static FetchResponse.PartitionData Answer(ReadOnlyMemory<byte> records) => new() { Records = records };

    private static byte[] Batch(int count)
    {
        var writer = new RecordBatchWriter(new byte[4096]);
        for (int i = 0; i < count; i++)
        {
            writer.TryAppend(1000, default, new byte[10]);
        }

        return writer.Close(RecordBatchFlags.None, BatchProducer.None).ToArray();
    }
}
