namespace Milena.Kafka.Producer.Internal;

/// <summary>The records of one call of <c>ProduceManyAsync</c>: accepted one after the other, then waited for together. Used by one caller.</summary>
internal sealed class RecordGroup<TKey, TValue>
{
    private readonly RecordIntake<TKey, TValue> _intake;
    private readonly List<(AcceptedRecord Accepted, Exception? Refusal)> _records;
    private readonly CancellationToken _cancellationToken;
    private Dictionary<string, Exception>? _stuckTopics;

    public RecordGroup(RecordIntake<TKey, TValue> intake, int expected, CancellationToken cancellationToken)
    {
        _intake = intake;
        _records = new List<(AcceptedRecord, Exception?)>(expected);
        _cancellationToken = cancellationToken;
    }

    /// <summary>Accepts the next record, or notes why it was refused.</summary>
    public ValueTask AddAsync(in ProducerRecord<TKey, TValue> record)
    {
        if (_stuckTopics is not null && record.Topic is not null && _stuckTopics.TryGetValue(record.Topic, out Exception? stuck))
        {
            // Waiting for MaxBlock once is enough: behind it the wait would be the same, and a later record must not overtake.
            _records.Add((default, stuck));
            return default;
        }

        ValueTask<AcceptedRecord> accepting = _intake.AcceptAsync(in record, isAwaited: true, _cancellationToken);
        if (!accepting.IsCompletedSuccessfully)
        {
            return AddAsync(accepting, record.Topic);
        }

        _records.Add((accepting.Result, null));
        return default;
    }

    /// <summary>Waits until all that was accepted has ended, well or not.</summary>
    public async ValueTask<RecordOutcome[]> WaitAsync()
    {
        foreach ((AcceptedRecord accepted, Exception? refusal) in _records)
        {
            if (refusal is not null || accepted.IsEnded)
            {
                continue;
            }

            // All records of a batch end at once, so that there is one wait for each batch.
            Task ended = CancellableDelivery.WaitAsync(in accepted, _cancellationToken).AsTask();
            await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCanceled)
            {
                throw new OperationCanceledException("Records that were accepted are delivered all the same.", _cancellationToken);
            }
        }

        return Read();
    }

    private static bool ConcernsTopic(Exception refusal) =>
        refusal is KafkaException and not (RecordTooLargeException or SerializationException or UnknownPartitionException);

    private async ValueTask AddAsync(ValueTask<AcceptedRecord> accepting, string? topic)
    {
        try
        {
            _records.Add((await accepting.ConfigureAwait(false), null));
        }
        catch (OperationCanceledException) when (_cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception refusal)
        {
            _records.Add((default, refusal));
            if (topic is not null && ConcernsTopic(refusal))
            {
                (_stuckTopics ??= new Dictionary<string, Exception>(StringComparer.Ordinal))[topic] = refusal;
            }
        }
    }

    private RecordOutcome[] Read()
    {
        var outcomes = new RecordOutcome[_records.Count];
        DeliveryFault? known = null;
        DeliveryException? shared = null;
        for (int i = 0; i < outcomes.Length; i++)
        {
            (AcceptedRecord accepted, Exception? refusal) = _records[i];
            if (refusal is not null)
            {
                outcomes[i] = new RecordOutcome(refusal);
            }
            else if (accepted.ReadOutcome(out DeliveryResult result) is not { } fault)
            {
                outcomes[i] = new RecordOutcome(result);
            }
            else
            {
                shared = ReferenceEquals(fault, known) ? shared : fault.ToException();
                known = fault;
                outcomes[i] = new RecordOutcome(shared!);
            }
        }

        return outcomes;
    }
}
