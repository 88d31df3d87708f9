using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests;

internal sealed class IdempotenceTests : ClusterTest
{
    [SetUp]
    public void CreateTopic() => Cluster.CreateTopic(Topic);

    [Test]
    public async Task Each_producer_gets_an_id_of_its_own()
    {
        InitProducerIdResponse first = await Client.SendAsync(new InitProducerIdRequest { TransactionalId = null }, 4, Bound);
        InitProducerIdResponse second = await Client.SendAsync(new InitProducerIdRequest { TransactionalId = null }, 4, Bound);

        Assert.That(first.ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That(second.ProducerId, Is.Not.EqualTo(first.ProducerId));
        Assert.That(second.ProducerEpoch, Is.Zero);
    }

    [Test]
    public async Task A_batch_that_comes_again_is_answered_with_its_first_offset_and_not_stored_twice()
    {
        for (int sequence = 0; sequence < 5; sequence++)
        {
            await AppendAsync(0, sequence);
        }

        ProduceResponse.PartitionProduceResponse again = await AppendAsync(0, 0);

        Assert.That(again.ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That(again.BaseOffset, Is.Zero);
        Assert.That(Cluster.EndOffset(Topic, 0), Is.EqualTo(5));
    }

    [Test]
    public async Task Only_the_last_five_batches_are_remembered()
    {
        for (int sequence = 0; sequence < 6; sequence++)
        {
            await AppendAsync(0, sequence);
        }

        Assert.That((await AppendAsync(0, 0)).ErrorCode, Is.EqualTo(ErrorCode.OutOfOrderSequenceNumber));
        Assert.That((await AppendAsync(0, 1)).BaseOffset, Is.EqualTo(1));
    }

    [Test]
    public async Task A_gap_in_the_sequence_is_out_of_order()
    {
        await AppendAsync(0, 0);

        Assert.That((await AppendAsync(0, 2)).ErrorCode, Is.EqualTo(ErrorCode.OutOfOrderSequenceNumber));
        Assert.That((await AppendAsync(0, 1)).ErrorCode, Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task Of_an_unknown_producer_any_sequence_is_taken()
    {
        Assert.That((await AppendAsync(3, 17)).ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That((await AppendAsync(3, 18)).ErrorCode, Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task A_new_epoch_begins_with_sequence_zero_and_ends_the_old_one()
    {
        await AppendAsync(0, 0);

        Assert.That((await AppendAsync(1, 1)).ErrorCode, Is.EqualTo(ErrorCode.OutOfOrderSequenceNumber));
        Assert.That((await AppendAsync(1, 0)).ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That((await AppendAsync(0, 1)).ErrorCode, Is.EqualTo(ErrorCode.InvalidProducerEpoch));
    }

    [Test]
    public async Task After_the_highest_sequence_comes_zero()
    {
        await AppendAsync(0, int.MaxValue);

        Assert.That((await AppendAsync(0, 0)).ErrorCode, Is.EqualTo(ErrorCode.None));

        BatchProducer wrapping = new(8, 0, int.MaxValue);
        await Client.ProduceAsync(Batch(wrapping, "a", "b"), Bound);
        Assert.That((await Client.ProduceAsync(Batch(wrapping with { BaseSequence = 1 }, "c"), Bound)).ErrorCode, Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task An_empty_transactional_id_is_none()
    {
        InitProducerIdResponse answer = await Client.SendAsync(new InitProducerIdRequest { TransactionalId = "", TransactionTimeoutMs = 1000 }, 4, Bound);

        Assert.That(answer.ErrorCode, Is.EqualTo(ErrorCode.InvalidRequest));
    }

    private Task<ProduceResponse.PartitionProduceResponse> AppendAsync(short epoch, int sequence) =>
        Client.ProduceAsync(Batch(new BatchProducer(7, epoch, sequence), "v"), Bound);
}
