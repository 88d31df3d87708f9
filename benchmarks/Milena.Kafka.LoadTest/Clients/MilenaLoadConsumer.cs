using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.LoadTest.Clients;

/// <summary>This client's consumer.</summary>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <typeparam name="TLength">Says how long they are.</typeparam>
internal sealed class MilenaLoadConsumer<TValue, TLength> : ILoadConsumer
    where TLength : ILength<TValue>
{
    private readonly KafkaClient _kafka;
    private readonly Consumer<string?, TValue> _consumer;
    private readonly ConsumeMode _mode;
    private IAsyncEnumerator<ConsumeResult<string?, TValue>>? _records;
    private IAsyncEnumerator<ConsumeBatch<string?, TValue>>? _batches;
    private long _bytes;

    private MilenaLoadConsumer(LoadSettings settings, LoadTarget target, IDeserializer<TValue>? deserializer)
    {
        var options = new ConsumerOptions();
        options.FetchMaxWait = settings.IsLone ? options.FetchMaxWait : settings.FetchMaxWait;
        if (settings.GroupProtocol is { } protocol)
        {
            options.GroupId = settings.NewGroupId();
            options.GroupProtocol = protocol;
            options.Topics.Add(settings.Topic);
        }

        _kafka = new KafkaClient(target.Options());
        _consumer = _kafka.CreateConsumer<string?, TValue>(options, valueDeserializer: deserializer);
        _mode = settings.Mode;
    }

    public static async Task<ILoadConsumer> OpenAsync(LoadSettings settings, LoadTarget target, IDeserializer<TValue>? deserializer = null)
    {
        var consumer = new MilenaLoadConsumer<TValue, TLength>(settings, target, deserializer);
        if (settings.GroupProtocol is null)
        {
            await consumer._consumer.AssignTopicAsync(settings.Topic, StartPosition.Beginning);
        }

        return consumer;
    }

    public Task<long> ConsumeAsync(long records) => _mode == ConsumeMode.Records ? ConsumeRecordsAsync(records) : ConsumeBatchesAsync(records);

    public void Rewind()
    {
        foreach (TopicPartition partition in _consumer.Assignment)
        {
            _consumer.Seek(partition, StartPosition.Beginning);
        }
    }

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
            _bytes += TLength.Of(_records.Current.Value);
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

    private long WalkRaw(ConsumeBatch<string?, TValue> batch)
    {
        long count = 0;
        foreach (ref readonly Record record in batch.Records)
        {
            _bytes += record.ValueSpan.Length;
            count++;
        }

        return count;
    }

    private long WalkTyped(ConsumeBatch<string?, TValue> batch)
    {
        long count = 0;
        foreach (ConsumeResult<string?, TValue> record in batch)
        {
            _bytes += TLength.Of(record.Value);
            count++;
        }

        return count;
    }
}
