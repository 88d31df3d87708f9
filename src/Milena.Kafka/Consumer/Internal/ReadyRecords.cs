namespace Milena.Kafka.Consumer.Internal;

/// <summary>What waits for the reader: records, oldest first, and what it has to be told. Decides only; guarded by the lock of the <see cref="FetchState"/>.</summary>
internal sealed class ReadyRecords
{
    private readonly LinkedList<FetchedRecords> _records = new();
    private readonly Queue<(PartitionClaim Claim, KafkaException Fault)> _faults = new();
    private readonly Queue<Exception> _news = new();
    private Exception? _end;

    /// <summary>Takes over what a fetch brought.</summary>
    /// <returns>False if nothing is read any more.</returns>
    public bool TryAdd(FetchedRecords records)
    {
        if (_end is null)
        {
            _records.AddLast(records);
        }

        return _end is null;
    }

    /// <summary>Takes back what the reader had; it is the next to be taken.</summary>
    /// <returns>False if it is not wanted any more.</returns>
    public bool TryPutBack(FetchedRecords records)
    {
        bool isWanted = !records.IsStale && _end is null;
        if (isWanted)
        {
            _records.AddFirst(records);
        }

        return isWanted;
    }

    /// <summary>The records that have been ready longest, without those that are held back; null if there are none.</summary>
    public FetchedRecords? Take()
    {
        LinkedListNode<FetchedRecords>? node = _records.First;
        while (node is not null && node.Value.State.IsHeldBack)
        {
            node = node.Next;
        }

        if (node is not null)
        {
            _records.Remove(node);
        }

        return node?.Value;
    }

    /// <summary>Lets go of records whose position has moved elsewhere.</summary>
    public void DropStale()
    {
        for (LinkedListNode<FetchedRecords>? node = _records.First; node is not null;)
        {
            LinkedListNode<FetchedRecords>? next = node.Next;
            if (node.Value.IsStale)
            {
                _records.Remove(node);
                node.Value.Release();
            }

            node = next;
        }
    }

    /// <summary>Tells the reader something, once.</summary>
    public void Tell(Exception news) => _news.Enqueue(news);

    /// <summary>Tells the reader why a partition has stopped, unless it moves before; that it is only interrupted does not set it going again.</summary>
    public void Tell(PartitionState state, KafkaException fault) => _faults.Enqueue((new PartitionClaim(state, state.Generation), fault));

    /// <summary>Nothing more will come.</summary>
    public void End(Exception reason)
    {
        _end ??= reason;
        foreach (FetchedRecords records in _records)
        {
            records.Release();
        }

        _records.Clear();
    }

    /// <summary>What the reader has to be told next; null for nothing. Failures that moves of the position have made void are left out.</summary>
    public Exception? NextToTell()
    {
        if (_end is not null)
        {
            return _end is ObjectDisposedException
                ? new ObjectDisposedException(nameof(KafkaClient), "The consumer, or the client that made it, was disposed.")
                : new KafkaException(_end.Message, _end);
        }

        if (_news.TryDequeue(out Exception? news))
        {
            return news;
        }

        while (_faults.TryDequeue(out (PartitionClaim Claim, KafkaException Fault) next))
        {
            if (!next.Claim.IsVoid)
            {
                return next.Fault;
            }
        }

        return null;
    }
}
