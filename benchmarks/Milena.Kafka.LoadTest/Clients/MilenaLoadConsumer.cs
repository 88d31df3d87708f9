using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.LoadTest.Clients;

/// <summary>This client's consumer of all partitions of a topic, from their beginning.</summary>
internal sealed class MilenaLoadConsumer : ILoadConsumer
{
    private readonly KafkaClient _kafka;
    private readonly Consumer<byte[]?, byte[]> _consumer;
    private readonly ConsumeMode _mode;
    private IAsyncEnumerator<ConsumeResult<byte[]?, byte[]>>? _records;
    private IAsyncEnumerator<ConsumeBatch<byte[]?, byte[]>>? _batches;
    private long _bytes;

    private MilenaLoadConsumer(LoadSettings settings, LoadTarget target)
    {
        _kafka = new KafkaClient(target.Options());
        _consumer = _kafka.CreateConsumer<byte[]?, byte[]>();
        _mode = settings.Mode;
    }

    public static async Task<MilenaLoadConsumer> OpenAsync(LoadSettings settings, LoadTarget target)
    {
        var consumer = new MilenaLoadConsumer(settings, target);
        await consumer._consumer.AssignTopicAsync(settings.Topic, StartPosition.Beginning);
        return consumer;
    }

    public Task<long> ConsumeAsync(long records) => _mode == ConsumeMode.Records ? ConsumeRecordsAsync(records) : ConsumeBatchesAsync(records);

    public async ValueTask DisposeAsync()
    {
        if (_records is not null)
        {
            await _records.DisposeAsync();
        }

        if (_batches is not null)
        {
            await _batches.DisposeAsync();
        }

        await _consumer.DisposeAsync();
        await _kafka.DisposeAsync();
    }

    private async Task<long> ConsumeRecordsAsync(long records)
    {
        _records ??= _consumer.ConsumeAsync().GetAsyncEnumerator();
        long consumed = 0;
        while (consumed < records && await _records.MoveNextAsync())
        {
            _bytes += _records.Current.Value.Length;
            consumed++;
        }

        return consumed;
    }

    private async Task<long> ConsumeBatchesAsync(long records)
    {
        _batches ??= _consumer.ConsumeBatchesAsync().GetAsyncEnumerator();
        long consumed = 0;
        while (consumed < records && await _batches.MoveNextAsync())
        {
            consumed += _mode == ConsumeMode.Raw ? WalkRaw(_batches.Current) : WalkTyped(_batches.Current);
        }

        return consumed;
    }

    private long WalkRaw(ConsumeBatch<byte[]?, byte[]> batch)
    {
        long count = 0;
        foreach (ref readonly Record record in batch.Records)
        {
            _bytes += record.ValueSpan.Length;
            count++;
        }

        return count;
    }

    private long WalkTyped(ConsumeBatch<byte[]?, byte[]> batch)
    {
        long count = 0;
        foreach (ConsumeResult<byte[]?, byte[]> record in batch)
        {
            _bytes += record.Value.Length;
            count++;
        }

        return count;
    }
}
