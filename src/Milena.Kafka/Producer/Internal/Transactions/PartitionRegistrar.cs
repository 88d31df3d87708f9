using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Enrols partitions before their first batch of a transaction sets out: one request at a time, with all that wait by then. Any thread.</summary>
internal sealed class PartitionRegistrar
{
    private readonly Lock _gate = new();
    private readonly List<PartitionQueue> _waiting = [];
    private readonly OperationDriver _driver;
    private readonly string _id;
    private readonly Action<KafkaException> _refused;
    private readonly CancellationToken _closing;
    private Task _running = Task.CompletedTask;
    private bool _isRunning;

    /// <summary>Makes one.</summary>
    /// <param name="driver">Carries the requests.</param>
    /// <param name="id">The transactional id.</param>
    /// <param name="refused">Told of a partition that cannot be enrolled.</param>
    /// <param name="closing">Set off when the producer has closed.</param>
    public PartitionRegistrar(OperationDriver driver, string id, Action<KafkaException> refused, CancellationToken closing)
    {
        _driver = driver;
        _id = id;
        _refused = refused;
        _closing = closing;
    }

    /// <summary>Enrols a partition; its batches are let go when that is done.</summary>
    public void Add(PartitionQueue queue, ProducerIdentity identity)
    {
        lock (_gate)
        {
            _waiting.Add(queue);
            if (!_isRunning)
            {
                _isRunning = true;
                _running = RunAsync(identity);
            }
        }
    }

    /// <summary>Ends when nothing is being asked. Never fails.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            return _running;
        }
    }

    private async Task RunAsync(ProducerIdentity identity)
    {
        // Records of one burst go to several partitions: what the caller adds meanwhile comes along.
        await Task.Yield();
        while (TakeWaiting() is { Length: > 0 } queues)
        {
            try
            {
                await RegisterAsync(queues, identity).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                // The producer has closed, and with it the batches have ended.
            }
            catch (Exception failure)
            {
                _refused(failure as KafkaException ?? new KafkaException($"Partitions could not be added to the transaction of '{_id}': {failure.Message}", failure));
            }
        }
    }

    private PartitionQueue[] TakeWaiting()
    {
        lock (_gate)
        {
            PartitionQueue[] taken = [.. _waiting];
            _waiting.Clear();
            _isRunning = taken.Length > 0;
            return taken;
        }
    }

    private async Task RegisterAsync(PartitionQueue[] queues, ProducerIdentity identity)
    {
        Dictionary<TopicPartition, Answer<bool>> answers = await _driver
            .RunAsync(new AddPartitionsOperation(_id, identity), [.. queues.Select(q => q.Partition)], null, _closing).ConfigureAwait(false);

        // OPERATION_NOT_ATTEMPTED stands for those that went down with another one, whose reason says more.
        KafkaException? refusal = answers.Values.Select(a => a.Failure).OfType<KafkaException>().MinBy(f => f.Code == Protocol.ErrorCode.OperationNotAttempted);
        if (refusal is not null)
        {
            _refused(refusal);
            return;
        }

        foreach (PartitionQueue queue in queues)
        {
            using (queue.Gate.Enter())
            {
                queue.IsHeld = false;
            }

            queue.Sender?.Wake();
        }
    }
}
